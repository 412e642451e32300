#include "learning/checkpoint.hpp"

#include <fmt/format.h>

#include "base/atomic_file.hpp"
#include "base/finite.hpp"
#include "base/hdf5.hpp"

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

void read_matrix(const Hdf5File& file, const std::string& path, const std::string& name,
                 Matrix& matrix) {
    const std::vector<float> values = file.read<float>(name);
    if (values.size() != std::size_t{matrix.rows} * matrix.columns)
        throw InputError(fmt::format("{}: {} holds {} values, expected {} x {}.", path, name,
                                     values.size(), matrix.rows, matrix.columns));
    if (!all_finite(values))
        throw InputError(
            fmt::format("{}: {} holds numbers that are not finite; a checkpoint of a "
                        "training that went well is expected.",
                        path, name));
    for (std::uint32_t r = 0; r < matrix.rows; ++r)
        std::copy_n(values.begin() + static_cast<std::ptrdiff_t>(std::size_t{r} * matrix.columns),
                    matrix.columns, matrix.row(r));
}

Hdf5File open_checkpoint(const std::string& path) {
    Hdf5File file = Hdf5File::open(path);
    if (!file.has("/format") || file.read_text("/format") != format_name)
        throw InputError(
            fmt::format("{}: this is no checkpoint of this version of synfire; a "
                        "checkpoint.h5 that `synfire train` wrote is expected.",
                        path));
    return file;
}

// Throws where `part` of the checkpoint's experiment differs from this one's.
void require_same(const Hdf5File& file, const std::string& path, const json& wanted,
                  const std::string& part, const std::string& whose) {
    const json saved = json::parse(file.read_text("/experiment"));
    const json nothing;
    const json& then = saved.contains(part) ? saved.at(part) : nothing;
    const json& now = wanted.contains(part) ? wanted.at(part) : nothing;
    if (then == now) return;
    const json first = json::diff(then, now).front();
    const std::string place = first.at("path");
    const json::json_pointer pointer(place);
    auto shown = [&](const json& value) {
        return value.contains(pointer) ? value.at(pointer).dump() : std::string("absent");
    };
    throw InputError(
        fmt::format("{}: the checkpoint belongs to {}: /{}{} is {} there and {} here; "
                    "they have to be the same.",
                    path, whose, part, place, shown(then), shown(now)));
}

void read_parameters(const Hdf5File& file, const std::string& path, Network& network) {
    network.round_listed();
    for (const Parameter& parameter : network.parameters())
        read_matrix(file, path, "/parameters/" + parameter.name, *parameter.value);
    network.refresh();
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
        for (const Parameter& parameter : network.parameters())
            write_matrix(file, "/parameters/" + parameter.name, *parameter.value);
        for (const Trainer::LearnedArray& array : trainer.learned()) {
            write_matrix(file, "/optimiser/" + array.parameter.name + "/first",
                         array.moments.first);
            write_matrix(file, "/optimiser/" + array.parameter.name + "/second",
                         array.moments.second);
        }
        file.close();
    });
}

Progress load_checkpoint(const std::string& path, const Experiment& experiment,
                         const json& provenance, Network& network, Trainer& trainer) {
    const Hdf5File file = open_checkpoint(path);
    const json wanted = identity(experiment);
    require_same(file, path, wanted, "network", "another network");
    for (const char* part : {"input", "training", "seed"})
        require_same(file, path, wanted, part, "a training with other settings");
    Progress progress;
    // Those of older versions of synfire do not say.
    const json saved =
        file.has("/provenance") ? json::parse(file.read_text("/provenance")) : json();
    progress.notes = require_same_provenance(path, saved, provenance);
    const auto position = file.read<std::uint64_t>("/progress/position");
    const auto sums = file.read<double>("/progress/sums");
    const auto counters = file.read<std::uint64_t>("/counters");
    if (position.size() != 5 || sums.size() != 2 || counters.size() != 8)
        throw InputError(
            fmt::format("{}: its progress or counters are damaged; a checkpoint.h5 "
                        "that `synfire train` wrote is expected.",
                        path));
    for (Trainer::LearnedArray& array : trainer.learned()) {
        const std::string name = "/optimiser/" + array.parameter.name;
        read_matrix(file, path, name + "/first", array.moments.first);
        read_matrix(file, path, name + "/second", array.moments.second);
    }
    trainer.set_counters(counters_from(counters));
    read_parameters(file, path, network);
    progress.epoch = static_cast<std::uint32_t>(position[0]);
    progress.batch = static_cast<std::uint32_t>(position[1]);
    progress.step = position[2];
    progress.score = {position[3], position[4], sums[0]};
    progress.seconds = sums[1];
    progress.curves = rows_from(file.read<double>("/curves"));
    return progress;
}

void load_parameters(const std::string& path, const Experiment& experiment, Network& network) {
    const Hdf5File file = open_checkpoint(path);
    require_same(file, path, identity(experiment), "network", "another network");
    read_parameters(file, path, network);
}

}  // namespace synfire
