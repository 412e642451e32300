#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/note.hpp"
#include "base/printable.hpp"
#include "base/problem.hpp"
#include "cli/data_actions.hpp"
#include "cli/output.hpp"
#include "recordings/containers.hpp"
#include "recordings/summary.hpp"
#include "shd/shd.hpp"

namespace synfire::cli {
namespace {

using json = nlohmann::json;

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

int data_set_info(const DataOptions& options) {
    const NamedDataSet named = named_data_set(options, options.path);
    const Listing listing = named.set.list(named.request);
    std::vector<std::uint64_t> train(listing.classes.size()), test(train);
    for (const RecordingPlace& place : listing.train) ++train[place.label];
    for (const RecordingPlace& place : listing.test) ++test[place.label];
    const std::string hash = fmt::format("{:016x}", fingerprint(listing));
    if (options.json) {
        json classes = json::array();
        for (std::size_t c = 0; c < listing.classes.size(); ++c)
            classes.push_back(
                {{"name", listing.classes[c]}, {"train", train[c]}, {"test", test[c]}});
        print_json({{"path", options.path},
                    {"format", named.set.name},
                    {"train", listing.train.size()},
                    {"test", listing.test.size()},
                    {"classes", std::move(classes)},
                    {"split_fingerprint", hash},
                    {"files_passed_over", listing.passed_over.files},
                    {"folders_passed_over", listing.passed_over.folders},
                    {"notes", listing.notes}});
        return done;
    }
    say("{}: {}\n", printable(options.path), named.set.name);
    say("  recordings  {} for training, {} for the test\n", listing.train.size(),
        listing.test.size());
    say("  split       {}\n", hash);
    if (listing.passed_over.files + listing.passed_over.folders > 0)
        say("  passed over files {}, folders {}, such as {}\n", listing.passed_over.files,
            listing.passed_over.folders, printable(listing.passed_over.example));
    for (const std::string& said : listing.notes) say("  {}\n", printable(said));
    for (std::size_t c = 0; c < listing.classes.size(); ++c)
        say("  class {:>4}  {:>6} and {:>6}  {}\n", c, train[c], test[c],
            printable(listing.classes[c]));
    return done;
}

int shd_info(const DataOptions& options) {
    const ShdSummary s = summarise_shd(options.path);
    if (options.json) {
        json labels = json::array();
        for (const auto& [label, recordings] : s.labels)
            labels.push_back({{"label", label}, {"recordings", recordings}});
        print_json({{"path", options.path},
                    {"container", "shd"},
                    {"recordings", s.recordings},
                    {"events", s.events},
                    {"units", s.units},
                    {"first_s", s.first_s},
                    {"last_s", s.last_s},
                    {"labels", std::move(labels)}});
        return done;
    }
    say("{}: layout of SHD\n", printable(options.path));
    say("  recordings {}\n  events     {}\n", s.recordings, s.events);
    if (s.events > 0)
        say("  units      0 to {}\n  times      {} to {} s\n", s.units - 1, s.first_s, s.last_s);
    for (const auto& [label, recordings] : s.labels)
        say("  label {:>4} {:>6} recordings\n", label, recordings);
    return done;
}

}  // namespace

int data_info(const DataOptions& options) {
    if (std::filesystem::is_directory(options.path)) return data_set_info(options);
    if (options.container.empty() && has_shd_layout(options.path)) return shd_info(options);
    const auto decoder = open_recording(options.path, options.container);
    const RecordingSummary summary = summarise(*decoder);
    if (options.json)
        print_json(info_json(options.path, summary));
    else
        say_info(options.path, summary);
    return done;
}

}  // namespace synfire::cli
