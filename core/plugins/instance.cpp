#include "plugins/instance.hpp"

#include <fmt/format.h>

namespace synfire {
namespace {

// What plugins said last, on this thread: a call that fails reports before it returns.
std::string& last_report() {
    thread_local std::string text;
    return text;
}

void report(void*, std::int32_t, const char* message) {
    last_report() = message;
}

const void* extension(void*, const char*) {
    return nullptr;
}

const synfire_host* host() {
    static const synfire_host table = {sizeof(synfire_host), SYNFIRE_ABI_VERSION, nullptr, &report,
                                       &extension};
    return &table;
}

void throw_if_failed(synfire_status status, const synfire_description& description) {
    if (status == SYNFIRE_OK) return;
    std::string reason = std::exchange(last_report(), {});
    if (reason.empty()) reason = "no reason given";
    throw PluginError(fmt::format("plugin '{}' failed: {}", description.id, reason));
}

}  // namespace

NeuronInstance::NeuronInstance(const synfire_neuron* table, std::span<const double> values,
                               double dt_ms)
    : PluginInstance(table) {
    check(table_->create(host(), values.data(), dt_ms, &instance_));
}

void NeuronInstance::check(synfire_status status) const {
    throw_if_failed(status, *table_->description);
}

RuleInstance::RuleInstance(const synfire_rule* table, std::span<const double> values,
                           const synfire_rule_site& site)
    : PluginInstance(table) {
    check(table_->create(host(), values.data(), &site, &instance_));
}

void RuleInstance::check(synfire_status status) const {
    throw_if_failed(status, *table_->description);
}

}  // namespace synfire
