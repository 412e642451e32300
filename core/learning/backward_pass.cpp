#include "learning/backward_pass.hpp"

#include <algorithm>

namespace synfire {

BackwardPass::BackwardPass(const Network& network, const TrainingDescription& training,
                           const FeedbackWeights& feedback, std::uint32_t input)
    : network_(network),
      training_(training),
      feedback_(feedback),
      input_(input),
      tape_(network, taught_populations(network.description())),
      units_(network.populations().size()),
      kinds_(rule_kinds(network.description())),
      judged_(judged_outputs(network.description(), training)),
      outputs_(judged_.back().first + judged_.back().size) {
    const std::vector<bool> taught = taught_populations(network.description());
    for (std::uint32_t p = 0; p < units_.size(); ++p) {
        if (!taught[p]) continue;
        Unit& unit = units_[p];
        const PopulationDescription& d = network.populations()[p].description;
        std::size_t slots = 1;
        for (const Projection& projection : network.projections())
            if (projection.source == p) slots = std::max<std::size_t>(slots, projection.delay + 1);
        unit.output.assign(slots, AlignedVector<float>(padded(d.size)));
        for (std::uint32_t q = 0; q < network.projections().size(); ++q)
            if (network.projections()[q].target == p) unit.incoming.push_back(q);
        if (!d.has_neurons()) continue;
        unit.width = padded(d.size);
        unit.input.resize(d.model->input_is_signed() ? 2 * unit.width : unit.width);
        if (d.model->spikes()) unit.fired.resize(padded(d.size));
        if (d.model->spikes() && kinds_.local) unit.through.resize(padded(d.size));
        unit.carry.assign(d.model->table->description->variable_count,
                          AlignedVector<float>(padded(d.size)));
        for (auto& column : unit.carry) unit.carry_pointers.push_back(column.data());
    }
    const std::vector<std::uint32_t>& forward = network.description().order;
    // Of a network that learns along a gradient.
    auto comes_first = [&](std::uint32_t p) {
        return taught[p] && training.judges(p) &&
               !network.populations()[p].description.model->spikes();
    };
    for (const JudgedOutput& judged : judged_)
        if (comes_first(judged.population)) order_.push_back(judged.population);
    for (auto it = forward.rbegin(); it != forward.rend(); ++it)
        if (taught[*it] && !comes_first(*it)) order_.push_back(*it);
}

void BackwardPass::set_error(std::int64_t tick, std::span<const float> error) {
    error_ticks_.push_back(tick);
    errors_.insert(errors_.end(), error.begin(), error.end());
    most_error_bytes_ = std::max(most_error_bytes_, errors_.size() * sizeof(float));
}

void BackwardPass::begin() {
    for (Unit& unit : units_) {
        for (auto& slot : unit.output) std::ranges::fill(slot, 0.0f);
        for (auto& column : unit.carry) std::ranges::fill(column, 0.0f);
    }
}

void BackwardPass::end() {
    error_ticks_.clear();
    errors_.clear();
}

void BackwardPass::sweep(std::span<const Sample> samples, float batch) {
    const RuleKinds kinds = samples.front().pass.kinds_;
    if (kinds.backward) sweep(samples, batch, false);
    if (kinds.local) sweep(samples, batch, true);
    for (const Sample& sample : samples) sample.pass.end();
}

void BackwardPass::sweep(std::span<const Sample> samples, float batch, bool local) {
    for (const Sample& sample : samples) sample.pass.begin();
    const BackwardPass& one = samples.front().pass;
    std::vector<const float*> derivatives(samples.size());
    for (std::int64_t t = one.tape_.end(); t-- > one.tape_.first();)
        for (const std::uint32_t p : one.order_) {
            for (std::size_t k = 0; k < samples.size(); ++k)
                derivatives[k] = samples[k].pass.derivatives(samples[k], p, t, batch, local);
            carry_back(samples, derivatives, p, t, local);
            for (const Sample& sample : samples) std::ranges::fill(sample.pass.output(p, t), 0.0f);
        }
}

const float* BackwardPass::derivatives(const Sample& sample, std::uint32_t p, std::int64_t t,
                                       float batch, bool local) {
    AlignedVector<float>& at_output = output(p, t);
    add_loss(p, t, batch, local, sample.counters);
    const AlignedVector<float>& mask = sample.engine.dropout_mask(p);
    for (std::size_t i = 0; i < mask.size(); ++i) at_output[i] *= mask[i];
    if (!network_.populations()[p].neuron) return at_output.data();
    Unit& unit = units_[p];
    {
        Span span(sample.profile, Stage::adjoint, p);
        go_through_neurons(p, t);
        // Signal, Psi, spikes and each state's derivative are read, the last and the input's
        // written.
        const std::uint64_t size = network_.populations()[p].size();
        sample.counters.macs_learning += size;
        span.did({.macs = size, .bytes = size * sizeof(float) * (4 + 2 * unit.carry.size())});
    }
    for (std::size_t s = 0; s < sample.rules.sites().size(); ++s) {
        const RuleSite& site = sample.rules.sites()[s];
        const RuleModel& rule = *site.rule->model;
        if (site.target != p || !rule.backward() || rule.local() != local) continue;
        const Span span(sample.profile, Stage::rule, p);
        const std::size_t end = site.write_arrivals(arrivals_, 0, [&](std::uint32_t q) {
            const Projection& projection = network_.projections()[q];
            return spikes(projection.source, t - projection.delay, sample.events);
        });
        sample.rules.on_tick(s, static_cast<std::uint32_t>(t), std::span(arrivals_).first(end),
                             nullptr, unit.input.data());
    }
    if (!local || training_.judges(p)) return unit.input.data();
    const float* psi = tape_.psi(p, t);
    for (std::size_t i = 0; i < at_output.size(); ++i) unit.through[i] = psi[i] * at_output[i];
    return unit.through.data();
}

std::span<const std::uint32_t> BackwardPass::spikes(std::uint32_t population, std::int64_t tick,
                                                    const SampleEvents& sample) const {
    if (tick < 0) return {};
    if (population == input_) return sample.at(static_cast<std::uint32_t>(tick));
    const PopulationDescription& d = network_.populations()[population].description;
    if (d.schedule) return d.schedule->at(tick);
    if (d.is_input()) return {};
    return tape_.spikes(population, tick);
}

void BackwardPass::add_loss(std::uint32_t population, std::int64_t tick, float batch, bool local,
                            Counters& counters) {
    const bool direct = training_.feedback != FeedbackKind::bp && !training_.judges(population);
    if (local && direct) {
        // Feedback weights see the error as it is, not divided by the batch.
        local_error_.assign(
            units_[*training_.readout].input.begin(),
            units_[*training_.readout].input.begin() + static_cast<std::ptrdiff_t>(outputs_));
        for (float& e : local_error_) e *= batch;
        counters.macs_learning +=
            feedback_.project(population, local_error_, output(population, tick).data());
        return;
    }
    const auto found = std::ranges::lower_bound(error_ticks_, tick);
    if (found == error_ticks_.end() || *found != tick) return;
    const auto row = static_cast<std::size_t>(found - error_ticks_.begin());
    const std::span<const float> error{errors_.data() + row * outputs_, outputs_};
    float* signal = output(population, tick).data();
    for (const JudgedOutput& judged : judged_)
        if (judged.population == population)
            for (std::size_t k = 0; k < judged.size; ++k)
                signal[k] += error[judged.first + k] / batch;
    if (direct) counters.macs_learning += feedback_.project(population, error, signal);
}

void BackwardPass::go_through_neurons(std::uint32_t population, std::int64_t tick) {
    Unit& unit = units_[population];
    const Population& p = network_.populations()[population];
    const auto fired = p.description.model->spikes() ? tape_.spikes(population, tick)
                                                     : std::span<const std::uint32_t>();
    for (const std::uint32_t i : fired) unit.fired[i] = 1.0f;
    synfire_neuron_adjoint slice{
        sizeof(synfire_neuron_adjoint),
        p.size(),
        tick,
        output(population, tick).data(),
        tape_.psi(population, tick),
        unit.fired.empty() ? nullptr : unit.fired.data(),
        tape_.input(population, tick),
        tape_.state(population, tick),
        unit.carry_pointers.data(),
        unit.input.data(),
        unit.input.size() > unit.width ? unit.input.data() + unit.width : nullptr};
    p.neuron->adjoint(slice);
    for (const std::uint32_t i : fired) unit.fired[i] = 0.0f;
}

void BackwardPass::carry_back(std::span<const Sample> samples,
                              std::span<const float* const> derivatives, std::uint32_t population,
                              std::int64_t tick, bool local) {
    const BackwardPass& one = samples.front().pass;
    const Network& network = one.network_;
    for (const std::uint32_t q : one.units_[population].incoming) {
        const Projection& projection = network.projections()[q];
        const std::int64_t then = tick - projection.delay;
        if (one.units_[projection.source].output.empty() || then < one.tape_.first()) continue;
        const bool pools = network.populations()[population].description.relay;
        if (one.training_.feedback != FeedbackKind::bp && projection.delay == 0 && !pools) continue;
        if (local && projection.delay > 0) continue;
        Span span(samples.front().profile, Stage::backproject, q);
        for (const bool inhibitory : {false, true}) {
            // What a local rule carries on has not gone through the target's inputs.
            if (local ? inhibitory : !projection.feeds(inhibitory)) continue;
            const std::size_t place = inhibitory ? one.units_[population].width : 0;
            std::vector<Backprojection> all;
            for (std::size_t k = 0; k < samples.size(); ++k) {
                BackwardPass& pass = samples[k].pass;
                const auto spikes = pass.spikes(projection.source, then, samples[k].events);
                all.push_back({local ? projection.backward(spikes)
                                     : projection.backward_from(inhibitory, spikes),
                               derivatives[k] + place,
                               pass.output(projection.source, then).data()});
            }
            const std::uint64_t macs = projection.topology->backproject_many(all);
            samples.front().counters.macs_learning += macs;
            span.did({.macs = macs, .bytes = macs * sizeof(float) / all.size()});
        }
    }
}

std::size_t BackwardPass::bytes() const {
    std::size_t bytes = tape_.bytes() + most_error_bytes_;
    for (const Unit& unit : units_) {
        bytes += (unit.input.size() + unit.fired.size() + unit.through.size()) * sizeof(float);
        for (const auto& slot : unit.output) bytes += slot.size() * sizeof(float);
        for (const auto& column : unit.carry) bytes += column.size() * sizeof(float);
    }
    return bytes;
}

}  // namespace synfire
