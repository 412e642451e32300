#include "experiment/description.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "base/names.hpp"
#include "base/suggest.hpp"
#include "experiment/weight_range.hpp"
#include "json/form.hpp"
#include "topologies/topology_type.hpp"

namespace synfire {

using json = nlohmann::json;

std::int32_t NetworkDescription::find(std::string_view name) const {
    for (std::size_t i = 0; i < populations.size(); ++i)
        if (populations[i].name == name) return static_cast<std::int32_t>(i);
    return -1;
}

bool NetworkDescription::hands_on(std::uint32_t population) const {
    return !poolings[population].empty() &&
           topology_type(*projections[poolings[population].front()].json).hands_on;
}

std::vector<HandedOn> NetworkDescription::handed_on(std::uint32_t population) const {
    std::vector<HandedOn> all;
    for (const std::uint32_t p : poolings[population]) {
        const ProjectionDescription& pooling = projections[p];
        const HandedOn last = topology_type(*pooling.json)
                                  .hands_on(*pooling.json, populations[pooling.source].extent(),
                                            populations[population].extent());
        if (!hands_on(pooling.source)) {
            all.push_back(last);
            all.back().population = pooling.source;
            continue;
        }
        for (const HandedOn& first : handed_on(pooling.source)) all.push_back(through(first, last));
    }
    return all;
}

bool NetworkDescription::adds(std::uint32_t population) const {
    return hands_on(population) && (poolings[population].size() > 1 ||
                                    adds(projections[poolings[population].front()].source));
}

std::uint32_t NetworkDescription::emitter(std::uint32_t population) const {
    while (hands_on(population) && !adds(population))
        population = projections[poolings[population].front()].source;
    return population;
}

std::uint32_t NetworkDescription::emitting(std::uint32_t population) const {
    population = emitter(population);
    if (!adds(population)) return populations[population].size;
    std::uint32_t count = 0;
    for (const std::uint32_t p : poolings[population]) count += emitting(projections[p].source);
    return count;
}

float NetworkDescription::value_in_training(std::uint32_t population) const {
    while (!poolings[population].empty())
        population = projections[poolings[population].front()].source;
    return populations[population].value_in_training();
}

std::vector<std::string> NetworkDescription::population_names() const {
    std::vector<std::string> names;
    for (const auto& population : populations) names.push_back(population.name);
    return names;
}

namespace {

constexpr double most_noise_a_tick = 64;

class NetworkReader {
  public:
    NetworkReader(const PluginRegistry& plugins, std::string pointer, Problems& problems)
        : plugins_(plugins), pointer_(std::move(pointer)), problems_(problems) {}

    NetworkDescription read(const json& completed) {
        network_.dt_ms = completed.at("dt_ms");
        const json& populations = completed.at("populations");
        for (std::size_t i = 0; i < populations.size(); ++i) read_population(populations[i], i);
        network_.poolings.resize(network_.populations.size());
        const json& projections = completed.at("projections");
        for (std::size_t i = 0; i < projections.size(); ++i) read_projection(projections[i], i);
        check_relays();
        find_order();
        if (network_.order.size() == network_.populations.size()) check_dropout();
        if (problems_.empty()) check_sums();
        return std::move(network_);
    }

  private:
    void complain(const std::string& place, std::string message) {
        problems_.push_back({pointer_ + place, std::move(message), "", 0});
    }

