// Writing a learning rule: a class that sees one projection, tick by tick, and writes its
// gradient through the primitives of the projection's topology.
//
//   class Rule {
//    public:
//       static constexpr auto id = "my_rule";  // and version, doc, parameters, as for neurons
//       enum Column { trace_pre, ... };
//       static constexpr synfire::sdk::Variable variables[] = {
//           synfire::sdk::column<float>(SYNFIRE_PER_PRE, "trace_pre", 0, "trace of x")};
//       Rule(const synfire::sdk::Values& values, const synfire_rule_site& site);
//       void on_tick(synfire::sdk::RuleState state, const synfire_rule_tick& tick) const;
//       void on_window_end(synfire::sdk::RuleState state) const;
//   };
//   SYNFIRE_RULE_PLUGIN(Rule)
//
// A rule with a member `std::uint32_t horizon() const` learns backward in time
// (SYNFIRE_RULE_BACKWARD in abi.h): it sees a sample's ticks from the last to the first, with the
// derivative of the loss to the target's input as the signal. With `static constexpr bool local =
// true` as well (SYNFIRE_RULE_LOCAL), that derivative has passed through no other neuron's past.
// BackwardRule has what such a rule needs where that derivative is all that it adds.
//
// A rule with `static constexpr bool joins = true` may be shown several projections onto one
// population as one (SYNFIRE_RULE_JOINS), which spares doing the same for the targets of each.
//
// A rule that changes weights at once (SYNFIRE_RULE_WRITES_WEIGHTS) has, in place of on_tick and
// on_window_end:
//       void row(synfire_plastic_row& row) const;      // one source's synapses; see SynapseRow
//       void post_spike(float* values, std::uint32_t ticks) const;  // where it has PER_POST
//       variables std::uint32_t memory() const;
// and, where these apply,
//       static constexpr bool needs_target_spikes = true, needs_modulator = true;
//       static constexpr bool idle_without_target = true;  // SYNFIRE_RULE_IDLE_WITHOUT_TARGET
//       static constexpr bool keeps_sign = true;           // SYNFIRE_RULE_KEEPS_SIGN
//       synfire::sdk::WeightRange weight_range() const;
//       double weight_sum() const;
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "math.hpp"
#include "members.hpp"
#include "plugin.hpp"
#include "simd.hpp"

namespace synfire::sdk {

// The descriptor of a rule's state variable. count_parameter: the index of the integer parameter
// that says how many columns there are, or -1 for one.
template <class Element>
constexpr Variable column(std::uint32_t scope, const char* name, double initial, const char* doc,
                          std::int32_t count_parameter = -1) {
    return {sizeof(Variable),
            dtype_of<Element>(),
            scope,
            count_parameter,
            name,
            "",
            doc,
            initial,
            0,
            0};
}

// Weights from low to high, both of them included; infinities allowed.
struct WeightRange {
    double low, high;
};

// Distance, in elements, between the columns of a variable that has several.
constexpr std::size_t padded(std::size_t count) {
    return (count + 15) / 16 * 16;
}

// The state of one projection for one sample, and the ways to write its gradient.
class RuleState {
  public:
    RuleState(synfire_rule_context* context, const synfire_description& description)
        : context_(context), description_(description) {}

    // Throws std::logic_error where the rule declares no such variable of that type.
    template <class Element>
    Element* column(std::size_t variable) const {
        if (variable >= description_.variable_count ||
            description_.variables[variable].dtype != dtype_of<Element>())
            throw std::logic_error("column(" + std::to_string(variable) +
                                   ") is no variable that the rule declares with that type");
        return static_cast<Element*>(context_->state[variable]);
    }
    // Row j of the gradient += row, for each j of the list.
    void add_row(const std::uint32_t* sources, std::uint32_t count, const float* row) const {
        context_->primitives->add_row(context_->target, sources, count, row);
    }
    // A row, padded, to fill and to hand to add_row next, which then has nothing to copy.
    float* new_row() const { return context_->primitives->new_row(context_->target); }
    // Row j of the gradient += scale[j] * row, for every j.
    void add_outer(const float* scale, const float* row) const {
        context_->primitives->add_outer(context_->target, scale, row);
    }
    // The same as add_row, and counts the sources; null is a row of zeros.
    void add_counted_row(const std::uint32_t* sources, std::uint32_t count,
                         const float* row) const {
        context_->primitives->add_counted_row(context_->target, sources, count, row);
    }
    // Row j of the gradient += n * row, n being how often j has been counted since the last call.
    void add_outer_of_counts(const float* row) const {
        context_->primitives->add_outer_of_counts(context_->target, row);
    }
    void add_bias(const float* post) const {
        context_->primitives->add_bias(context_->target, post);
    }

