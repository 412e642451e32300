#include "learning/checkpoint.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

#include "base/atomic_file.hpp"
#include "base/hdf5.hpp"
#include "base/hdf5_reader.hpp"
#include "base/numbers.hpp"
#include "base/problem.hpp"
#include "json/form.hpp"
#include "json/json_text.hpp"

namespace synfire {

using json = nlohmann::json;

namespace {

constexpr const char* format_name = "synfire checkpoint 1";

// What a checkpoint has to agree with to go on from it: everything that changes what is learned.
json identity(const Experiment& experiment) {
    json id = {{"network", experiment.json->at("network")},
               {"input", experiment.json->value("input", json::object())},
               {"seed", experiment.seed}};
    if (experiment.json->contains("training")) id["training"] = experiment.json->at("training");
    if (id.contains("training")) id["training"].erase("epochs");
    return id;
}

void write_matrix(Hdf5File& file, const std::string& name, const Matrix& matrix) {
    std::vector<float> values;
    values.reserve(std::size_t{matrix.rows} * matrix.columns);
    for (std::uint32_t r = 0; r < matrix.rows; ++r)
        values.insert(values.end(), matrix.values(r).begin(), matrix.values(r).end());
    file.write<float>(name, values, {matrix.rows, matrix.columns});
}

void read_matrix(Hdf5Reader& file, const std::string& name, Matrix& matrix) {
    if (const auto shape = file.shape(name);
        shape != std::vector<std::uint64_t>{matrix.rows, matrix.columns})
        throw InputError(fmt::format("{}: {} has the shape [{}], expected [{}, {}].", file.path(),
                                     name, fmt::join(shape, ", "), matrix.rows, matrix.columns));
    const std::vector<float> values = file.finite_floats(name);
    for (std::uint32_t r = 0; r < matrix.rows; ++r)
        std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(std::size_t{r} * matrix.columns),
                    matrix.columns, matrix.row(r));
}

void write_moments(Hdf5File& file, const Trainer::LearnedArray& array) {
    const std::string name = "/optimiser/" + array.parameter.name;
    write_matrix(file, name + "/first", array.moments.first);
    write_matrix(file, name + "/second", array.moments.second);
}

void read_moments(Hdf5Reader& file, Trainer::LearnedArray& array) {
    const std::string name = "/optimiser/" + array.parameter.name;
    read_matrix(file, name + "/first", array.moments.first);
    read_matrix(file, name + "/second", array.moments.second);
}

Hdf5Reader open_checkpoint(const std::string& path) {
    Hdf5Reader file(path);
    if (!file.has("/format") || file.text("/format") != format_name)
        throw InputError(
            fmt::format("{}: this is no checkpoint of this version of synfire; a "
                        "checkpoint.h5 that `synfire train` wrote is expected.",
                        path));
    return file;
}

// A part that is JSON. Whoever wrote the file, it is no deeper than experiments are.
json json_of(Hdf5Reader& file, const std::string& part) {
    const std::string text = file.text(part);
    try {
        return parse_json(text, file.path());
    } catch (const InputError&) {
        return json::value_t::discarded;
    }
}

[[noreturn]] void refuse_damaged(const std::string& path, const std::string& part) {
    throw InputError(fmt::format(
        "{}: {} is damaged; the JSON that `synfire train` wrote is expected.", path, part));
}

json experiment_of(Hdf5Reader& file) {
    json saved = json_of(file, "/experiment");
    if (!saved.is_object()) refuse_damaged(file.path(), "/experiment");
    return saved;
}

// What the training rested on; null where the checkpoint does not say.
json provenance_of(Hdf5Reader& file) {
    if (!file.has("/provenance")) return {};
    json saved = json_of(file, "/provenance");
    if (!saved.is_null() && !is_provenance(saved)) refuse_damaged(file.path(), "/provenance");
    return saved;
}

// Throws where `part` of the checkpoint's experiment differs from this one's.
void require_same(const json& saved, const std::string& path, const json& wanted,
                  const std::string& part, const std::string& whose) {
    const json nothing;
    const json& then = saved.contains(part) ? saved.at(part) : nothing;
    const json& now = wanted.contains(part) ? wanted.at(part) : nothing;
    if (then == now) return;
    const json first = json::diff(then, now).front();
    std::string place = first.at("path");
    // An entry more at the end of a list is a difference of the lists.
    if (place.ends_with("/-")) place.resize(place.size() - 2);
    const json::json_pointer pointer(place);
    auto words = [&](const json& value) {
        return value.contains(pointer) ? shown(value.at(pointer)) : std::string("absent");
    };
    throw InputError(
        fmt::format("{}: the checkpoint belongs to {}: /{}{} is {} there and {} here; "
                    "they have to be the same.",
                    path, whose, part, place, words(then), words(now)));
}

// What the weights are of, whichever rule they learn by from now on.
json without_rules(json experiment) {
    if (experiment.contains("network") && experiment.at("network").contains("projections"))
        for (json& projection : experiment["network"]["projections"])
            if (projection.is_object()) projection.erase("rule");
    return experiment;
}

void read_parameters(Hdf5Reader& file, Network& network) {
    network.round_listed();
    for (const Parameter& parameter : network.parameters())
        read_matrix(file, "/parameters/" + parameter.name, *parameter.value);
    network.refresh();
}

const std::string& voters(const Experiment& experiment) {
    return experiment.network.populations[experiment.training->decoder.population].name;
}

void write_votes(Hdf5File& file, const Experiment& experiment, const Votes& votes) {
    const Votes::Counts& counts = votes.counts();
    file.write_text("/votes/population", voters(experiment));
    file.write<std::uint64_t>("/votes/recordings", counts.recordings, {votes.classes()});
    file.write<std::uint64_t>("/votes/spikes", counts.spikes, {votes.neurons(), votes.classes()});
}

void read_votes(Hdf5Reader& file, const Experiment& experiment, Votes& votes) {
    const std::string& name = voters(experiment);
    if (!file.has("/votes/population") || file.text("/votes/population") != name)
        throw InputError(fmt::format(
            "{}: the checkpoint has no votes of '{}'; one of a training with this \"decoder\" is "
            "expected.",
            file.path(), name));
    Votes::Counts counts{file.whole_numbers("/votes/recordings"),
                         file.whole_numbers("/votes/spikes")};
    const std::vector<std::uint64_t> shape{votes.neurons(), counts.recordings.size()};
    if (counts.recordings.empty() || file.shape("/votes/spikes") != shape)
        throw InputError(
            fmt::format("{}: its votes are damaged; [{}, classes] counts of spikes and "
                        "the recordings of each class are expected.",
                        file.path(), votes.neurons()));
    votes.set(std::move(counts));
}

std::vector<std::uint64_t> to_numbers(const Counters& c) {
    return {c.spikes,        c.input_spikes,   c.synaptic_events, c.macs_forward,
            c.macs_learning, c.neuron_updates, c.ticks_visited,   c.ticks_skipped};
}

Counters counters_from(const std::vector<std::uint64_t>& n) {
    return {n.at(0), n.at(1), n.at(2), n.at(3), n.at(4), n.at(5), n.at(6), n.at(7)};
}

}  // namespace

