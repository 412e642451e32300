// A model of a plugin under test: its table as the host reads it, instances of it, and calls into
// it that turn what goes wrong into findings.
//
// Random numbers are those of base/random.hpp: a check does the same each time.
#pragma once

#include <atomic>
#include <exception>
#include <filesystem>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/random.hpp"
#include "conformance/check.hpp"
#include "conformance/scene.hpp"
#include "synfire/abi.h"

namespace synfire::conformance {

using Values = std::vector<double>;  // one for each parameter
using Table = std::variant<const synfire_neuron*, const synfire_rule*, const synfire_release*,
                           const synfire_loss*>;

// "neuron", "rule", "release" or "loss".
const char* kind_of(const Table& table);
const synfire_description& description_of(const Table& table);

// Runs a call into the plugin: what it throws over the C interface is a finding.
template <class Body>
auto within(const char* call, Body&& body) {
    if (Scene::current()) Scene::current()->enter(call);
    auto thrown = [&](const std::string& what) {
        return Fault(std::string("an exception comes out of '") + call + "' over the C interface" +
                     what);
    };
    try {
        return body();
    } catch (const std::exception& error) {
        throw thrown(std::string(": ") + error.what());
    } catch (...) {
        throw thrown("");
    }
}

class Subject;

// An instance that the model has made.
class Instance {
  public:
    Instance(Subject& subject, void* instance) : subject_(&subject), instance_(instance) {}
    Instance(Instance&& other) noexcept
        : subject_(other.subject_), instance_(std::exchange(other.instance_, nullptr)) {}
    Instance& operator=(Instance&&) = delete;
    ~Instance();
    const void* get() const { return instance_; }
    // Throws Fault; the destructor says nothing.
    void destroy();

  private:
    Subject* subject_;
    void* instance_;
};

class Subject {
  public:
    static constexpr double dt_ms = 1;
    // Where rules and losses stand.
    static constexpr std::uint32_t pre_count = 24, post_count = 40;
    static constexpr std::uint32_t map_side = 8, map_channels = 2;  // of losses, and of their input
    static constexpr std::uint32_t window_ticks = 20;

    // file: the plugin's; shipped: folders with plugins to compare it with.
    Subject(Table table, std::filesystem::path file, std::vector<std::filesystem::path> shipped);

    const Table& table() const { return table_; }
    const synfire_description& description() const { return description_of(table_); }
    // Throws NotAsked for a model of another kind.
    const synfire_neuron& neuron() const { return *std::get<const synfire_neuron*>(table_); }
    const synfire_rule& rule() const { return *std::get<const synfire_rule*>(table_); }
    const synfire_release& release() const { return *std::get<const synfire_release*>(table_); }
    const synfire_loss& loss() const { return *std::get<const synfire_loss*>(table_); }

    // Nothing where it refuses the values, and then refusal() has its words. Throws Fault.
    std::optional<Instance> try_create(const Values& values);
    // Throws Fault where it refuses them.
    Instance create(const Values& values);
    const std::string& refusal() const { return words_; }
    void destroy(void* instance);
    // A call's status. Throws Refused where it failed in words, Fault where without.
    void require(const char* call, synfire_status status);
    // With what rules are created from now on; a readout never spikes.
    void stand_before_readout(bool readout) { readout_ = readout; }
    bool before_readout() const { return readout_; }
    synfire_rule_site rule_site() const;
    void set_pre_count(std::uint32_t count) { pre_ = count; }
    synfire_loss_site loss_site() const;

    Values defaults() const;
    // Each parameter at an end of its range, very near to it, very large, or its default.
    Values extreme(Random& random) const;
    // Anywhere in the ranges, on a logarithmic scale where these are wide.
    Values anywhere(Random& random) const;
    // What the model accepts near its defaults: these first, then each choice and switch by itself,
    // then random ones, `random` of them where so many are found. Throws Fault where it refuses its
    // defaults.
    std::vector<Values> near_defaults(std::uint32_t random);
    std::string words_of(const Values& values) const;

    // Where the plugins are that the program ships.
    const std::vector<std::filesystem::path>& shipped() const { return shipped_; }
    const std::filesystem::path& file() const { return file_; }
    const synfire_host& host() const { return host_; }

    // What a check has measured, for the report.
    void measure(const char* what, double value);
    const std::vector<std::pair<std::string, double>>& measured() const { return measured_; }

  private:
    static void hear(void* subject, std::int32_t severity, const char* message);
    Values drawn(Random& random, double (*draw)(const synfire_parameter&, Random&)) const;

    Table table_;
    std::filesystem::path file_;
    std::vector<std::filesystem::path> shipped_;
    synfire_host host_;
    std::mutex mutex_;  // of words_ while several threads run
    std::string words_;
    bool readout_ = false;
    std::uint32_t pre_ = pre_count;
    std::vector<std::pair<std::string, double>> measured_;
};

inline Random random_of(std::uint32_t a, std::uint32_t b = 0) {
    return {7, Stream::parameters, a, b};
}

}  // namespace synfire::conformance