  private:
    synfire_rule_context* context_;
    const synfire_description& description_;
};

// What ticks leave of a trace with a time constant: e^(-ticks dt / tau), the same bits on every
// CPU.
class Decay {
  public:
    Decay(double tau_ms, double dt_ms)
        : rate_(static_cast<float>(finite("a time constant's rate", dt_ms / tau_ms))),
          memory_(static_cast<std::uint32_t>(
              std::min(std::ceil(tau_ms / dt_ms * 12 * std::log(10.0)), double{1 << 28}))) {}

    float over(std::uint32_t ticks) const { return math::exp(-rate_ * static_cast<float>(ticks)); }
    float over(std::int32_t ticks) const { return math::exp(-rate_ * static_cast<float>(ticks)); }
    // Ticks after which less than 1e-12 is left; of use for a rule's memory().
    std::uint32_t memory() const { return memory_; }

  private:
    float rate_;  // a tick
    std::uint32_t memory_;
};

// The synapses of one source neuron, as a rule that writes weights sees them one by one.
class SynapseRow {
  public:
    explicit SynapseRow(synfire_plastic_row& row) : row_(row) {}

    std::uint32_t count() const { return row_.count; }
    float& weight(std::uint32_t k) const { return row_.weights[k]; }
    // Ticks from where the row is up to date to the one that it is brought to.
    std::int32_t ticks() const { return row_.tick - row_.last_tick; }
    bool spike() const { return row_.spike != 0; }
    // A variable of scope PER_PRE, and one of scope PER_SYNAPSE.
    float& pre(std::size_t variable) const { return *declared(row_.state, variable); }
    float& of_synapse(std::size_t variable, std::uint32_t k) const {
        return declared(row_.state, variable)[k];
    }

    // A spike of a target: when it reaches the synapse, in ticks after the row's last_tick, 1 to
    // ticks(); and its number, the last spike being 0.
    struct PostSpike {
        std::int32_t at;
        std::uint32_t number;
    };
    // visit(PostSpike) for the spikes that reach synapse k in that time, the oldest first.
    template <class Visit>
    SYNFIRE_INLINE void for_each_post_spike(std::uint32_t k, Visit&& visit) const {
        const std::int32_t* const ticks = row_.post_ticks + row_.targets[k];
        const std::int32_t from = row_.last_tick - row_.delay, to = row_.tick - row_.delay;
        std::uint32_t n = 0;
        while (n < row_.depth && ticks[n * row_.stride] > from) ++n;
        while (n-- > 0)
            if (const std::int32_t tick = ticks[n * row_.stride]; tick <= to)
                visit(PostSpike{tick - from, n});
    }
    // The value of a variable of scope PER_POST just after a spike of synapse k's target.
    float post(std::size_t variable, std::uint32_t k, std::uint32_t spike) const {
        return declared(row_.post_state, variable)[spike * row_.stride + row_.targets[k]];
    }
    // The last spike that reaches synapse k before a moment (ticks after last_tick; one at that
    // very moment does not count), and how long before; a number of depth where there is none.
    PostSpike last_post_spike(std::uint32_t k, std::int32_t moment) const {
        const std::int32_t* const ticks = row_.post_ticks + row_.targets[k];
        const std::int32_t now = row_.last_tick - row_.delay + moment;
        std::uint32_t n = 0;
        while (n < row_.depth && ticks[n * row_.stride] >= now) ++n;
        if (n == row_.depth) return {INT32_MAX, n};
        return {now - ticks[n * row_.stride], n};
    }
    // The same variable at that moment, where it decays; 0 before the first spike.
    float post_trace(std::size_t variable, std::uint32_t k, std::int32_t moment,
                     const Decay& decay) const {
        const PostSpike last = last_post_spike(k, moment);
        if (last.number == row_.depth || last.at > (1 << 28)) return 0;
        return post(variable, k, last.number) * decay.over(last.at);
    }

    // What the modulator released, at how many ticks after last_tick, ascending.
    struct Modulation {
        std::int32_t at;
        float amount;
    };
    std::uint32_t modulation_count() const { return row_.modulator_count; }
    Modulation modulation(std::uint32_t m) const {
        return {row_.modulator_ticks[m] - row_.last_tick, row_.modulator_values[m]};
    }