void save_checkpoint(const std::string& path, const Experiment& experiment, const json& provenance,
                     Network& network, Trainer& trainer, const Progress& progress) {
    replace_file(path, [&](const std::string& temporary) {
        Hdf5File file = Hdf5File::create(temporary);
        file.write_text("/format", format_name);
        file.write_text("/experiment", identity(experiment).dump());
        file.write_text("/provenance", provenance.dump());
        file.write<std::uint64_t>(
            "/progress/position",
            std::vector<std::uint64_t>{progress.epoch, progress.batch, progress.step,
                                       progress.score.samples, progress.score.correct});
        file.write<double>("/progress/sums",
                           std::vector<double>{progress.score.loss, progress.seconds});
        file.write<double>("/curves", to_numbers(progress.curves));
        file.write<std::uint64_t>("/counters", to_numbers(trainer.counters()));
        file.write<double>("/expected_reward", std::vector<double>{trainer.expected_reward()});
        for (const Parameter& parameter : network.parameters())
            write_matrix(file, "/parameters/" + parameter.name, *parameter.value);
        for (const Trainer::LearnedArray& array : trainer.learned()) write_moments(file, array);
        for (const Trainer::LearnedArray& array : trainer.learned_feedback()) {
            write_matrix(file, "/feedback/" + array.parameter.name, *array.parameter.value);
            write_moments(file, array);
        }
        if (const Votes* votes = trainer.votes(); votes && !votes->empty())
            write_votes(file, experiment, *votes);
        file.close();
    });
}

