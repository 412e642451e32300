#include "cli/profile_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/atomic_file.hpp"
#include "base/output_file.hpp"
#include "cli/output.hpp"

namespace synfire::cli {

using json = nlohmann::json;

std::string ProfileReport::place_name(Stage stage, std::uint32_t place) const {
    switch (info(stage).place) {
        case PlaceKind::population:
            // What the queue hands out is not one population's.
            if (stage == Stage::queue) return "";
            return experiment_.network.populations[place].name;
        case PlaceKind::projection:
            return experiment_.network.projections[place].name;
        case PlaceKind::whole:
            break;
    }
    return "";
}

ProfileReport::What ProfileReport::what(Stage stage, std::uint32_t place) const {
    switch (stage) {
        case Stage::neurons:
        case Stage::adjoint: {
            const NeuronModel* model = experiment_.network.populations[place].model;
            return model ? What{std::string(model->id()), true} : What{};
        }
        case Stage::rule:
            for (const ProjectionDescription& p : experiment_.network.projections)
                if (p.target == place && p.training_rule)
                    return {std::string(p.training_rule->model->id()), true};
            return {};
        case Stage::plasticity: {
            const ProjectionDescription& p = experiment_.network.projections[place];
            const auto& rule = p.training_rule ? p.training_rule : p.rule;
            return rule ? What{std::string(rule->model->id()), true} : What{};
        }
        case Stage::deliver:
        case Stage::backproject:
            return {experiment_.network.projections[place].json->at("topology"), false};
        default:
            return {};
    }
}

json ProfileReport::to_json() const {
    // By stage and name of the place: the queue's places are one.
    struct Row {
        std::string place;
        What what;
        Profile::Total total;
    };
    std::vector<std::pair<Stage, Row>> rows;
    for (std::size_t s = 0; s < stage_count; ++s) {
        const auto stage = static_cast<Stage>(s);
        std::map<std::string, std::size_t> known;
        for (const Profile& profile : profiler_.profiles())
            for (std::uint32_t place = 0; place < profile.totals(stage).size(); ++place) {
                const Profile::Total& total = profile.totals(stage)[place];
                if (total.calls == 0) continue;
                const std::string name = place_name(stage, place);
                const auto [found, fresh] = known.emplace(name, rows.size());
                if (fresh) rows.push_back({stage, {name, what(stage, place), {}}});
                Profile::Total& sum = rows[found->second].second.total;
                sum.clocks += total.clocks;
                sum.calls += total.calls;
                sum.work += total.work;
            }
    }
    std::ranges::stable_sort(rows, std::greater<>(),
                             [](const auto& row) { return row.second.total.clocks; });
    const double all = profiler_.wall_s() * threads_;
    double in_spans = 0;
    std::map<std::string, double> seconds_of;  // by plugin
    json stages = json::array();
    for (const auto& [stage, row] : rows) {
        const double seconds = profiler_.seconds(row.total.clocks);
        in_spans += seconds;
        if (row.what.plugin) seconds_of[row.what.name] += seconds;
        auto per_second = [&](std::uint64_t n) {
            return seconds > 0 ? static_cast<double>(n) / seconds : 0.0;
        };
        const Work& work = row.total.work;
        stages.push_back({{"stage", info(stage).name},
                          {"place", row.place},
                          {"what", row.what.name},
                          {"seconds", seconds},
                          {"share", seconds / all},
                          {"calls", row.total.calls},
                          {"events", work.events},
                          {"events_per_s", per_second(work.events)},
                          {"macs", work.macs},
                          {"bytes", work.bytes},
                          {"bytes_per_s", per_second(work.bytes)}});
    }
    std::vector<std::pair<double, std::string>> by_time;
    for (const auto& [name, seconds] : seconds_of) by_time.emplace_back(seconds, name);
    std::ranges::sort(by_time, std::greater<>());
    json plugins = json::array();
    for (const auto& [seconds, name] : by_time)
        plugins.push_back({{"plugin", name}, {"seconds", seconds}, {"share", seconds / all}});
    return {{"wall_s", profiler_.wall_s()},
            {"threads", threads_},
            {"stages", stages},
            {"plugins", plugins},
            {"elsewhere_s", std::max(0.0, all - in_spans)}};
}

bool ProfileReport::write_trace(const std::string& path) const {
    bool complete = true;
    replace_file(path, [&](const std::string& temporary) {
        OutputFile file(temporary);
        file.write(std::string(trace_beginning) +
                   R"("ns","traceEvents":[)"
                   R"({"ph":"M","name":"process_name","pid":1,"args":{"name":)" +
                   json(experiment_.name).dump() + "}}");
        auto us = [&](std::uint64_t at) { return profiler_.since_start(at) * 1e6; };
        std::size_t tid = 0;
        for (const Profile& profile : profiler_.profiles()) {
            complete = complete && !profile.left_spans_out();
            const std::string thread = tid == 0 ? "main" : fmt::format("worker {}", tid);
            file.write(fmt::format(
                ",\n{{\"ph\":\"M\",\"name\":\"thread_name\",\"pid\":1,\"tid\":{},\"args\":{{"
                "\"name\":\"{}\"}}}}",
                tid, thread));
            for (const Profile::TracedSpan& span : profile.spans()) {
                const std::string place = place_name(span.stage, span.place);
                const std::string name = place.empty()
                                             ? info(span.stage).name
                                             : fmt::format("{} {}", info(span.stage).name, place);
                file.write(fmt::format(
                    ",\n{{\"ph\":\"X\",\"name\":{},\"cat\":\"{}\",\"pid\":1,\"tid\":{},"
                    "\"ts\":{:.3f},\"dur\":{:.3f},\"args\":{{\"events\":{},\"what\":{}}}}}",
                    json(name).dump(), info(span.stage).name, tid, us(span.begin),
                    profiler_.seconds(span.end - span.begin) * 1e6, span.events,
                    json(what(span.stage, span.place).name).dump()));
            }
            for (const Profile::TracedTick& tick : profile.ticks())
                file.write(fmt::format(
                    ",\n{{\"ph\":\"C\",\"name\":\"queue depth, {0}\",\"pid\":1,\"ts\":{1:.3f},"
                    "\"args\":{{\"deliveries\":{2}}}}}"
                    ",\n{{\"ph\":\"C\",\"name\":\"spikes per tick, {0}\",\"pid\":1,\"ts\":{1:.3f},"
                    "\"args\":{{\"spikes\":{3}}}}}",
                    thread, us(tick.at), tick.queue, tick.spikes));
            ++tid;
        }
        file.write("]}\n");
        file.close();
    });
    return complete;
}

namespace {

// 1234567 as 1.23M
std::string short_number(double value) {
    constexpr const char* units[] = {"", "k", "M", "G", "T", "P"};
    std::size_t unit = 0;
    while (value >= 1000 && unit + 1 < std::size(units)) {
        value /= 1000;
        ++unit;
    }
    return value == 0 ? "" : fmt::format("{:.3g}{}", value, units[unit]);
}

}  // namespace

void print_profile(const json& p) {
    constexpr const char* line =
        "{:<12} {:<24} {:<17} {:>8} {:>6} {:>8} {:>8} {:>9} {:>8} {:>8} {:>7}\n";
    say(fmt::runtime(line), "stage", "where", "what", "ms", "share", "calls", "events", "events/s",
        "MACs", "bytes", "GB/s");
    for (const json& s : p.at("stages")) {
        auto number = [&](const char* key) { return short_number(s.at(key).get<double>()); };
        const double rate = s.at("bytes_per_s").get<double>() / 1e9;
        say(fmt::runtime(line), s.at("stage").get<std::string>(), s.at("place").get<std::string>(),
            s.at("what").get<std::string>(),
            fmt::format("{:.1f}", s.at("seconds").get<double>() * 1000),
            fmt::format("{:.1f}%", s.at("share").get<double>() * 100), number("calls"),
            number("events"), number("events_per_s"), number("macs"), number("bytes"),
            rate > 0 ? fmt::format("{:.1f}", rate) : "");
    }
    const double all = p.at("wall_s").get<double>() * p.at("threads").get<double>();
    say("{:<55} {:>8.1f} {:>5.1f}%\n", "elsewhere, and threads that wait",
        p.at("elsewhere_s").get<double>() * 1000, p.at("elsewhere_s").get<double>() / all * 100);
    for (const json& plugin : p.at("plugins"))
        say("plugin {:<48} {:>8.1f} {:>5.1f}%\n", plugin.at("plugin").get<std::string>(),
            plugin.at("seconds").get<double>() * 1000, plugin.at("share").get<double>() * 100);
}

}  // namespace synfire::cli
