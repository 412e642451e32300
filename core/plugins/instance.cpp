#include "plugins/instance.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <limits>
#include <map>
#include <mutex>
#include <set>

namespace synfire {
namespace {

// What plugins said last, on this thread: a call that fails reports before it returns.
std::string& last_report() {
    thread_local std::string text;
    return text;
}

void to_standard_error(const std::string& note) {
    std::fputs(note.c_str(), stderr);  // a full or closed stream is no reason to stop
}

// Notes that were shown; a plugin that warns at every tick is heard once a text.
struct Notes {
    std::mutex mutex;
    std::set<std::string> shown;
    void (*show)(const std::string&) = &to_standard_error;
};
Notes& notes() {
    static auto& notes = *new Notes;  // never destroyed: plugins may report to the very end
    return notes;
}

void note(const std::string& plugin, const std::string& message) {
    constexpr std::size_t most = 100;
    Notes& all = notes();
    const std::lock_guard lock(all.mutex);
    if (all.shown.size() == most || !all.shown.insert(plugin + ": " + message).second) return;
    all.show(fmt::format("note: plugin '{}': {}\n", plugin, message));
    if (all.shown.size() == most) all.show("note: further warnings of plugins are not shown\n");
}

// context: the description of the plugin that reports.
void report(void* context, std::int32_t severity, const char* message) {
    if (!message) message = "";
    if (severity == SYNFIRE_REPORT_WARNING)
        note(static_cast<const synfire_description*>(context)->id, message);
    else
        last_report() = message;
}

const void* extension(void*, const char*) {
    return nullptr;
}

// One for each model, which may report for as long as the process lives.
const synfire_host* host_of(const synfire_description* description) {
    static std::mutex mutex;
    static auto& hosts = *new std::map<const synfire_description*, synfire_host>;
    const std::lock_guard lock(mutex);
    return &hosts
                .try_emplace(description,
                             synfire_host{sizeof(synfire_host), SYNFIRE_ABI_VERSION,
                                          const_cast<synfire_description*>(description), &report,
                                          &extension})
                .first->second;
}

void throw_if_failed(synfire_status status, const synfire_description& description) {
    if (status == SYNFIRE_OK) return;
    std::string reason = std::exchange(last_report(), {});
    while (reason.ends_with('.')) reason.pop_back();  // callers end the sentence
    if (reason.empty()) reason = "no reason given";
    throw PluginError(fmt::format("plugin '{}' failed: {}", description.id, reason));
}

}  // namespace

void show_plugin_notes(void (*show)(const std::string& note)) {
    const std::lock_guard lock(notes().mutex);
    notes().show = show ? show : &to_standard_error;
}

NeuronInstance::NeuronInstance(const synfire_neuron* table, std::span<const double> values,
                               double dt_ms)
    : PluginInstance(table) {
    check(called([&] {
        return table_->create(host_of(table_->description), values.data(), dt_ms, &instance_);
    }));
}

NeuronInstance::NeuronInstance(const synfire_neuron* table,
                               const std::vector<std::vector<double>>& values, double dt_ms)
    : PluginInstance(table) {
    if (!table_->create_each)
        throw PluginError(fmt::format("plugin '{}' takes one value of a parameter for all neurons",
                                      table_->description->id));
    std::vector<const double*> columns;
    for (const auto& column : values) columns.push_back(column.data());
    check(called([&] {
        return table_->create_each(host_of(table_->description), columns.data(),
                                   static_cast<std::uint32_t>(values.front().size()), dt_ms,
                                   &instance_);
    }));
}

void NeuronInstance::require_spikes(const synfire_neuron_slice& slice) const {
    bool sound = slice.spike_count <= slice.count;
    for (std::uint32_t k = 0; sound && k < slice.spike_count; ++k)
        sound = slice.spikes[k] < slice.count && (k == 0 || slice.spikes[k] > slice.spikes[k - 1]);
    if (!sound)
        throw PluginError(
            fmt::format("plugin '{}' lists spikes that are not ascending numbers of its {} neurons",
                        table_->description->id, slice.count));
}

void NeuronInstance::check(synfire_status status) const {
    throw_if_failed(status, *table_->description);
}

RuleInstance::RuleInstance(const synfire_rule* table, std::span<const double> values,
                           const synfire_rule_site& site)
    : PluginInstance(table) {
    check(called([&] {
        return table_->create(host_of(table_->description), values.data(), &site, &instance_);
    }));
}

RuleInstance::WeightRange RuleInstance::weight_range() const {
    constexpr double any = std::numeric_limits<double>::infinity();
    WeightRange range{-any, any};
    if (table_->weight_range) check(table_->weight_range(instance_, &range.low, &range.high));
    return range;
}

void RuleInstance::check(synfire_status status) const {
    throw_if_failed(status, *table_->description);
}

ReleaseInstance::ReleaseInstance(const synfire_release* table, std::span<const double> values,
                                 double dt_ms)
    : PluginInstance(table) {
    throw_if_failed(called([&] {
                        return table_->create(host_of(table_->description), values.data(), dt_ms,
                                              &instance_);
                    }),
                    *table_->description);
}

void ReleaseInstance::release(synfire_release_spikes& spikes) const {
    throw_if_failed(called([&] { return table_->release(instance_, &spikes); }),
                    *table_->description);
    for (std::uint32_t k = 0; k < spikes.count; ++k)
        if (!std::isfinite(spikes.factors[k]))
            throw PluginError(fmt::format(
                "plugin '{}' failed: it gives a factor of {} for a spike of source neuron {}",
                table_->description->id, spikes.factors[k], spikes.sources[k]));
}

LossInstance::LossInstance(const synfire_loss* table, std::span<const double> values,
                           const synfire_loss_site& site)
    : PluginInstance(table) {
    throw_if_failed(called([&] {
                        return table_->create(host_of(table_->description), values.data(), &site,
                                              &instance_);
                    }),
                    *table_->description);
    scope_ = table_->scope(instance_);
    if (scope_ > SYNFIRE_LOSS_OF_WINDOW)
        throw PluginError(fmt::format("plugin '{}' looks at something unknown ({})",
                                      table_->description->id, scope_));
}

void LossInstance::evaluate(synfire_loss_window& window) const {
    throw_if_failed(called([&] { return table_->evaluate(instance_, &window); }),
                    *table_->description);
    auto all = [&](const float* rows, auto holds) {
        for (std::uint32_t r = 0; r < window.rows; ++r)
            for (std::uint32_t k = 0; k < window.outputs; ++k)
                if (!holds(rows[r * window.stride + k])) return false;
        return true;
    };
    if (!std::isnan(window.loss) && all(window.error, [](float e) { return !std::isnan(e); }))
        return;
    if (all(window.output, [](float y) { return std::isfinite(y); }))
        throw PluginError(
            fmt::format("plugin '{}' failed: it gives a loss or an error that is no number for "
                        "outputs that are finite",
                        table_->description->id));
}

}  // namespace synfire
