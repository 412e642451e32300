// Event-driven equals clock-driven, and looking changes nothing: random networks of every
// registered neuron, with random parameters, weights, delays, refractoriness, bursts and constant
// currents, are run with "integration" of "event" and "tick", recorded and not, and on 1, 2 and 4
// threads.
//
// "event" and "tick" round differently, so a neuron that comes within rounding of its threshold may
// fire in one and not in the other. Where small changes of all weights and parameters change a
// spike of the "tick" run, the network is set aside; few may be.
//
// $SYNFIRE_PROPERTY_NETWORKS is how many networks are tried, $SYNFIRE_PLUGIN_PATH has more plugins.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

#include "base/random.hpp"
#include "engine/simulation.hpp"
#include "formats.hpp"
#include "json/document.hpp"
#include "learning/experiment.hpp"
#include "plugins/registry.hpp"
#include "support/environment.hpp"

using namespace synfire;
using json = nlohmann::json;

namespace {

constexpr std::int64_t ticks = 300;
constexpr std::uint32_t seed = 20260101;

const PluginRegistry& all_plugins() {
    static const PluginRegistry registry = [] {
        std::vector<std::filesystem::path> folders = {SYNFIRE_PLUGIN_FOLDER};
        if (const char* more = std::getenv("SYNFIRE_PLUGIN_PATH"))
            for (std::stringstream list(more); list.good();) {
                std::string folder;
                std::getline(list, folder, ':');
                if (!folder.empty()) folders.emplace_back(folder);
            }
        return PluginRegistry(folders);
    }();
    return registry;
}

std::size_t networks_wanted() {
    const char* wanted = std::getenv("SYNFIRE_PROPERTY_NETWORKS");
    return wanted ? static_cast<std::size_t>(std::atoi(wanted)) : 2000;
}

// Numbers of one random network.
class Dice {
  public:
    explicit Dice(std::uint32_t number) : random_(seed, Stream::scene, number, 1) {}
    double uniform(double low, double high) { return low + (high - low) * random_.uniform(); }
    // Of any size between two, evenly in the logarithm.
    double size(double low, double high) {
        return std::exp(uniform(std::log(low), std::log(high)));
    }
    bool chance(double p) { return random_.uniform() < p; }
    std::uint32_t below(std::uint32_t n) { return random_.below(n); }

