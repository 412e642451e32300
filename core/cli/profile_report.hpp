// What a profile says, with the names of the experiment: a table, a JSON object, and a file of
// Chrome trace events, which Perfetto and chrome://tracing open.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "learning/experiment.hpp"
#include "profile/profile.hpp"

namespace synfire::cli {

// How the trace of every profile begins.
inline constexpr std::string_view trace_beginning = R"({"displayTimeUnit":)";

class ProfileReport {
  public:
    // threads: how many worked at a time. Refers to its arguments.
    ProfileReport(const Experiment& experiment, const Profiler& profiler, unsigned threads)
        : experiment_(experiment), profiler_(profiler), threads_(threads) {}

    // {"wall_s", "threads", "stages": [...], "plugins": [...], "elsewhere_s"}
    nlohmann::json to_json() const;
    // Throws std::runtime_error where the file cannot be written. Returns whether every span of the
    // run is in it.
    bool write_trace(const std::string& path) const;

  private:
    std::string place_name(Stage stage, std::uint32_t place) const;
    // The plugin or the topology at work, and whether it is a plugin.
    struct What {
        std::string name;
        bool plugin = false;
    };
    What what(Stage stage, std::uint32_t place) const;

    const Experiment& experiment_;
    const Profiler& profiler_;
    unsigned threads_;
};

// The table of to_json's object.
void print_profile(const nlohmann::json& profile);

}  // namespace synfire::cli
