#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/printable.hpp"
#include "base/problem.hpp"
#include "base/workers.hpp"
#include "cli/data_actions.hpp"
#include "cli/output.hpp"
#include "recordings/containers.hpp"
#include "recordings/summary.hpp"
#include "shd/shd.hpp"

namespace synfire::cli {
namespace {

using json = nlohmann::json;

// One line a fault of a recording that was read; empty where there is none.
std::string faults_of(const RecordingSummary& s) {
    std::string faults;
    auto add = [&](std::string fault) { faults += (faults.empty() ? "" : "; ") + fault; };
    if (s.info.cut_bytes > 0)
        add(fmt::format("ends {} bytes into an event or packet", s.info.cut_bytes));
    if (s.backward > 0)
        add(fmt::format("times go back at {} events, by {} us at most", s.backward,
                        s.largest_step_us));
    if (s.outside > 0) add(fmt::format("{} events lie beyond the sensor", s.outside));
    if (s.events == 0) add("has no event");
    return faults;
}

struct Checked {
    std::string path, fault;
    bool recording = false;
    std::uint64_t events = 0;
};

Checked check_file(const std::string& path, const std::string& container) {
    Checked checked{path, "", false, 0};
    try {
        if (container.empty() && has_shd_layout(path)) {
            checked.recording = true;
            checked.events = summarise_shd(path).events;
            if (checked.events == 0) checked.fault = "has no event";
            return checked;
        }
        const auto decoder = open_recording(path, container);
        checked.recording = true;
        const RecordingSummary summary = summarise(*decoder);
        checked.events = summary.events;
        checked.fault = faults_of(summary);
    } catch (const NoRecording&) {
        if (is_foreign(std::filesystem::path(path).filename().string())) return checked;
        checked.recording = true;
        checked.fault = "is in no container that is known, or damaged";
    } catch (const InputError& error) {
        checked.recording = true;
        checked.fault = error.what();
        if (checked.fault.starts_with(path + ": ")) checked.fault.erase(0, path.size() + 2);
    }
    return checked;
}

}  // namespace

// Reads a file, or every file below a folder. Names that begin with a dot, and files that were not
// meant as recordings (is_foreign), are passed over and counted.
int data_check(const DataOptions& options) {
    namespace fs = std::filesystem;
    if (!fs::exists(options.path))
        throw InputError(
            fmt::format("{}: there is no such file or folder.", printable(options.path)));
    std::vector<std::string> paths;
    std::uint64_t passed_over = 0;
    const bool folder = fs::is_directory(options.path);
    if (!folder) paths.push_back(options.path);
    fs::recursive_directory_iterator at, end;
    if (folder) at = fs::recursive_directory_iterator(options.path);
    for (; at != end; ++at) {
        const bool hidden = at->path().filename().string().starts_with('.');
        if (hidden) ++passed_over;
        if (hidden && at->is_directory())
            at.disable_recursion_pending();
        else if (!hidden && at->is_regular_file())
            paths.push_back(at->path().string());
    }
    std::ranges::sort(paths);
    std::vector<Checked> checked(paths.size());
    in_parallel(paths.size(),
                [&](std::size_t i) { checked[i] = check_file(paths[i], options.container); });
    std::uint64_t recordings = 0, events = 0;
    json faults = json::array();
    for (const Checked& file : checked) {
        recordings += file.recording;
        passed_over += !file.recording;
        events += file.events;
        if (file.fault.empty()) continue;
        faults.push_back({{"path", file.path}, {"fault", file.fault}});
        if (!options.json) say("{}: {}\n", printable(file.path), printable(file.fault));
    }
    const std::size_t faulty = faults.size();
    if (options.json)
        print_json({{"path", options.path},
                    {"recordings", recordings},
                    {"events", events},
                    {"passed_over", passed_over},
                    {"faults", std::move(faults)}});
    else
        say("{} recordings, {} events, {} with faults; {} other files and folders passed over\n",
            recordings, events, faulty, passed_over);
    return faulty == 0 ? done : failed;
}

}  // namespace synfire::cli