    void read_population(const json& object, std::size_t i) {
        PopulationDescription population;
        population.name = object.at("name");
        const std::string place = fmt::format("/populations/{}", i);
        if (const std::string fault = fault_of_name(population.name); !fault.empty())
            complain(place + "/name", fault);
        if (network_.find(population.name) >= 0)
            complain(place + "/name", fmt::format("There is already a population '{}'; names are "
                                                  "used once.",
                                                  population.name));
        read_extent(population, object, place);
        const std::string neuron = object.at("neuron");
        Problems own_problems;
        population.relay = neuron == relay_neuron;
        if (neuron == spike_source_neuron) {
            population.schedule =
                std::make_shared<const SpikeSchedule>(object, population.size, place, own_problems);
            for (Problem& problem : own_problems)
                complain(problem.pointer, std::move(problem.message));
        } else if (neuron != input_neuron && !population.relay) {
            population.dropout = object.at("dropout");
            population.dropout_scale = object.at("dropout_scale");
            population.model = plugins_.neuron(neuron);
            population.parameters =
                parameter_values(*population.model->table->description, object.at("parameters"));
            read_each(population, object, place);
            read_noise(population, object, place);
            const std::string integration = object.at("integration");
            if (integration == "event") population.integration = Integration::event;
            if (integration == "tick") population.integration = Integration::tick;
            if (integration == "event" && !population.model->has_closed_form())
                complain(
                    place + "/integration",
                    fmt::format("'event' needs a neuron whose silent ticks have a closed form, "
                                "and '{}' has none; allowed: 'auto' or 'tick'.",
                                neuron));
            if (integration == "event" && !(population.each.empty() && population.initial.empty()))
                complain(place + "/integration",
                         "'event' needs neurons that have the same parameters and begin as the "
                         "model says; allowed: 'auto' or 'tick'.");
        }
        network_.populations.push_back(std::move(population));
    }

    // Parameters and initial values that are given neuron by neuron.
    void read_each(PopulationDescription& population, const json& object,
                   const std::string& place) {
        const synfire_description& d = *population.model->table->description;
        auto add = [&](std::vector<NeuronValues>& list, const json& value, std::uint32_t index,
                       bool whole, const std::string& pointer) {
            if (auto values =
                    read_neuron_values(value, index, population.size, whole, pointer, problems_))
                list.push_back(std::move(*values));
        };
        for (std::uint32_t i = 0; i < d.parameter_count; ++i)
            add(population.each, object.at("parameters").at(d.parameters[i].name), i,
                d.parameters[i].type == SYNFIRE_INTEGER,
                fmt::format("{}{}/parameters/{}", pointer_, place, d.parameters[i].name));
        if (!object.contains("initial")) return;
        const json& initial = object.at("initial");
        for (std::uint32_t i = 0; i < d.variable_count; ++i) {
            const synfire_variable& v = d.variables[i];
            if (!initial.contains(v.name)) continue;
            const json& given = initial.at(v.name);
            if (given.is_number())
                population.initial.push_back(
                    {i, std::vector<double>(population.size, given.get<double>()), {}});
            else
                add(population.initial, given, i, v.dtype == SYNFIRE_I32 || v.dtype == SYNFIRE_U32,
                    fmt::format("{}{}/initial/{}", pointer_, place, v.name));
        }
    }

    void read_noise(PopulationDescription& population, const json& object,
                    const std::string& place) {
        if (!object.contains("noise")) return;
        if (!population.model->input_is_double() || population.model->is_source())
            return complain(place + "/noise",
                            fmt::format("'{}' takes no noise; neurons that sum their input in "
                                        "double precision do, such as iaf_psc_delta.",
                                        population.model->id()));
        if (object.at("integration") == "event")
            complain(place + "/integration",
                     "Noise reaches every neuron each tick, which is not to be with "
                     "\"integration\": \"event\"; allowed: 'auto' or 'tick'.");
        population.noise = {object.at("noise").at("rate_hz"), object.at("noise").at("weight")};
        const double a_tick = population.noise->rate_hz * network_.dt_ms / 1000;
        if (a_tick > most_noise_a_tick)
            complain(place + "/noise/rate_hz",
                     fmt::format("{} Hz are {} events a tick; at most {} are allowed, with a "
                                 "shorter dt_ms or a larger weight.",
                                 population.noise->rate_hz, a_tick, most_noise_a_tick));
    }

    // The number of neurons, from "size", "shape" or both.
    void read_extent(PopulationDescription& population, const json& object,
                     const std::string& place) {
        if (object.contains("size")) population.size = object.at("size");
        if (!object.contains("shape")) {
            if (!object.contains("size"))
                complain(place, "Either \"size\" or \"shape\" is needed, the number of neurons.");
            return;
        }
        const auto extents = object.at("shape").get<std::vector<std::uint32_t>>();
        MapShape shape;
        if (extents.size() == 3) shape = {extents[0], extents[1], extents[2]};
        if (shape.size() == 0 || shape.size() > UINT32_MAX ||
            (object.contains("size") && shape.size() != population.size))
            return complain(
                place + "/shape",
                fmt::format("{} does not describe {} neurons; expected [channels, "
                            "rows, columns] whose product is the size.",
                            shown(object.at("shape")),
                            object.contains("size") ? object.at("size").dump() : "a population's"));
        population.shape = shape;
        population.size = static_cast<std::uint32_t>(shape.size());
    }

