#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

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
namespace fs = std::filesystem;

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
    std::uint64_t recordings = 0, events = 0;
};

Checked check_file(const std::string& path, const std::string& container) {
    Checked checked{path, "", 0, 0};
    try {
        if (container.empty() && has_shd_layout(path)) {
            const ShdSummary set = summarise_shd(path);
            checked.recordings = set.recordings;
            checked.events = set.events;
            if (set.empty > 0)
                checked.fault =
                    fmt::format("{} of its {} recordings have no event", set.empty, set.recordings);
            return checked;
        }
        const auto decoder = open_recording(path, container);
        checked.recordings = 1;
        const RecordingSummary summary = summarise(*decoder);
        checked.events = summary.events;
        checked.fault = faults_of(summary);
    } catch (const NoRecording&) {
        if (is_foreign(std::filesystem::path(path).filename().string())) return checked;
        checked.recordings = 1;
        checked.fault = "is in no container that is known, or damaged";
    } catch (const InputError& error) {
        checked.recordings = 1;
        checked.fault = error.what();
        if (checked.fault.starts_with(path + ": ")) checked.fault.erase(0, path.size() + 2);
    }
    return checked;
}

// The files below a folder, links followed as a training follows them. Names that begin with a dot
// are passed over and counted; what is neither file nor folder, or cannot be looked into, is a
// fault.
class Folder {
  public:
    std::vector<std::string> files;
    std::vector<Checked> faults;
    std::uint64_t passed_over = 0;

    void look_into(const fs::path& folder) {
        std::error_code error;
        const fs::path real = fs::canonical(folder, error);
        if (!error && !entered_.insert(real.string()).second)
            return refuse(folder, "leads to a folder that is checked already");
        fs::directory_iterator at(folder, error);
        if (error) return refuse(folder, "cannot be read (" + error.message() + ")");
        for (; at != fs::directory_iterator(); at.increment(error)) {
            const fs::path& path = at->path();
            std::error_code gone;
            const fs::file_status status = fs::status(path, gone);
            if (path.filename().string().starts_with('.'))
                ++passed_over;
            else if (fs::is_directory(status))
                look_into(path);
            else if (fs::is_regular_file(status))
                files.push_back(path.string());
            else
                refuse(path, "is neither a file nor a folder that can be read");
        }
        if (error) refuse(folder, "cannot be read to its end (" + error.message() + ")");
    }

  private:
    void refuse(const fs::path& path, std::string why) {
        faults.push_back({path.string(), std::move(why), 0, 0});
    }

    std::set<std::string> entered_;
};

}  // namespace

// Reads a file, or every file below a folder. Files that were not meant as recordings (is_foreign)
// are passed over and counted.
int data_check(const DataOptions& options) {
    if (!fs::exists(options.path))
        throw InputError(
            fmt::format("{}: there is no such file or folder.", printable(options.path)));
    Folder folder;
    if (fs::is_directory(options.path))
        folder.look_into(options.path);
    else
        folder.files.push_back(options.path);
    std::vector<std::string>& paths = folder.files;
    std::uint64_t passed_over = folder.passed_over;
    std::ranges::sort(paths);
    std::vector<Checked> checked(paths.size());
    in_parallel(paths.size(),
                [&](std::size_t i) { checked[i] = check_file(paths[i], options.container); });
    checked.insert(checked.end(), folder.faults.begin(), folder.faults.end());
    std::uint64_t recordings = 0, events = 0;
    json faults = json::array();
    for (const Checked& file : checked) {
        recordings += file.recordings;
        passed_over += file.recordings == 0 && file.fault.empty();
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