  private:
    Random random_;
};

// A value that the descriptor allows: the default, near it, or far from it.
json random_value(Dice& dice, const synfire_parameter& p) {
    if (p.type == SYNFIRE_BOOLEAN) return dice.chance(0.5);
    if (p.type == SYNFIRE_CHOICE) return p.choices[dice.below(p.choice_count)];
    double value = p.default_value;
    if (dice.chance(0.4)) {
        if (value != 0)
            value *= dice.chance(0.5) ? dice.uniform(0.7, 1.4) : dice.size(0.05, 20);
        else
            value = (dice.chance(0.5) ? 1 : -1) * dice.size(1e-2, 1e4);
    }
    const double low = std::isfinite(p.min) ? p.min : -1e9,
                 high = std::isfinite(p.max) ? p.max : 1e9;
    if (value < low || value > high) value = p.default_value;
    if (p.type == SYNFIRE_INTEGER) return static_cast<std::int64_t>(std::round(value));
    return value;
}

// Sources with random spikes and bursts, one or two populations, projections of several kinds.
json random_network(Dice& dice, const NeuronModel& model, bool large) {
    const synfire_description& d = *model.table->description;
    json network = {{"dt_ms", dice.chance(0.5) ? 0.1 : 1.0}};
    const std::uint32_t inputs = 1 + dice.below(5);
    const std::uint32_t cells = large ? 1100 : 1 + dice.below(12);
    json events = json::array();
    for (std::uint32_t i = 0; i < inputs; ++i) {
        const double rate = dice.size(0.003, 0.5);
        for (std::int64_t t = 0; t < ticks; ++t) {
            if (!dice.chance(rate)) continue;
            const std::int64_t burst = dice.chance(0.1) ? 1 + dice.below(6) : 1;
            for (std::int64_t b = 0; b < burst && t < ticks; ++b, ++t) events.push_back({t, i});
        }
    }
    if (dice.chance(0.1)) events = json::array();  // nothing but currents
    network["populations"] = {
        {{"name", "source"}, {"size", inputs}, {"neuron", "spike_source"}, {"events", events}}};
    network["projections"] = json::array();
    const std::uint32_t layers = model.spikes() ? 1 + dice.below(2) : 1;
    const double scale = dice.size(1e-2, 1e3);
    auto connect = [&](const std::string& from, const std::string& to, std::uint32_t sources,
                       bool spread) {
        const double sign = dice.chance(0.7) ? 1 : -1;
        json p = {{"source", from},
                  {"target", to},
                  {"name", fmt::format("p{}", network["projections"].size())},
                  {"topology", "sparse"},
                  {"in_degree", 1 + dice.below(std::min(sources, 3u))},
                  {"delay_ticks", 1 + dice.below(20)}};
        if (spread)
            p["weights"] = {{"distribution", "uniform"},
                            {"low", sign > 0 ? 0.2 * scale : -scale},
                            {"high", sign > 0 ? scale : -0.2 * scale}};
        else
            p["weights"] = {{"distribution", "constant"},
                            {"value", sign * scale * dice.size(0.3, 3)}};
        network["projections"].push_back(p);
    };
    for (std::uint32_t layer = 0; layer < layers; ++layer) {
        json parameters = json::object();
        for (std::uint32_t k = 0; k < d.parameter_count; ++k)  // nobody asks for Psi here
            if (const std::string_view parameter = d.parameters[k].name;
                !parameter.starts_with("psi"))
                parameters[parameter] = random_value(dice, d.parameters[k]);
        const std::string name = fmt::format("cells{}", layer);
        network["populations"].push_back({{"name", name},
                                          {"size", cells},
                                          {"neuron", std::string(model.id())},
                                          {"parameters", parameters}});
        const std::string before = layer == 0 ? "source" : fmt::format("cells{}", layer - 1);
        connect(before, name, layer == 0 ? inputs : cells, dice.chance(0.5));
        if (dice.chance(0.3)) connect("source", name, inputs, false);
        if (model.spikes() && cells > 1 && dice.chance(0.3)) connect(name, name, cells, false);
    }
    return network;
}

struct Course {
    std::vector<std::tuple<std::int64_t, std::uint32_t, std::uint32_t>> spikes;
    // By tick looked at, population, variable and neuron.
    std::vector<double> state;
    bool operator==(const Course&) const = default;
};

struct Way {
    const char* integration = "tick";
    bool looks = false;
    unsigned threads = 1;
    double change = 0;  // of all weights and parameters, relative
};

// A number, changed a little: another one each time.
double nudged(double value, double change, std::uint32_t& count) {
    return value * (1 + change * ((++count * 2654435761u >> 16) % 2 ? 1 : -1));
}

json changed(json network, const Way& way, const NeuronModel& model) {
    std::uint32_t count = static_cast<std::uint32_t>(way.change > 0);
    for (json& p : network["populations"]) {
        if (p["neuron"] == "spike_source") continue;
        p["integration"] = way.integration;
        if (way.change == 0) continue;
        const synfire_description& d = *model.table->description;
        for (std::uint32_t k = 0; k < d.parameter_count; ++k)
            if (d.parameters[k].type == SYNFIRE_REAL &&
                p["parameters"].contains(d.parameters[k].name)) {
                json& value = p["parameters"][d.parameters[k].name];
                const double next = nudged(value, way.change, count);
                if (next >= d.parameters[k].min && next <= d.parameters[k].max) value = next;
            }
    }
    if (way.change != 0)
        for (json& p : network["projections"])
            for (const char* name : {"value", "low", "high"})
                if (p["weights"].contains(name))
                    p["weights"][name] = nudged(p["weights"][name], way.change, count);
    return network;
}

Course run(const json& network, const NeuronModel& model, const Way& way) {
    const json experiment = {{"network", changed(network, way, model)}};
    const Experiment e = read_experiment(Document::from_text(experiment.dump(), "random"),
                                         all_plugins(), input_formats());
    const Network net(e.network, 1);
    Simulation simulation(net, 1, way.threads);
    Course course;
    SimulationHooks hooks;
    hooks.reads_state = way.looks;
    auto looked_at = [&](std::int64_t tick) { return tick % 7 == 3; };
    if (way.looks) hooks.next_tick = [](std::int64_t tick) { return (tick + 4) / 7 * 7 + 3; };
    hooks.visited = [&](const Simulation& at, std::int64_t tick) {
        for (std::uint32_t p = 1; p < net.populations().size(); ++p) {
            for (const std::uint32_t i : at.spikes(p)) course.spikes.emplace_back(tick, p, i);
            if (!way.looks || !looked_at(tick)) continue;
            const auto& d = *net.populations()[p].description.model->table->description;
            for (std::uint32_t v = 0; v < d.variable_count; ++v) {
                std::vector<double> values;
                at.read(p, v, values);
                course.state.insert(course.state.end(), values.begin(), values.end());
            }
        }
    };
    simulation.run(nullptr, ticks, hooks);
    return course;
}

// How far the states of two courses are apart, relative to the largest of each variable's.
double distance(const Course& a, const Course& b, const json& network, std::uint32_t variables) {
    if (a.state.size() != b.state.size()) return INFINITY;
    const std::size_t populations = network["populations"].size() - 1;
    const std::size_t cells = network["populations"][1]["size"];
    std::vector<double> largest(populations * variables), worst(populations * variables);
    for (std::size_t i = 0; i < a.state.size(); ++i) {
        const std::size_t at = i / cells % largest.size();
        if (!std::isfinite(a.state[i]) || !std::isfinite(b.state[i])) return INFINITY;
        largest[at] = std::max(largest[at], std::fabs(a.state[i]));
        worst[at] = std::max(worst[at], std::fabs(a.state[i] - b.state[i]));
    }
    double all = 0;
    for (std::size_t v = 0; v < largest.size(); ++v)
        if (worst[v] > 0) all = std::max(all, worst[v] / std::max(largest[v], 1e-12));
    return all;
}

bool is_single(const synfire_description& d) {
    for (std::uint32_t v = 0; v < d.variable_count; ++v)
        if (d.variables[v].dtype == SYNFIRE_F64) return false;
    return true;
}

// How one neuron fared.
struct Tally {
    std::size_t networks = 0, firing = 0, lazy = 0, set_aside = 0;
};

void try_network(std::uint32_t number, const NeuronModel& model, Tally& tally) {
    Dice dice(number);
    const bool large = number % 40 == 0 && model.input_is_double();
    const json network = random_network(dice, model, large);
    CAPTURE(number);
    const std::string text = network.dump();
    CAPTURE(text);
    const synfire_description& d = *model.table->description;
    Course tick;
    try {
        tick = run(network, model, {"tick", true});
    } catch (const InputError&) {
        return;  // parameters that do not go together
    } catch (const PluginError&) {
        return;  // what the neuron says that it cannot follow
    }
    ++tally.networks;
    tally.firing += !tick.spikes.empty();
    CHECK(run(network, model, {"tick", false}).spikes == tick.spikes);
    for (const unsigned threads : {2u, 4u})
        if (large) CHECK(run(network, model, {"tick", true, threads}) == tick);
    if (!model.has_closed_form()) return;

    const Course event = run(network, model, {"event", true});
    ++tally.lazy;
    CHECK(run(network, model, {"event", false}).spikes == event.spikes);
    for (const unsigned threads : {2u, 4u})
        if (large) CHECK(run(network, model, {"event", true, threads}) == event);
    const bool single = is_single(d);
    if (event.spikes != tick.spikes) {
        for (const double change : {1.0, -1.0, 2.0, -3.0})
            if (run(network, model, {"tick", false, 1, change * (single ? 2e-6 : 1e-11)}).spikes !=
                tick.spikes) {
                ++tally.set_aside;
                return;
            }
        const std::size_t of_event = event.spikes.size(), of_tick = tick.spikes.size();
        CAPTURE(of_event);
        CAPTURE(of_tick);
        CHECK_MESSAGE(false, "\"event\" and \"tick\" differ");
    } else {
        CHECK(distance(event, tick, network, d.variable_count) < (single ? 1e-3 : 1e-7));
    }
}

}  // namespace

