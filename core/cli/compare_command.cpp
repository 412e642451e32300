// `synfire compare`: several experiments trained one after another on the same recordings in the
// same order, and what each reached and cost, side by side.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "base/note.hpp"
#include "cli/output.hpp"
#include "cli/results_folder.hpp"
#include "cli/training_session.hpp"

namespace synfire::cli {
namespace {

using json = nlohmann::json;
using Sessions = std::vector<std::unique_ptr<TrainingSession>>;

// A quantity of the summaries: how a table shows it, and whether the last column relates it.
struct Row {
    const char* title;
    const char* key;
    std::string (*text)(const json& value);
    bool related = true;
};

std::string whole(const json& v) {
    return fmt::format("{}", v.get<std::uint64_t>());
}
std::string large(const json& v) {
    if (v.is_null()) return "-";
    return fmt::format("{:.4g}", v.get<double>());
}
std::string text(const json& v) {
    return v.get<std::string>();
}

constexpr Row rows[] = {
    {"rule", "rule", &text, false},
    {"ticks", "ticks", &whole, false},
    {"window ticks", "window_ticks", &whole, false},
    {"epochs", "epochs", &whole, false},
    {"test accuracy", "test_accuracy", &accuracy_text, false},
    {"train accuracy", "train_accuracy", &accuracy_text, false},
    {"training time", "train_wall_s",
     [](const json& v) { return fmt::format("{:.1f} s", v.get<double>()); }},
    {"samples/s", "train_samples_per_s", &large},
    {"learning state bytes", "learning_state_bytes", &whole},
    {"MACs forward", "macs_forward", &large},
    {"MACs learning", "macs_learning", &large},
    {"MACs", "macs", &large},
};

// Whether equal recordings become equal events for both.
bool read_alike(const TrainingSession& a, const TrainingSession& b) {
    auto how = [](const TrainingSession& session) {
        const Experiment& e = session.experiment();
        const PopulationDescription& input = e.network.populations[*e.input];
        json way = {{"dt_ms", e.network.dt_ms}, {"units", input.size}};
        if (input.shape)
            way["shape"] = {input.shape->channels, input.shape->rows, input.shape->columns};
        for (const char* key : {"format", "ticks", "binning", "downsample"})
            if (e.json->at("input").contains(key)) way[key] = e.json->at("input").at(key);
        return way;
    };
    return how(a) == how(b);
}

// Throws InputError unless the sessions learn from, and are tested on, the same recordings. Those
// that are read in other ways, with other ticks for example, are told apart by their labels.
void require_same_samples(const Sessions& sessions) {
    const TrainingSession& first = *sessions.front();
    auto differ = [&](const EventSet& a, const EventSet& b, bool alike) {
        return a.labels != b.labels || (alike && a.fingerprint() != b.fingerprint());
    };
    for (const auto& session : sessions) {
        const bool alike = read_alike(first, *session);
        if (differ(first.data().train, session->data().train, alike) ||
            differ(first.data().test, session->data().test, alike))
            throw InputError(fmt::format(
                "{} has {} training and {} test recordings, {} has {} and {}, and these, or their "
                "labels, are not the same; experiments are compared on the same recordings.",
                first.model(), first.data().train.size(), first.data().test.size(),
                session->model(), session->data().train.size(), session->data().test.size()));
        if (!alike)
            note(
                fmt::format("note: {} and {} read their recordings in different ways; that these "
                            "are the same is known only from their labels",
                            first.model(), session->model()));
    }
}

json related(const json& summaries) {
    json ratios = json::array();
    for (const json& s : summaries) {
        json of = json::object();
        for (const Row& row : rows)
            if (const json& base = summaries[0].at(row.key), &value = s.at(row.key);
                row.related && base.is_number() && value.is_number() && base.get<double>() > 0)
                of[row.key] = value.get<double>() / base.get<double>();
        ratios.push_back(std::move(of));
    }
    return ratios;
}

void print_table(const json& summaries, const json& ratios) {
    std::vector<std::size_t> width(summaries.size());
    auto cell = [&](const Row& row, std::size_t k) {
        std::string shown = row.text(summaries[k].at(row.key));
        if (k > 0 && ratios[k].contains(row.key))
            shown += fmt::format("  ({:.3g}x)", ratios[k].at(row.key).get<double>());
        return shown;
    };
    auto name = [&](std::size_t k) { return summaries[k].at("experiment").get<std::string>(); };
    for (std::size_t k = 0; k < width.size(); ++k) {
        width[k] = name(k).size();
        for (const Row& row : rows) width[k] = std::max(width[k], cell(row, k).size());
    }
    say("{:<22}", "");
    for (std::size_t k = 0; k < width.size(); ++k) say("{:>{}}", name(k), width[k] + 3);
    for (const Row& row : rows) {
        say("\n{:<22}", row.title);
        for (std::size_t k = 0; k < width.size(); ++k) say("{:>{}}", cell(row, k), width[k] + 3);
    }
    say("\n(x: relative to {})\n", name(0));
}

constexpr const char* table_file = "comparison.json";

// The folders of the experiments: their names, and a number where that is taken.
std::vector<std::string> places_of(const Sessions& sessions, const std::string& folder) {
    std::vector<std::string> places;
    for (const auto& session : sessions) {
        const std::string stem = fmt::format("{}/{}", folder, session->experiment().name);
        std::string place = stem;
        auto taken = [&] {
            return place == fmt::format("{}/{}", folder, table_file) ||
                   std::ranges::count(places, place) > 0;
        };
        for (int number = 2; taken(); ++number) place = fmt::format("{}-{}", stem, number);
        places.push_back(std::move(place));
    }
    return places;
}

int compare(Options options, const std::vector<std::string>& models) {
    const PluginRegistry plugins(plugin_folders(options.plugin_folders));
    Sessions sessions;
    for (const std::string& model : models) {
        options.model = model;
        Experiment experiment = options.read(plugins);
        // The seed decides the order of the recordings, so all take that of the first.
        if (options.seed < 0) options.seed = static_cast<std::int64_t>(experiment.seed);
        sessions.push_back(
            std::make_unique<TrainingSession>(std::move(experiment), model, options));
    }
    require_same_samples(sessions);
    const ResultsFolder folder = ResultsFolder::open(options.out, "compare");
    folder.set_aside({table_file});
    const std::vector<std::string> places = places_of(sessions, folder.path());
    json summaries = json::array();
    bool stopped = false;
    for (std::size_t k = 0; k < sessions.size() && !stopped; ++k) {
        const Experiment& e = sessions[k]->experiment();
        note(fmt::format("{} ({})", e.name, e.training->rule.model->id()));
        json s = sessions[k]->run(ResultsFolder::open(places[k], ""));
        s["macs"] =
            s.at("macs_forward").get<std::uint64_t>() + s.at("macs_learning").get<std::uint64_t>();
        stopped = s.at("interrupted");
        summaries.push_back(std::move(s));
    }
    const json ratios = related(summaries);
    const json result = {
        {"out", folder.path()}, {"models", summaries}, {"relative_to_first", ratios}};
    write_json_file(fmt::format("{}/{}", folder.path(), table_file), result);
    if (options.json)
        print_json(result);
    else
        print_table(summaries, ratios);
    return stopped ? interrupted : done;
}

}  // namespace

void add_compare_command(CommandLine& line) {
    auto options = std::make_shared<Options>();
    auto models = std::make_shared<std::vector<std::string>>();
    Arguments arguments = line.add(
        "compare", "train several experiments on the same recordings and set them side by side",
        [=] { return guarded(options->json, [&] { return compare(*options, *models); }); });
    arguments.positional("models", *models, "experiments, two or more: JSON files, or names of shipped ones", 2, 64);
    options->add_run(arguments);
    options->add_epochs(arguments);
    options->add_plugins(arguments);
    options->add_json(arguments);
}

}  // namespace synfire::cli
