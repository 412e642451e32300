#include "support/experiments.hpp"

#include <doctest/doctest.h>

#include "base/random.hpp"
#include "formats.hpp"
#include "json/document.hpp"
#include "support/environment.hpp"

namespace synfire::testing {

using json = nlohmann::json;

Experiment experiment(const json& value) {
    try {
        return read_experiment(Document::from_text(value.dump(2), "test.json"), plugins(),
                               input_formats());
    } catch (const InputError& error) {
        FAIL(error.what());
        throw;
    }
}

std::string problems_of(const json& value) {
    try {
        read_experiment(Document::from_text(value.dump(2), "test.json"), plugins(),
                        input_formats());
        return "";
    } catch (const InputError& error) {
        return error.what();
    }
}

NetworkDescription network(const json& value) {
    json completed = value;
    Problems problems;
    check_and_complete(network_form(plugins()), completed, "/network", problems);
    if (problems.empty()) {
        NetworkDescription network = read_network(completed, plugins(), "/network", problems);
        if (problems.empty()) return network;
    }
    FAIL(InputError(problems).what());
    throw InputError(problems);
}

json small_experiment() {
    return json::parse(R"({
        "seed": 3,
        "network": {
            "populations": [
                {"name": "in", "size": 6, "neuron": "input"},
                {"name": "hidden", "size": 8, "neuron": "lif",
                 "parameters": {"leak": 2, "psi": "triangular_0.3"}},
                {"name": "out", "size": 3, "neuron": "leaky_readout"}
            ],
            "projections": [
                {"source": "in", "target": "hidden", "bias": true, "standardise": true},
                {"source": "hidden", "target": "hidden", "delay_ticks": 1, "standardise": true},
                {"source": "hidden", "target": "out", "bias": true}
            ]
        },
        "input": {"format": "spikes", "population": "in", "ticks": 20, "events": [[0, 1], [3, 2]]},
        "training": {
            "rule": "stllr", "readout": "out", "epochs": 4, "batch": 10, "window_ticks": 15,
            "optimiser": {"type": "adam", "rate": 0.01, "schedule": "cosine"},
            "augmentation": {"drop_probability": 0.1, "shift_ticks": 1, "jitter_units": 1}
        }
    })");
}

EventSet random_recordings(std::size_t count, std::uint32_t units, std::uint32_t ticks,
                           std::uint64_t seed) {
    EventSet set;
    set.units = units;
    set.ticks = ticks;
    for (std::size_t i = 0; i < count; ++i) {
        Random random(seed, Stream::scene, static_cast<std::uint32_t>(i), 0);
        std::vector<std::uint32_t> keys;
        for (std::uint32_t key = 0; key < units * ticks; ++key)
            if (random.uniform() < 0.3f) keys.push_back(key);
        set.add(keys, static_cast<std::uint32_t>(i % 3));
    }
    return set;
}

}  // namespace synfire::testing