    std::int32_t resolve(const json& object, const char* key, const std::string& place) {
        const std::string name = object.at(key);
        const std::int32_t found = network_.find(name);
        if (found < 0)
            complain(place + "/" + key,
                     fmt::format("There is no population '{}'{} Defined are {}.", name, hint(name),
                                 list_of(network_.population_names())));
        return found;
    }
    std::string hint(const std::string& name) {
        const std::string text = did_you_mean(name, network_.population_names());
        return text.empty() ? "." : text;
    }

    void read_projection(const json& object, std::size_t i) {
        const std::string place = fmt::format("/projections/{}", i);
        const std::int32_t source = resolve(object, "source", place);
        const std::int32_t target = resolve(object, "target", place);
        if (source < 0 || target < 0) return;
        ProjectionDescription projection;
        projection.source = static_cast<std::uint32_t>(source);
        projection.target = static_cast<std::uint32_t>(target);
        projection.delay = object.at("delay_ticks");
        projection.bias = object.at("bias");
        projection.standardise = object.at("standardise");
        projection.learn = object.at("learn");
        projection.json = object;
        const PopulationDescription& pre = network_.populations[projection.source];
        const PopulationDescription& post = network_.populations[projection.target];
        projection.name = object.contains("name") ? object.at("name").get<std::string>()
                                                  : fmt::format("{}->{}", pre.name, post.name);
        for (const ProjectionDescription& other : network_.projections)
            if (other.name == projection.name)
                complain(place, fmt::format("There is already a projection '{}'; give this one "
                                            "another \"name\".",
                                            projection.name));
        if (object.contains("name"))
            if (const std::string fault = fault_of_name(projection.name, true); !fault.empty())
                complain(place + "/name", fault);
        if (post.is_input())
            complain(place + "/target",
                     fmt::format("'{}' is an input and takes no synapses.", post.name));
        if (post.has_neurons() && post.model->is_source())
            complain(place + "/target",
                     fmt::format("'{}' is a source (neuron '{}') and takes no synapses.", post.name,
                                 post.model->id()));
        if (pre.has_neurons() && !pre.model->spikes())
            complain(place + "/source",
                     fmt::format("'{}' never spikes (neuron '{}'), so nothing can come from it.",
                                 pre.name, pre.model->id()));
        if (post.integration == Integration::event && projection.bias)
            complain(place + "/bias", fmt::format("A bias reaches every neuron of '{}' each tick, "
                                                  "which is not to be with \"integration\": "
                                                  "\"event\"; allowed: false.",
                                                  post.name));
        const TopologyType& type = topology_type(object);
        if (const Misfit misfit = type.misfit(object, pre.extent(), post.extent());
            !misfit.reason.empty())
            complain(place + "/" + misfit.field, misfit.reason);
        else if (projection.standardise &&
                 (!type.standardisable ||
                  type.make(object, pre.extent(), post.extent(), {})->make_weights().rows < 2))
            complain(place + "/standardise",
                     "Standardisation needs at least two synapses a target neuron, dense or of a "
                     "convolution.");
        if (post.has_neurons() && post.model->input_is_double()) {
            if (projection.bias || projection.standardise)
                complain(place, fmt::format("'{}' takes neither a bias nor standardised weights; "
                                            "its neurons may have a constant current.",
                                            post.model->id()));
        }
        read_rule(projection, object, post, place);
        read_release(projection, object, type, place);
        check_pooling(projection, type, pre, post, place);
        check_distribution(object.at("weights"), place + "/weights");
        network_.projections.push_back(std::move(projection));
    }

