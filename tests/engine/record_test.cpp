#include "engine/record.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "support/environment.hpp"
#include "support/experiments.hpp"
#include "support/saved_file.hpp"

using namespace synfire;
using namespace synfire::testing;

TEST_CASE("what was recorded before a run fails is kept, to the last digit") {
    for (const std::string format : {"csv", "hdf5"}) {
        CAPTURE(format);
        const Experiment e = experiment({
            {"network",
             {{"populations",
               {{{"name", "n"},
                 {"size", 1},
                 {"neuron", "iaf_psc_exp"},
                 {"parameters", {{"I_e", 200}, {"V_th", 1000}}}},
                {{"name", "s"},
                 {"size", 1},
                 {"neuron", "spike_source"},
                 {"events", nlohmann::json::parse("[[3, 0], [90, 0]]")}}}}}},
            {"record",
             {{"format", format},
              {"spikes", {"s"}},
              {"state", {{{"population", "n"}, {"variable", "V_m"}}}}}},
        });
        const std::string folder = scratch_folder();
        std::vector<double> seen;
        auto run = [&] {
            const Network network(e.network, e.seed);
            Simulation simulation(network);
            Recorder recorder(e.record, network, folder);
            SimulationHooks hooks;
            hooks.reads_state = true;
            hooks.next_tick = [&](std::int64_t tick) { return recorder.next_tick(tick); };
            hooks.visited = [&](const Simulation& at, std::int64_t tick) {
                if (tick == 50) throw std::runtime_error("a neuron failed");
                recorder.record(at, tick);
                std::vector<double> values;
                at.read(0, static_cast<std::size_t>(at.find_variable(0, "V_m")), values);
                seen.push_back(values.at(0));
            };
            simulation.run(nullptr, 100, hooks);
        };
        CHECK_THROWS_WITH(run(), "a neuron failed");
        REQUIRE(seen.size() == 50);
        std::vector<double> kept;
        if (format == "csv") {
            std::ifstream file(folder + "/state-n-V_m.csv");
            std::string line;
            REQUIRE(std::getline(file, line));
            CHECK(line == "tick,0");
            while (std::getline(file, line)) {
                CHECK(std::stoul(line) == kept.size());
                kept.push_back(std::stod(line.substr(line.find(',') + 1)));
            }
            std::stringstream spikes;
            spikes << std::ifstream(folder + "/spikes-s.csv").rdbuf();
            CHECK(spikes.str() == "tick,neuron\n3,0\n");
        } else {
            const SavedFile file = SavedFile::open(folder + "/record.h5");
            kept = file.read<double>("/state/n/V_m/values");
            CHECK(file.read<std::uint64_t>("/spikes/s/tick") == std::vector<std::uint64_t>{3});
        }
        CHECK(kept == seen);
    }
}

TEST_CASE("what never happens has an empty file") {
    const Experiment e = experiment(nlohmann::json::parse(R"({
        "network": {"populations": [{"name": "s", "size": 2, "neuron": "spike_source", "events": []},
                                    {"name": "n", "size": 3, "neuron": "lif"}]},
        "record": {"spikes": ["s", "n"], "state": [{"population": "n", "variable": "u"}]}})"));
    const std::string folder = scratch_folder();
    const Network network(e.network, e.seed);
    Recorder(e.record, network, folder).close();
    const SavedFile file = SavedFile::open(folder + "/record.h5");
    CHECK(file.shape("/spikes/s/tick") == std::vector<std::uint64_t>{0});
    CHECK(file.shape("/spikes/n/neuron") == std::vector<std::uint64_t>{0});
    CHECK(file.shape("/state/n/u/values") == std::vector<std::uint64_t>{0, 3});
}