  private:
    // Throws std::logic_error where the rule declares no variable of that number and scope.
    template <class Column>
    SYNFIRE_INLINE Column declared(Column const* columns, std::size_t variable) const {
        if (variable >= row_.variable_count || !columns[variable]) refuse(variable);
        return columns[variable];
    }
    [[noreturn]] static void refuse(std::size_t variable) {
        throw std::logic_error("a row is asked for variable " + std::to_string(variable) +
                               ", which the rule does not declare with that scope");
    }

    synfire_plastic_row& row_;
};

// What rules that learn backward have in common: the signal is the derivative of the loss to the
// target's input, so the gradient is
//
//   gradient_ij = sum over t of signal_i[t] x_j[t]        bias_i = sum over t of signal_i[t]
//
// over stretches of so many ticks (0: the whole sample).
class BackwardRule {
  public:
    static constexpr std::array<Variable, 0> variables{};

    explicit BackwardRule(std::uint32_t horizon) : horizon_(horizon) {}

    std::uint32_t horizon() const { return horizon_; }

    void on_tick(RuleState state, const synfire_rule_tick& tick) const {
        state.add_bias(tick.signal);
        state.add_row(tick.arrivals, tick.arrival_count, tick.signal);
    }
    void on_window_end(RuleState) const {}

  private:
    std::uint32_t horizon_;
};

namespace detail {

SYNFIRE_NAMES(row)
SYNFIRE_NAMES(memory)
SYNFIRE_NAMES(post_spike)
SYNFIRE_NAMES(weight_range)
SYNFIRE_NAMES(weight_sum)
SYNFIRE_NAMES(horizon)

template <class Model>
constexpr bool has_variable(std::uint32_t scope) {
    for (const Variable& v : Model::variables)
        if (v.scope == scope) return true;
    return false;
}

template <class Model>
struct RuleAdapter {
    static synfire_status create(const synfire_host* host, const double* values,
                                 const synfire_rule_site* site, void** instance) noexcept {
        return guarded(host, [&] {
            *instance = new Instance<Model>{host, Model(Values(Model::parameters, values), *site)};
        });
    }
    static constexpr bool plastic = requires(const Model& model, synfire_plastic_row& row) {
        model.row(row);
    };
    static const Model& model_of(const void* instance) {
        return static_cast<const Instance<Model>*>(instance)->model;
    }
    static synfire_status on_tick([[maybe_unused]] const void* instance,
                                  [[maybe_unused]] synfire_rule_context* context,
                                  [[maybe_unused]] const synfire_rule_tick* tick) noexcept {
        if constexpr (plastic) return SYNFIRE_FAILED;
        const auto& self = *static_cast<const Instance<Model>*>(instance);
        return guarded(self.host, [&] {
            if constexpr (!plastic)
                self.model.on_tick(RuleState(context, description<Model>), *tick);
        });
    }
    static synfire_status on_window_end([[maybe_unused]] const void* instance,
                                        [[maybe_unused]] synfire_rule_context* context) noexcept {
        if constexpr (plastic) return SYNFIRE_FAILED;
        const auto& self = *static_cast<const Instance<Model>*>(instance);
        return guarded(self.host, [&] {
            if constexpr (!plastic)
                self.model.on_window_end(RuleState(context, description<Model>));
        });
    }
    static synfire_status row(const void* instance,
                              synfire_plastic_row* row) noexcept requires plastic {
        const auto& self = *static_cast<const Instance<Model>*>(instance);
        return guarded(self.host, [&] { self.model.row(*row); });
    }
    static void post_spike(const void* instance, float* values,
                           std::uint32_t ticks) noexcept requires plastic {
        if constexpr (follows_targets) model_of(instance).post_spike(values, ticks);
    }
    static constexpr bool follows_targets = requires(const Model& model, float* values) {
        model.post_spike(values, std::uint32_t{});
    };
    static constexpr bool sums_weights = requires(const Model& model) {
        { model.weight_sum() } -> std::convertible_to<double>;
    };
    static constexpr bool remembers = requires(const Model& model) {
        { model.memory() } -> std::same_as<std::uint32_t>;
    };
    static double weight_sum(const void* instance) noexcept requires sums_weights {
        return model_of(instance).weight_sum();
    }
    static std::uint32_t memory(const void* instance) noexcept requires plastic {
        return model_of(instance).memory();
    }
    static constexpr bool bounds_weights = requires(const Model& model) {
        { model.weight_range() } -> std::same_as<WeightRange>;
    };
    static synfire_status weight_range(const void* instance, double* low,
                                       double* high) noexcept requires bounds_weights {
        const auto& self = *static_cast<const Instance<Model>*>(instance);
        return guarded(self.host, [&] {
            const WeightRange range = self.model.weight_range();
            *low = range.low;
            *high = range.high;
        });
    }
    static constexpr bool backward = requires(const Model& model) {
        { model.horizon() } -> std::same_as<std::uint32_t>;
    };
    static constexpr bool local = requires { requires Model::local; };