TEST_CASE("event-driven equals clock-driven, and looking changes nothing, for every neuron") {
    std::vector<const NeuronModel*> models;
    for (const NeuronModel& model : all_plugins().neurons())
        if (model.id() != "poisson") models.push_back(&model);
    REQUIRE(models.size() >= 8);
    // Those that can be kept lazily have most to be wrong in.
    std::vector<const NeuronModel*> weighted;
    for (const NeuronModel* model : models)
        for (int k = 0; k < (model->has_closed_form() && model->spikes() ? 8 : 2); ++k)
            weighted.push_back(model);
    std::map<std::string, Tally> tallies;
    const std::size_t wanted = networks_wanted();
    std::size_t tried = 0, number = 0;
    for (; tried < wanted && number < 4 * wanted; ++number) {
        const NeuronModel& model = *weighted[number % weighted.size()];
        Tally& tally = tallies[std::string(model.id())];
        const std::size_t before = tally.networks;
        try_network(static_cast<std::uint32_t>(number), model, tally);
        tried += tally.networks - before;
    }
    CHECK(tried == wanted);
    for (const auto& [name, tally] : tallies) {
        MESSAGE(fmt::format("{}: {} networks, {} with spikes, {} lazily, {} set aside", name,
                            tally.networks, tally.firing, tally.lazy, tally.set_aside));
        CHECK(tally.networks > 0);
        CHECK(tally.set_aside <= 1 + tally.networks / 50);
        if (wanted >= 500 && all_plugins().neuron(name)->spikes())
            CHECK(tally.firing > tally.networks / 5);
    }
}

