// A neuron model, a rule, a release or a loss with its parameter values: a plugin's instance, made
// and destroyed by the host, and calls into it that turn a failure into an exception with the
// plugin's own words.
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "plugins/in_plugin.hpp"
#include "synfire/abi.h"

namespace synfire {

// A plugin said that it failed. what() names the plugin and gives its reason.
class PluginError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// Where what plugins report as warnings goes, a sentence at a time, each text once: to standard
// error unless another place is named (null: standard error). Called from any thread, one call at a
// time.
void show_plugin_notes(void (*show)(const std::string& note));

// Owns one instance of a plugin's model. Table is synfire_neuron, synfire_rule, synfire_release or
// synfire_loss.
template <class Table>
class PluginInstance {
  public:
    explicit PluginInstance(const Table* table) : table_(table) {}
    PluginInstance(PluginInstance&& other) noexcept
        : table_(other.table_), instance_(std::exchange(other.instance_, nullptr)) {}
    PluginInstance& operator=(PluginInstance&&) = delete;
    ~PluginInstance() {
        if (!instance_) return;
        const InPlugin here(table_->description->id);
        table_->destroy(instance_);
    }
    const Table& table() const { return *table_; }
    const void* get() const { return instance_; }

  protected:
    // A call into the plugin.
    template <class Call>
    auto called(Call&& call) const {
        const InPlugin here(table_->description->id);
        try {
            return call();
        } catch (...) {
            throw_over_interface(table_->description->id);
        }
    }

    const Table* table_;
    void* instance_ = nullptr;
};

class NeuronInstance : public PluginInstance<synfire_neuron> {
  public:
    // values: one for each parameter, in the descriptor's order. Throws PluginError.
    NeuronInstance(const synfire_neuron* table, std::span<const double> values, double dt_ms);
    // values[p]: of parameter p, one for each neuron of the population. Throws PluginError.
    NeuronInstance(const synfire_neuron* table, const std::vector<std::vector<double>>& values,
                   double dt_ms);
    // Throws PluginError also where the spikes are not ascending numbers below slice.count.
    void advance(synfire_neuron_slice& slice) const {
        check(called([&] { return table_->advance(instance_, &slice); }));
        require_spikes(slice);
    }
    void decay(synfire_neuron_slice& slice, const std::uint32_t* ticks) const {
        check(called([&] { return table_->decay(instance_, &slice, ticks); }));
    }
    // Of a neuron with a closed form: SYNFIRE_ALONE_..., when it may fire without input; and for
    // how many ticks each of the slice stays silent for certain.
    std::uint32_t fires_alone() const { return table_->fires_alone(instance_); }
    bool knows_silence() const {
        return fires_alone() == SYNFIRE_ALONE_NEVER || table_->silent_ticks;
    }
    void silent_ticks(const synfire_neuron_slice& slice, std::uint32_t* ticks) const {
        check(called([&] { return table_->silent_ticks(instance_, &slice, ticks); }));
    }
    void adjoint(synfire_neuron_adjoint& slice) const {
        check(called([&] { return table_->adjoint(instance_, &slice); }));
    }

  private:
    void check(synfire_status status) const;
    void require_spikes(const synfire_neuron_slice& slice) const;
};

class RuleInstance : public PluginInstance<synfire_rule> {
  public:
    RuleInstance(const synfire_rule* table, std::span<const double> values,
                 const synfire_rule_site& site);
    void on_tick(synfire_rule_context& context, const synfire_rule_tick& tick) const {
        check(called([&] { return table_->on_tick(instance_, &context, &tick); }));
    }
    void on_window_end(synfire_rule_context& context) const {
        check(called([&] { return table_->on_window_end(instance_, &context); }));
    }
    // Of rules that write weights.
    void row(synfire_plastic_row& row) const {
        check(called([&] { return table_->row(instance_, &row); }));
    }
    void post_spike(float* values, std::uint32_t ticks) const {
        table_->post_spike(instance_, values, ticks);
    }
    std::uint32_t memory() const { return table_->memory(instance_); }
    bool idle_without_target() const { return table_->flags & SYNFIRE_RULE_IDLE_WITHOUT_TARGET; }
    bool keeps_sign() const { return table_->flags & SYNFIRE_RULE_KEEPS_SIGN; }
    // What the weights that lead to a neuron are scaled to sum to; 0: they are not.
    double weight_sum() const { return table_->weight_sum ? table_->weight_sum(instance_) : 0; }
    // The weights that it begins with and makes: any, where it does not say.
    struct WeightRange {
        double low, high;
    };
    WeightRange weight_range() const;
    // Ticks that a backward rule wants to be kept; 0: the whole sample.
    std::uint32_t horizon() const { return table_->horizon ? table_->horizon(instance_) : 0; }

  private:
    void check(synfire_status status) const;
};

class ReleaseInstance : public PluginInstance<synfire_release> {
  public:
    ReleaseInstance(const synfire_release* table, std::span<const double> values, double dt_ms);
    void release(synfire_release_spikes& spikes) const;
};

class LossInstance : public PluginInstance<synfire_loss> {
  public:
    LossInstance(const synfire_loss* table, std::span<const double> values,
                 const synfire_loss_site& site);
    // SYNFIRE_LOSS_EACH_TICK, OF_SUM or OF_WINDOW.
    std::uint32_t scope() const { return scope_; }
    // Throws PluginError also where loss or error are no number, although the output is finite.
    void evaluate(synfire_loss_window& window) const;

  private:
    std::uint32_t scope_;
};

}  // namespace synfire