    void read_rule(ProjectionDescription& projection, const json& object,
                   const PopulationDescription& post, const std::string& place) {
        if (!object.contains("rule")) return;
        const json& rule = object.at("rule");
        const std::string name = rule.at("name");
        if (name == no_rule) {
            projection.learn = false;
            return;
        }
        RuleChoice& choice = projection.rule.emplace();
        choice.model = plugins_.rule(name);
        choice.parameters =
            parameter_values(*choice.model->table->description, rule.at("parameters"));
        if (choice.model->needs_modulator()) read_modulator(choice, rule, place + "/rule");
        if (const std::string refusal = refusal_of_rule(*choice.model, post); !refusal.empty())
            complain(place + "/rule", refusal);
        else if (choice.model->writes_weights())
            check_initial_weights(projection, post, place);
    }

    void read_release(ProjectionDescription& projection, const json& object,
                      const TopologyType& type, const std::string& place) {
        if (!object.contains("release")) return;
        const json& release = object.at("release");
        const std::string name = release.at("name");
        if (name == no_release) return;
        if (type.pools)
            return complain(place + "/release",
                            fmt::format("'{}' pools: it has no weights of which a spike could "
                                        "deliver a part; allowed: \"{}\", or \"release\" where a "
                                        "projection leaves '{}'.",
                                        projection.name, no_release,
                                        network_.populations[projection.target].name));
        const ReleaseModel* const model = plugins_.release(name);
        projection.release = {
            model, parameter_values(*model->table->description, release.at("parameters"))};
    }

    void read_modulator(RuleChoice& choice, const json& rule, const std::string& place) {
        const std::string name = rule.at("modulator");
        choice.reward = name == reward_modulator;
        choice.modulator_delay = rule.at("modulator_delay_ticks");
        if (choice.reward && network_.find(name) >= 0)
            complain(place + "/modulator",
                     fmt::format("'{}' is the reward of a training and also a population; the "
                                 "population needs another name.",
                                 name));
        if (choice.reward) return;
        choice.modulator = network_.find(name);
        if (choice.modulator < 0)
            return complain(
                place + "/modulator",
                fmt::format("There is no population '{}'{} Allowed: '{}' or one of {}.", name,
                            hint(name), reward_modulator, list_of(network_.population_names())));
        const PopulationDescription& p =
            network_.populations[static_cast<std::size_t>(choice.modulator)];
        if (p.relay || (p.has_neurons() && !p.model->spikes()))
            complain(place + "/modulator",
                     fmt::format("'{}' never spikes, so it releases nothing; a population that "
                                 "spikes is expected, or '{}'.",
                                 name, reward_modulator));
    }

    void check_initial_weights(const ProjectionDescription& projection,
                               const PopulationDescription& post, const std::string& place) {
        const RuleChoice& choice = *projection.rule;
        const synfire_rule_site site{sizeof site, network_.populations[projection.source].size,
                                     post.size, 1, network_.dt_ms};
        try {
            const RuleInstance rule(choice.model->table, choice.parameters, site);
            const std::string refusal = refusal_of_weights(projection.name, *projection.json,
                                                           *choice.model, rule.weight_range());
            if (!refusal.empty()) complain(place + "/weights", refusal);
        } catch (const PluginError& error) {
            complain(place + "/rule/parameters",
                     fmt::format("Projection '{}': {}.", projection.name, error.what()));
        }
    }