Progress load_checkpoint(const std::string& path, const Experiment& experiment,
                         const json& provenance, Network& network, Trainer& trainer) {
    Hdf5Reader file = open_checkpoint(path);
    const json saved = experiment_of(file), wanted = identity(experiment);
    require_same(saved, path, wanted, "network", "another network");
    for (const char* part : {"input", "training", "seed"})
        require_same(saved, path, wanted, part, "a training with other settings");
    Progress progress;
    // Those of older versions of synfire do not say.
    progress.notes = require_same_provenance(path, provenance_of(file), provenance);
    const auto position = file.whole_numbers("/progress/position");
    const auto sums = file.real_numbers("/progress/sums");
    const auto counters = file.whole_numbers("/counters");
    const auto curves = file.real_numbers("/curves");
    const auto expected_reward = file.has("/expected_reward")
                                     ? file.real_numbers("/expected_reward")
                                     : std::vector<double>{0};  // of older versions of synfire
    bool sound = position.size() == 5 && sums.size() == 2 && counters.size() == 8 &&
                 expected_reward.size() == 1 && std::isfinite(expected_reward.front()) &&
                 curves.size() % CurveRow::width == 0 && position[0] <= UINT32_MAX &&
                 position[1] <= UINT32_MAX && position[4] <= position[3];
    for (std::size_t i = 0; sound && i < curves.size(); i += CurveRow::width)
        sound = whole<std::uint32_t>(curves[i]).has_value();
    if (!sound)
        throw InputError(
            fmt::format("{}: its progress or counters are damaged; a checkpoint.h5 "
                        "that `synfire train` wrote is expected.",
                        path));
    for (Trainer::LearnedArray& array : trainer.learned()) read_moments(file, array);
    for (Trainer::LearnedArray& array : trainer.learned_feedback()) {
        read_matrix(file, "/feedback/" + array.parameter.name, *array.parameter.value);
        read_moments(file, array);
    }
    if (trainer.votes()) read_votes(file, experiment, *trainer.votes());
    trainer.expect_reward(expected_reward.front());
    trainer.set_counters(counters_from(counters));
    read_parameters(file, network);
    progress.epoch = static_cast<std::uint32_t>(position[0]);
    progress.batch = static_cast<std::uint32_t>(position[1]);
    progress.step = position[2];
    progress.score = trainer.training_score(position[3], position[4], sums[0]);
    progress.seconds = sums[1];
    progress.curves = rows_from(curves);
    return progress;
}

std::vector<std::string> load_parameters(const std::string& path, const Experiment& experiment,
                                         Network& network) {
    Hdf5Reader file = open_checkpoint(path);
    require_same(without_rules(experiment_of(file)), path, without_rules(identity(experiment)),
                 "network", "another network");
    const json saved = provenance_of(file);
    read_parameters(file, network);
    return notes_of_plugins(path, saved, experiment);
}

void require_same_classes(const std::string& path, const InputData& data) {
    Hdf5Reader file = open_checkpoint(path);
    require_same_classes(path, provenance_of(file), data);
}

void load_votes(const std::string& path, const Experiment& experiment, Votes& votes) {
    Hdf5Reader file = open_checkpoint(path);
    read_votes(file, experiment, votes);
}

}  // namespace synfire
