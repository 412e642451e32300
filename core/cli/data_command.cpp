#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/printable.hpp"
#include "base/problem.hpp"
#include "base/workers.hpp"
#include "cli/command.hpp"
#include "cli/output.hpp"
#include "recordings/containers.hpp"
#include "recordings/summary.hpp"

namespace synfire::cli {
namespace {

using json = nlohmann::json;

struct DataOptions {
    std::string action, path, container;
    bool json = false;
};

json info_json(const std::string& path, const RecordingSummary& s) {
    json out = {{"path", path},
                {"container", s.info.container},
                {"sensor", s.info.sensor},
                {"columns", s.info.columns},
                {"rows", s.info.rows},
                {"mirrored", s.info.mirrored},
                {"upward", s.info.upward},
                {"events", s.events},
                {"outside_sensor", s.outside},
                {"cut_bytes", s.info.cut_bytes},
                {"passed_over", json::object()}};
    for (const auto& [kind, count] : s.info.passed_over) out["passed_over"][kind] = count;
    if (s.events == 0) return out;
    out.update({{"sum_x", s.sum_x},
                {"sum_y", s.sum_y},
                {"sum_p", s.on},
                {"sum_t_us", s.sum_time_us},
                {"first_t", s.first_us},
                {"last_t", s.last_us},
                {"min_x", s.min_x},
                {"max_x", s.max_x},
                {"min_y", s.min_y},
                {"max_y", s.max_y},
                {"share_on", static_cast<double>(s.on) / static_cast<double>(s.events)},
                {"duration_s", s.seconds()},
                {"backward", {{"events", s.backward}, {"largest_us", s.largest_step_us}}},
                {"over_time", {{"stretch_us", s.stretch_us}, {"events", json::array()}}},
                {"hot_pixels", json::array()}});
    for (const auto& [begin, events] : s.over_time)
        out["over_time"]["events"].push_back({begin, events});
    for (const HotPixel& pixel : s.hot)
        out["hot_pixels"].push_back({{"x", pixel.x}, {"y", pixel.y}, {"events", pixel.events}});
    return out;
}

void say_info(const std::string& path, const RecordingSummary& s) {
    say("{}: {}{}{}\n", printable(path), s.info.container, s.info.sensor.empty() ? "" : " of ",
        printable(s.info.sensor));
    if (s.info.columns > 0)
        say("  sensor     {} columns, {} rows\n", s.info.columns, s.info.rows);
    else
        say("  sensor     size not stated\n");
    say("  events     {}\n", s.events);
    if (s.events > 0) {
        say("  x, y       {} to {}, {} to {}\n", s.min_x, s.max_x, s.min_y, s.max_y);
        say("  duration   {:.6f} s, from {} to {} us\n", s.seconds(), s.earliest_us, s.latest_us);
        say("  ON         {:.1f} %\n",
            100 * static_cast<double>(s.on) / static_cast<double>(s.events));
        say("  sums       x {}, y {}, ON {}, time {} us\n", s.sum_x, s.sum_y, s.on, s.sum_time_us);
        std::uint64_t most = 1;
        for (const auto& [begin, events] : s.over_time) most = std::max(most, events);
        say("  over time  events in stretches of {:g} ms\n",
            static_cast<double>(s.stretch_us) * 1e-3);
        for (const auto& [begin, events] : s.over_time)
            say("    {:>16} us {:>10}  {}\n", begin, events, std::string(40 * events / most, '#'));
        for (std::size_t i = 0; i < s.hot.size() && i < 10; ++i)
            say("  hot pixel  x = {}, y = {}: {} events\n", s.hot[i].x, s.hot[i].y,
                s.hot[i].events);
        if (s.hot.size() > 10) say("  and {} more\n", s.hot.size() - 10);
    }
    for (const auto& [kind, count] : s.info.passed_over) say("  passed over  {} {}\n", count, kind);
    if (s.backward > 0)
        say("  times go back  at {} events, by {} us at most\n", s.backward, s.largest_step_us);
    if (s.outside > 0) say("  outside    {} events lie beyond the sensor\n", s.outside);
    if (s.info.cut_bytes > 0)
        say("  cut off    the file ends {} bytes into an event or packet\n", s.info.cut_bytes);
}

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
        const auto decoder = open_recording(path, container);
        checked.recording = true;
        const RecordingSummary summary = summarise(*decoder);
        checked.events = summary.events;
        checked.fault = faults_of(summary);
    } catch (const NoRecording&) {
    } catch (const InputError& error) {
        checked.recording = true;
        checked.fault = error.what();
        if (checked.fault.starts_with(path + ": ")) checked.fault.erase(0, path.size() + 2);
    }
    return checked;
}

// Reads every file below a folder. Names that begin with a dot, and files in no container that is
// known, are passed over and counted.
int check_folder(const DataOptions& options) {
    namespace fs = std::filesystem;
    if (!fs::is_directory(options.path))
        throw InputError(fmt::format("{}: there is no such folder.", printable(options.path)));
    std::vector<std::string> paths;
    std::uint64_t passed_over = 0;
    for (fs::recursive_directory_iterator at(options.path), end; at != end; ++at) {
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

int data(const DataOptions& options) {
    return guarded(options.json, [&]() -> int {
        if (options.action == "check") return check_folder(options);
        if (options.action != "info")
            throw InputError(
                fmt::format("'{}' is nothing to do with data. Allowed: 'info' or 'check'.",
                            printable(options.action)));
        const auto decoder = open_recording(options.path, options.container);
        const RecordingSummary summary = summarise(*decoder);
        if (options.json)
            print_json(info_json(options.path, summary));
        else
            say_info(options.path, summary);
        return done;
    });
}

}  // namespace

void add_data_command(CommandLine& line) {
    auto options = std::make_shared<DataOptions>();
    Arguments arguments = line.add("data", "look into recordings of event cameras",
                                   [options] { return data(*options); });
    arguments.positional("ACTION", options->action,
                         "info: what a recording holds; check: reads every file of a folder");
    arguments.positional("PATH", options->path, "a recording, or a folder");
    arguments.option("--container", options->container,
                     "the recording's container, where the file does not tell", "NAME");
    arguments.flag("--json", options->json, "print one JSON object on standard output");
}

}  // namespace synfire::cli