    // Poolings feed relays and nothing else does; a relay has one, or several that add up.
    void check_pooling(ProjectionDescription& projection, const TopologyType& type,
                       const PopulationDescription& pre, const PopulationDescription& post,
                       const std::string& place) {
        if (type.pools != post.relay)
            return complain(place + "/topology",
                            type.pools ? fmt::format("Pooling needs a target with \"neuron\": "
                                                     "\"relay\", and '{}' has neurons of its own.",
                                                     post.name)
                                       : fmt::format("'{}' is a relay, which only a pooling feeds: "
                                                     "\"max_pool\", \"avg_pool\", \"identity\" or "
                                                     "\"upsample\".",
                                                     post.name));
        if (!type.pools) return;
        std::vector<std::uint32_t>& poolings = network_.poolings[projection.target];
        const bool alone =
            !type.hands_on || (!poolings.empty() && !network_.hands_on(projection.target));
        if (!poolings.empty() && alone)
            complain(place + "/target",
                     fmt::format("'{}' is fed by one pooling already; a relay has one, or several "
                                 "of \"identity\" and \"avg_pool\", which add up.",
                                 post.name));
        poolings.push_back(static_cast<std::uint32_t>(network_.projections.size()));
        if (projection.delay > 0 || projection.bias || projection.standardise)
            complain(place, "Pooling has no delay, no bias and no weights to standardise.");
        if (pre.relay && !type.hands_on)
            complain(place + "/source", fmt::format("'{}' is itself a relay; pool once, with a "
                                                    "larger \"size\".",
                                                    pre.name));
        projection.learn = false;
    }
    void check_relays() {
        for (std::size_t i = 0; i < network_.projections.size(); ++i) {
            const ProjectionDescription& p = network_.projections[i];
            const PopulationDescription& post = network_.populations[p.target];
            if (post.has_neurons() && post.model->input_is_double() && network_.hands_on(p.source))
                complain(fmt::format("/projections/{}/source", i),
                         fmt::format("'{}' hands on averages, which neurons that sum their input "
                                     "in double precision ('{}') do not take.",
                                     network_.populations[p.source].name, post.model->id()));
        }
        for (std::uint32_t i = 0; i < network_.populations.size(); ++i)
            if (network_.populations[i].relay && network_.poolings[i].empty())
                complain(fmt::format("/populations/{}", i),
                         fmt::format("No pooling feeds the relay '{}'; it needs one.",
                                     network_.populations[i].name));
    }

    // How many populations' events a relay hands on, one that comes on several ways counted as
    // often. Says whether that is to be.
    bool check_parts() {
        constexpr std::uint64_t most = 1024;
        std::vector<std::uint64_t> parts(network_.populations.size(), 1);
        for (const std::uint32_t i : network_.order) {
            if (!network_.hands_on(i)) continue;
            parts[i] = 0;
            for (const std::uint32_t p : network_.poolings[i])
                parts[i] += parts[network_.projections[p].source];
            if (parts[i] <= most) continue;
            complain(fmt::format("/populations/{}", i),
                     fmt::format("The relay '{}' adds what comes on {} ways; at most {} are "
                                 "allowed.",
                                 network_.populations[i].name, parts[i], most));
            return false;
        }
        return true;
    }

    // Once it is known that relays do not feed each other in a circle.
    void check_sums() {
        if (!check_parts()) return;
        constexpr std::uint64_t most = 256;
        for (std::uint32_t i = 0; i < network_.populations.size(); ++i) {
            const std::string& name = network_.populations[i].name;
            const std::string place = fmt::format("/populations/{}", i);
            if (!network_.adds(i)) {
                if (!network_.hands_on(i)) continue;
                const ProjectionDescription& only =
                    network_.projections[network_.poolings[i].front()];
                if (network_.hands_on(only.source))
                    complain(fmt::format("/projections/{}/source", network_.poolings[i].front()),
                             fmt::format("'{}' is itself a relay; pool once, with a larger "
                                         "\"size\".",
                                         network_.populations[only.source].name));
                continue;
            }
            const std::vector<HandedOn> parts = network_.handed_on(i);
            if (const std::uint64_t times = most_times(parts); times > most)
                complain(place, fmt::format("An event that the relay '{}' hands on counts for {} "
                                            "times another one, by the sizes of its pools; at most "
                                            "{} times is allowed.",
                                            name, times, most));
            for (const HandedOn& part : parts)
                if (const float value = network_.value_in_training(part.population);
                    value != network_.value_in_training(parts.front().population))
                    complain(place,
                             fmt::format("The relay '{}' adds spikes of '{}' and '{}', which "
                                         "\"dropout_scale\" makes count differently; the "
                                         "same \"dropout\" for both is expected, or "
                                         "\"dropout_scale\": false.",
                                         name, network_.populations[part.population].name,
                                         network_.populations[parts.front().population].name));
        }
    }

