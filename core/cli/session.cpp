#include "cli/session.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/note.hpp"
#include "cli/progress.hpp"

namespace synfire::cli {

using json = nlohmann::json;

Network build_network(const Experiment& experiment) {
    std::vector<bool> swept;
    if (experiment.training) swept = trained_populations(experiment.network);
    return Network(experiment.network, experiment.seed, swept);
}

void in_file(const std::string& file, const std::function<void()>& body) {
    try {
        body();
    } catch (const InputError& error) {
        Problems problems = error.problems();
        for (Problem& problem : problems)
            if (problem.file.empty() && !problem.pointer.empty()) problem.file = file;
        throw InputError(std::move(problems));
    }
}

namespace {

void check_labels(const EventSet& set, const char* split, const PopulationDescription& readout) {
    for (std::size_t i = 0; i < set.size(); ++i)
        if (set.labels[i] >= readout.size)
            throw InputError(fmt::format(
                "Recording {} of the {} split has the label {}, and the readout '{}' has {} "
                "outputs; labels 0 to {} are allowed.",
                i, split, set.labels[i], readout.name, readout.size, readout.size - 1));
}

// Votes tell as many classes apart as the labels name.
void check_classes(const EventSet& train) {
    constexpr std::uint32_t most = 1 << 16;
    const auto [low, high] = std::ranges::minmax(train.labels);
    if (high >= most)
        throw InputError(
            fmt::format("A training recording has the label {}; for votes, labels 0 "
                        "to {} are allowed.",
                        high, most - 1));
    if (low == high)
        throw InputError(
            fmt::format("All training recordings have the label {}, and so votes are "
                        "right whatever they say; recordings of two classes or more "
                        "are expected.",
                        low));
}

// Recordings without an event have nothing to learn from or to judge.
void check_events(const EventSet& set, const char* split) {
    std::size_t empty = 0, first = 0;
    for (std::size_t i = 0; i < set.size(); ++i)
        if (set.begin[i] == set.begin[i + 1] && empty++ == 0) first = i;
    if (empty == 0) return;
    if (empty == set.size())
        throw InputError(fmt::format(
            "No recording of the {} split has an event left in the ticks of the experiment; "
            "/input/ticks and, where they are given, from_ms, to_ms, area and polarity leave none.",
            split));
    note(
        fmt::format("note: {} of {} recordings of the {} split have no event left in the ticks of "
                    "the experiment, the first of them number {}.",
                    empty, set.size(), split, first));
}

void note_left_out(const LeftOut& left_out, std::size_t taken) {
    std::string words;
    for (const LeftOut::Reason& reason : LeftOut::reasons)
        if (const std::uint64_t count = left_out.*reason.count; count > 0)
            words += fmt::format("{}{} {}", words.empty() ? "" : ", ", count, reason.words);
    if (!words.empty())
        note(fmt::format("note: events left out beside the {} spikes taken: {}", taken, words));
}

void note_passed_over(const PassedOver& passed_over) {
    if (passed_over.files + passed_over.folders == 0) return;
    note(fmt::format("note: passed over among the recordings: files {}, folders {}, such as {}",
                     passed_over.files, passed_over.folders, passed_over.example));
}

}  // namespace

InputData load_data(const Experiment& experiment, const std::string& data_folder) {
    if (!experiment.input)
        throw InputError("The experiment has no \"input\" to read recordings from.");
    InputRequest request = experiment.input_request(data_folder);
    ReadingDisplay display;
    request.progress = [&](std::uint64_t done, std::uint64_t of) { display.show(done, of); };
    InputData data = experiment.format->load(request);
    note_passed_over(data.passed_over);
    note_left_out(data.left_out(), data.train.keys().size() + data.test.keys().size());
    for (const std::string& said : data.notes) note("note: " + said);
    data.train.limit(static_cast<std::size_t>(experiment.limit));
    data.test.limit(static_cast<std::size_t>(experiment.limit));
    if (experiment.training) {
        if (data.train.size() > 0) check_events(data.train, "training");
        if (data.test.size() > 0) check_events(data.test, "test");
        const TrainingDescription& training = *experiment.training;
        if (training.readout) {
            const auto& readout = experiment.network.populations[*training.readout];
            check_labels(data.train, "training", readout);
            check_labels(data.test, "test", readout);
            if (!data.classes.empty() && data.classes.size() < readout.size)
                note(
                    fmt::format("note: the recordings have {} classes, and the readout '{}' {} "
                                "outputs",
                                data.classes.size(), readout.name, readout.size));
        }
        if (data.train.size() == 0)
            throw InputError("There are no training recordings; at least one is needed.");
        if (training.decoder.by_votes) check_classes(data.train);
    }
    return data;
}

void require_training(const Experiment& experiment, const std::string& model) {
    if (!experiment.training)
        throw InputError(
            {{"", "The experiment has no \"training\"; see models/ for one that has.", model, 0}});
}

void note_silent_voters(const Experiment& experiment, const Votes* votes) {
    if (!votes || votes->empty() || votes->voters() > 0) return;
    const DecoderDescription& decoder = experiment.training->decoder;
    note(
        fmt::format("note: no neuron of '{}' fired on the training recordings, so none has a vote "
                    "and every recording counts as wrong; stronger weights or a lower threshold "
                    "may help",
                    experiment.network.populations[decoder.population].name));
}

json network_json(const Network& network) {
    json populations = json::array();
    for (std::size_t i = 0; i < network.populations().size(); ++i) {
        const Population& p = network.populations()[i];
        json entry = {{"name", p.description.name},
                      {"size", network.description().populations[i].size}};
        if (p.description.has_neurons()) {
            entry["neuron"] = std::string(p.description.model->id());
            entry["integration"] = p.by_event ? "event" : "tick";
            entry["integration_reason"] = p.by_event_reason;
        }
        populations.push_back(std::move(entry));
    }
    return {{"populations", populations},
            {"synapses", network.synapse_count()},
            {"parameters", network.parameter_count()},
            {"weight_bytes", network.weight_bytes()},
            {"fingerprint", fmt::format("{:016x}", network.fingerprint())}};
}

json number_or_null(const std::optional<double>& value) {
    return value ? json(*value) : json();
}

std::string accuracy_text(const json& accuracy) {
    return accuracy.is_null() ? "-" : fmt::format("{:.4f}", accuracy.get<double>());
}

json input_json(const InputData& data) {
    const LeftOut all = data.left_out();
    json left_out = json::object();
    for (const LeftOut::Reason& reason : LeftOut::reasons)
        if (reason.count != &LeftOut::late) left_out[reason.name] = all.*reason.count;
    return {{"events_merged", data.train.merged + data.test.merged},
            {"events_late", all.late},
            {"events_left_out", left_out},
            {"files_passed_over", data.passed_over.files},
            {"folders_passed_over", data.passed_over.folders}};
}

json flow_json(const Score& score, const InputData& data) {
    const auto of_mean = error_of_mean_flow(data.train, data.test);
    return {{"test_endpoint_error", number_or_null(score.mean_endpoint_error())},
            {"test_outliers", number_or_null(score.outlier_share())},
            {"test_endpoint_error_of_mean_flow", of_mean ? json(of_mean->endpoint) : json()}};
}

std::string flow_text(const json& s) {
    const json &error = s.at("test_endpoint_error"),
               &of_mean = s.at("test_endpoint_error_of_mean_flow");
    return fmt::format("{:.4f} pixels, {:.1f} % outliers  (the mean flow is {} off)",
                       error.get<double>(), 100 * s.at("test_outliers").get<double>(),
                       of_mean.is_null() ? "-" : fmt::format("{:.4f}", of_mean.get<double>()));
}

json counters_json(const Counters& c) {
    return {{"spikes", c.spikes},
            {"input_spikes", c.input_spikes},
            {"noise_events", c.noise_events},
            {"synaptic_events", c.synaptic_events},
            {"macs_forward", c.macs_forward},
            {"macs_learning", c.macs_learning},
            {"neuron_updates", c.neuron_updates},
            {"ticks_visited", c.ticks_visited},
            {"ticks_skipped", c.ticks_skipped}};
}

}  // namespace synfire::cli