namespace {

// Neurons that each have parameters and an initial state of their own: as one population, or as
// populations of one neuron, which have the same input.
json each_with_its_own(Dice& dice, const NeuronModel& model, std::uint32_t cells, bool apart) {
    const synfire_description& d = *model.table->description;
    json network = {{"dt_ms", 0.5}, {"projections", json::array()}};
    json events = json::array();
    for (std::uint32_t i = 0; i < cells; ++i) {
        const double rate = dice.size(0.01, 0.5);
        for (std::int64_t t = 0; t < ticks; ++t)
            if (dice.chance(rate)) events.push_back({t, i});
    }
    network["populations"] = {
        {{"name", "source"}, {"size", cells}, {"neuron", "spike_source"}, {"events", events}}};
    // One neuron's parameters at a time; words and counts of columns are the same for all.
    json words = json::object();
    std::vector<json> of_neuron(cells,
                                {{"parameters", json::object()}, {"initial", json::object()}});
    for (std::uint32_t k = 0; k < d.parameter_count; ++k) {
        const synfire_parameter& p = d.parameters[k];
        if (std::string_view(p.name).starts_with("psi")) continue;  // nobody asks for Psi here
        if (p.type == SYNFIRE_CHOICE || p.type == SYNFIRE_BOOLEAN) {
            words[p.name] = random_value(dice, p);
            continue;
        }
        for (json& one : of_neuron) {
            double value = p.default_value * (dice.chance(0.5) ? dice.uniform(0.9, 1.1) : 1);
            if (p.type == SYNFIRE_INTEGER) value = std::round(value);
            one["parameters"][p.name] = std::clamp(value, p.min, p.max);
        }
    }
    for (std::uint32_t v = 0; v < d.variable_count; ++v)
        if (d.variables[v].dtype == SYNFIRE_F32 || d.variables[v].dtype == SYNFIRE_F64)
            if (std::isfinite(d.variables[v].initial) && dice.chance(0.7) &&
                std::string_view(d.variables[v].name) != "refractory")
                for (json& one : of_neuron)
                    one["initial"][d.variables[v].name] = dice.uniform(0, 0.5);
    const double weight = dice.size(0.1, 100);
    for (std::uint32_t i = 0; i < (apart ? cells : 1); ++i) {
        json population = {{"name", fmt::format("cells{}", i)},
                           {"size", apart ? 1 : cells},
                           {"neuron", std::string(model.id())},
                           {"parameters", words},
                           {"initial", json::object()}};
        for (const char* kind : {"parameters", "initial"})
            for (const auto& [name, value] : of_neuron[i][kind].items()) {
                if (apart) {
                    population[kind][name] = value;
                    continue;
                }
                for (const json& one : of_neuron) population[kind][name].push_back(one[kind][name]);
            }
        json synapses = json::array();
        for (std::uint32_t k = 0; k < cells; ++k)
            if (!apart || k == i) synapses.push_back({k, apart ? 0 : k, weight});
        network["populations"].push_back(population);
        network["projections"].push_back({{"source", "source"},
                                          {"target", population["name"]},
                                          {"topology", "sparse"},
                                          {"synapses", synapses},
                                          {"delay_ticks", 1}});
    }
    return network;
}

}  // namespace

TEST_CASE("a population with values for each neuron is its neurons, each by itself") {
    std::size_t tried = 0, firing = 0;
    for (const NeuronModel& model : all_plugins().neurons())
        for (std::uint32_t number = 0; number < 12; ++number) {
            if (model.is_source()) continue;
            const std::uint32_t cells = number == 11 ? 1100 : 5;
            Dice dice(100000 + number), again(100000 + number);
            const json one = each_with_its_own(dice, model, cells, false);
            CAPTURE(model.id());
            CAPTURE(number);
            Course together;
            try {
                together = run(one, model, {"auto", true});
            } catch (const PluginError&) {
                continue;  // what the neuron says that it cannot follow
            }
            ++tried;
            firing += !together.spikes.empty();
            CHECK(run(one, model, {"tick", true, 2}) == together);
            if (cells > 100) continue;
            Course apart = run(each_with_its_own(again, model, cells, true), model, {"tick", true});
            for (auto& [tick, population, neuron] : apart.spikes)
                neuron = population - 1, population = 1;
            CHECK(apart.spikes == together.spikes);
            // By tick, population, variable, neuron; or by tick, variable and neuron.
            const std::size_t variables = model.table->description->variable_count;
            std::vector<double> state(apart.state.size());
            for (std::size_t i = 0; i < state.size(); ++i) {
                const std::size_t row = i / (cells * variables), rest = i % (cells * variables);
                state[row * cells * variables + rest % variables * cells + rest / variables] =
                    apart.state[i];
            }
            CHECK(state == together.state);
        }
    CHECK(tried > 80);
    CHECK(firing > 30);
}