    // What is there by name has to be what the host will call.
    static_assert(!names_row<Model> || plastic, "void row(synfire_plastic_row& row) const");
    static_assert(
        plastic ||
            requires(const Model& model, RuleState state, const synfire_rule_tick& tick) {
                model.on_tick(state, tick);
                model.on_window_end(state);
            },
        "a rule that writes a gradient has void on_tick(RuleState, const synfire_rule_tick&) const "
        "and void on_window_end(RuleState) const, one that writes weights has void "
        "row(synfire_plastic_row&) const");
    static_assert(plastic || !(names_memory<Model> || names_post_spike<Model> ||
                               names_weight_range<Model> || names_weight_sum<Model>),
                  "memory, post_spike, weight_range and weight_sum are for rules that write "
                  "weights, which have void row(synfire_plastic_row&) const");
    static_assert(!plastic || remembers, "std::uint32_t memory() const");
    static_assert(!names_post_spike<Model> || follows_targets,
                  "void post_spike(float* values, std::uint32_t ticks) const");
    static_assert(!plastic || follows_targets || !has_variable<Model>(SYNFIRE_PER_POST),
                  "variables of scope SYNFIRE_PER_POST change by void post_spike(float* values, "
                  "std::uint32_t ticks) const");
    static_assert(!names_weight_range<Model> || bounds_weights,
                  "synfire::sdk::WeightRange weight_range() const");
    static_assert(!names_weight_sum<Model> || sums_weights, "double weight_sum() const");
    static_assert(!names_horizon<Model> || backward, "std::uint32_t horizon() const");
    static_assert(!local || backward,
                  "local is for rules that learn backward, which have std::uint32_t horizon() "
                  "const");
    static std::uint32_t horizon(const void* instance) noexcept {
        if constexpr (backward)
            return static_cast<const Instance<Model>*>(instance)->model.horizon();
        else
            return 0;
    }
};

}  // namespace detail

template <class Model>
constexpr synfire_rule make_rule_table() {
    using Adapter = detail::RuleAdapter<Model>;
    synfire_rule table{};
    table.size = sizeof(synfire_rule);
    if constexpr (Adapter::backward) table.flags |= SYNFIRE_RULE_BACKWARD;
    if constexpr (Adapter::local) table.flags |= SYNFIRE_RULE_LOCAL;
    if constexpr (Adapter::plastic) table.flags |= SYNFIRE_RULE_WRITES_WEIGHTS;
    if constexpr (requires { requires Model::needs_target_spikes; })
        table.flags |= SYNFIRE_RULE_NEEDS_TARGET_SPIKES;
    if constexpr (requires { requires Model::needs_modulator; })
        table.flags |= SYNFIRE_RULE_NEEDS_MODULATOR;
    if constexpr (requires { requires Model::idle_without_target; })
        table.flags |= SYNFIRE_RULE_IDLE_WITHOUT_TARGET;
    if constexpr (requires { requires Model::keeps_sign; }) table.flags |= SYNFIRE_RULE_KEEPS_SIGN;
    if constexpr (requires { requires Model::joins; }) table.flags |= SYNFIRE_RULE_JOINS;
    table.description = &detail::description<Model>;
    table.create = &Adapter::create;
    table.destroy = &detail::destroy<Model>;
    table.on_tick = &Adapter::on_tick;
    table.on_window_end = &Adapter::on_window_end;
    table.horizon = &Adapter::horizon;
    if constexpr (Adapter::plastic) {
        table.row = &Adapter::row;
        table.post_spike = &Adapter::post_spike;
        table.memory = &Adapter::memory;
        if constexpr (Adapter::bounds_weights) table.weight_range = &Adapter::weight_range;
        if constexpr (Adapter::sums_weights) table.weight_sum = &Adapter::weight_sum;
    }
    return table;
}

template <class Model>
inline constexpr synfire_rule rule_table = make_rule_table<Model>();

// The rules of a library, for SYNFIRE_PLUGIN.
template <class... Models>
struct Rules {
    static constexpr const synfire_rule* tables[] = {&rule_table<Models>...};
    static constexpr void add_to(synfire_plugin& plugin) {
        if (plugin.rules) throw std::logic_error("one list of rules is enough");
        plugin.rule_count = sizeof...(Models);
        plugin.rules = tables;
    }
};

}  // namespace synfire::sdk