    // Spikes that count for more than one are not for weights kept in double precision.
    void check_dropout() {
        for (std::size_t i = 0; i < network_.projections.size(); ++i) {
            const ProjectionDescription& p = network_.projections[i];
            const PopulationDescription& post = network_.populations[p.target];
            if (network_.value_in_training(p.source) != 1.0f && post.has_neurons() &&
                post.model->input_is_double())
                complain(fmt::format("/projections/{}", i),
                         fmt::format("'{}' carries spikes that \"dropout_scale\" makes count for "
                                     "more to '{}', whose neuron '{}' sums its input in double "
                                     "precision, which is not to be; allowed: \"dropout_scale\": "
                                     "false.",
                                     p.name, post.name, post.model->id()));
        }
    }

    // Weights are drawn in single precision.
    void check_distribution(const json& weights, const std::string& place) {
        const std::string kind = weights.at("distribution");
        auto number = [&](const char* key) { return weights.at(key).get<double>(); };
        if (kind == "uniform" && number("low") > number("high"))
            complain(place, "'low' is above 'high'; low <= high is expected.");
        const double reach = kind == "uniform"  ? number("high") - number("low")
                             : kind == "normal" ? std::abs(number("mean")) + 10 * number("std")
                                                : 0;  // no draw is more than 10 deviations off
        if (reach > largest_single)
            complain(place, fmt::format("Some of these weights would be beyond single precision, "
                                        "whose numbers reach {:.4g}.",
                                        largest_single));
    }

    // Kahn's algorithm over the delay-0 projections; among those ready, the first defined.
    void find_order() {
        const std::size_t count = network_.populations.size();
        std::vector<bool> placed(count);
        while (network_.order.size() < count) {
            std::size_t next = 0;
            while (next < count && (placed[next] || waits(next, placed))) ++next;
            if (next == count) return complain("/projections", describe_cycle(placed));
            placed[next] = true;
            network_.order.push_back(static_cast<std::uint32_t>(next));
        }
    }
    bool waits(std::size_t population, const std::vector<bool>& placed) const {
        return std::ranges::any_of(network_.projections, [&](const ProjectionDescription& p) {
            return p.target == population && p.delay == 0 && !placed[p.source];
        });
    }
    // Every population that is not placed waits for another such, so walking back from one comes to
    // a population seen before; from there on the walk, read backward, is a cycle.
    std::string describe_cycle(const std::vector<bool>& placed) const {
        std::vector<std::uint32_t> walk{
            static_cast<std::uint32_t>(std::ranges::find(placed, false) - placed.begin())};
        std::ptrdiff_t first_seen = -1;
        while (first_seen < 0) {
            const auto back =
                std::ranges::find_if(network_.projections, [&](const ProjectionDescription& p) {
                    return p.target == walk.back() && p.delay == 0 && !placed[p.source];
                });
            const auto seen = std::ranges::find(walk, back->source);
            if (seen != walk.end()) first_seen = seen - walk.begin();
            walk.push_back(back->source);
        }
        std::string names;
        for (auto i = static_cast<std::ptrdiff_t>(walk.size()) - 1; i >= first_seen; --i)
            names += fmt::format("{}{}", names.empty() ? "" : " -> ",
                                 network_.populations[walk[static_cast<std::size_t>(i)]].name);
        return fmt::format(
            "The cycle {} has no delay; at least one of its projections needs "
            "\"delay_ticks\" of 1 or more.",
            names);
    }

    const PluginRegistry& plugins_;
    std::string pointer_;
    Problems& problems_;
    NetworkDescription network_;
};

}  // namespace

std::string refusal_of_rule(const RuleModel& rule, const PopulationDescription& post) {
    const bool spikes = post.has_neurons() && post.model->spikes();
    if (rule.needs_target_spikes() && !spikes)
        return fmt::format(
            "'{}' learns from the spikes of its target, and '{}' never spikes; a rule "
            "that writes a gradient may stand here, or 'none'.",
            rule.id(), post.name);
    return "";
}

NetworkDescription read_network(const json& completed, const PluginRegistry& plugins,
                                const std::string& pointer, Problems& problems) {
    return NetworkReader(plugins, pointer, problems).read(completed);
}

}  // namespace synfire
