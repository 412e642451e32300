#include "engine/record.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/suggest.hpp"
#include "json/form.hpp"

namespace synfire {

Form record_form() {
    Form state;
    state.fields = {
        text("population", "whose variable").must(),
        text("variable", "name of a state variable of its neuron").must(),
        integer("every_ticks", "ticks from one reading to the next")
            .otherwise(1)
            .at_least(1)
            .fits<std::uint32_t>(),
    };
    Form form;
    form.fields = {
        choice("format", {"hdf5", "csv"}, "one record.h5, or a folder of CSV files")
            .otherwise("hdf5"),
        list("spikes", text("", ""), "populations whose spikes are recorded")
            .otherwise(nlohmann::json::array()),
        list("state", object("", state, ""), "state variables that are recorded")
            .otherwise(nlohmann::json::array()),
        list("weights", object("", record_weights_form(), ""),
             "weights that are recorded, as they are at the tick")
            .otherwise(nlohmann::json::array()),
    };
    return form;
}

namespace {

std::vector<std::string> variable_names(const PopulationDescription& population) {
    std::vector<std::string> names;
    if (!population.has_neurons()) return names;
    const synfire_description& d = *population.model->table->description;
    for (std::uint32_t v = 0; v < d.variable_count; ++v) names.emplace_back(d.variables[v].name);
    return names;
}

}  // namespace

RecordDescription read_record(const nlohmann::json& completed, const NetworkDescription& network,
                              const std::string& pointer, Problems& problems) {
    RecordDescription record;
    record.format = completed.at("format");
    auto refuse_twice = [&](const std::string& place, const std::string& what) {
        problems.push_back(
            {pointer + place,
             fmt::format("{} is asked for already; everything is recorded once.", what), "", 0});
    };
    auto resolve = [&](const std::string& name, const std::string& place) {
        const std::int32_t found = network.find(name);
        if (found < 0) {
            const auto names = network.population_names();
            const std::string hint = did_you_mean(name, names);
            problems.push_back({pointer + place,
                                fmt::format("There is no population '{}'{} Defined are {}.", name,
                                            hint.empty() ? "." : hint, list_of(names)),
                                "", 0});
        }
        return found;
    };
    const auto& spikes = completed.at("spikes");
    for (std::size_t i = 0; i < spikes.size(); ++i)
        if (const std::int32_t p = resolve(spikes[i], fmt::format("/spikes/{}", i)); p >= 0) {
            const auto population = static_cast<std::uint32_t>(p);
            if (network.hands_on(population))
                problems.push_back(
                    {fmt::format("{}/spikes/{}", pointer, i),
                     fmt::format(
                         "'{}' hands on what others emit and has no spikes of its own; record what "
                         "feeds it.",
                         network.populations[population].name),
                     "", 0});
            if (std::ranges::count(record.spikes, population,
                                   &RecordDescription::Spikes::population))
                refuse_twice(fmt::format("/spikes/{}", i),
                             fmt::format("'{}'", network.populations[population].name));
            record.spikes.push_back({population});
        }
    const auto& state = completed.at("state");
    for (std::size_t i = 0; i < state.size(); ++i) {
        const std::string place = fmt::format("/state/{}", i);
        const std::int32_t p = resolve(state[i].at("population"), place + "/population");
        if (p < 0) continue;
        const std::string variable = state[i].at("variable");
        const auto names = variable_names(network.populations[static_cast<std::size_t>(p)]);
        if (std::ranges::count(names, variable) == 0)
            problems.push_back(
                {pointer + place + "/variable",
                 fmt::format(
                     "'{}' has no variable '{}'; {}.",
                     network.populations[static_cast<std::size_t>(p)].name, variable,
                     names.empty() ? "it has no neurons of its own" : "it has " + list_of(names)),
                 "", 0});
        if (std::ranges::any_of(record.state, [&](const RecordDescription::State& other) {
                return other.population == static_cast<std::uint32_t>(p) &&
                       other.variable == variable;
            }))
            refuse_twice(place, fmt::format("'{}' of '{}'", variable,
                                            network.populations[static_cast<std::size_t>(p)].name));
        record.state.push_back({static_cast<std::uint32_t>(p), variable,
                                state[i].at("every_ticks").get<std::uint32_t>()});
    }
    record.weights =
        read_record_weights(completed.at("weights"), network, pointer + "/weights", problems);
    return record;
}

std::vector<std::string> record_file_patterns() {
    return {"record.h5", "spikes-*.csv", "state-*.csv", "weights-*.csv"};
}

Recorder::Recorder(const RecordDescription& description, const Network& network,
                   const std::string& folder)
    : description_(description),
      file_(description.format == "csv"
                ? open_csv_record(folder)
                : open_hdf5_record(folder + "/record.h5", network.description().dt_ms)) {
    auto name = [&](std::uint32_t p) { return network.populations()[p].description.name; };
    try {
        const RecordedWeights& weights = description_.weights;
        for (std::size_t i = 0; i < weights.in_run.size(); ++i)
            weights_.emplace_back(weights.in_run[i], network, weights.run_pointers[i]);
        for (const RecordDescription::Spikes& s : description_.spikes)
            file_->add_spikes(name(s.population));
        for (const RecordDescription::State& s : description_.state)
            file_->add_state(name(s.population), s.variable,
                             network.populations()[s.population].size());
        for (std::size_t i = 0; i < weights_.size(); ++i)
            file_->add_weights(
                network.projections()[description_.weights.in_run[i].projection].name,
                weights_[i].synapses());
        file_->flush();
    } catch (...) {
        file_->discard();
        throw;
    }
}

Recorder::~Recorder() {
    try {
        close();
    } catch (const std::exception&) {
        // The exception that ends the run is the one to be told.
    }
}

void Recorder::close() {
    if (const auto file = std::move(file_)) file->close();
}

void Recorder::record(const Simulation& simulation, std::int64_t tick) {
    for (std::size_t k = 0; k < description_.spikes.size(); ++k)
        file_->spikes(k, tick, simulation.spikes(description_.spikes[k].population));
    for (std::size_t k = 0; k < description_.state.size(); ++k) {
        const RecordDescription::State& s = description_.state[k];
        if (tick % s.every_ticks != 0) continue;
        const auto variable = simulation.find_variable(s.population, s.variable);
        simulation.read(s.population, static_cast<std::size_t>(variable), values_);
        file_->state(k, tick, values_);
    }
    for (std::size_t i = 0; i < weights_.size(); ++i) {
        const WeightsDescription& w = description_.weights.in_run[i];
        if (tick % w.every != 0) continue;
        weights_[i].read(simulation, values_);
        file_->weights(i, tick, values_);
    }
    // Whatever ends the program, little of what was seen is lost.
    if (const auto now = std::chrono::steady_clock::now();
        now - flushed_ > std::chrono::seconds(2)) {
        file_->flush();
        flushed_ = now;
    }
}

std::int64_t Recorder::next_tick(std::int64_t tick) const {
    std::int64_t next = Wheel::never;
    auto consider = [&](std::uint32_t every) {
        next = std::min(next, tick < 0 ? 0 : (tick / every + 1) * every);
    };
    for (const RecordDescription::State& s : description_.state) consider(s.every_ticks);
    for (const WeightsDescription& w : description_.weights.in_run) consider(w.every);
    return next;
}

}  // namespace synfire
