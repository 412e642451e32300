#include "learning/learner.hpp"

#include <algorithm>

#include "learning/loss.hpp"

namespace synfire {

void ProjectionGradient::clear() {
    std::ranges::fill(weights.data, 0.0f);
    std::ranges::fill(bias.data, 0.0f);
}

RuleInstances::RuleInstances(const Network& network, const TrainingDescription& training)
    : instances_(network.projections().size()) {
    for (std::size_t p = 0; p < instances_.size(); ++p) {
        const Projection& projection = network.projections()[p];
        if (!projection.learn) continue;
        const bool spikes = network.populations()[projection.target].description.model->spikes();
        const synfire_rule_site site{sizeof(synfire_rule_site), projection.topology->pre_count(),
                                     projection.topology->post_count(), spikes ? 1u : 0u};
        instances_[p] =
            std::make_unique<RuleInstance>(training.rule->table, training.rule_parameters, site);
    }
}

Learner::Learner(const Network& network, const TrainingDescription& training,
                 const RuleInstances& rules, const FeedbackWeights& feedback, std::uint32_t input)
    : network_(network),
      training_(training),
      rules_(rules),
      input_(input),
      engine_(network, trained_populations(network.description())),
      feedback_(network, training, feedback),
      states_(network.projections().size()),
      gradients_(network.projections().size()),
      targets_(network.projections().size()) {
    for (std::size_t p = 0; p < states_.size(); ++p) {
        const Projection& projection = network.projections()[p];
        if (!projection.learn) continue;
        const Topology& topology = *projection.topology;
        states_[p] = std::make_unique<StateColumns>(
            *training.rule->table->description, training.rule_parameters,
            StateColumns::Counts{.pre = topology.pre_count(), .post = topology.post_count()});
        gradients_[p].weights = topology.make_weights();
        if (projection.has_bias()) gradients_[p].bias = Matrix(1, projection.bias.columns);
        targets_[p] = {&topology, &gradients_[p], &engine_.counters()};
    }
    const std::uint32_t outputs = network.populations()[training.readout].size();
    output_sum_.resize(outputs);
    probabilities_.resize(outputs);
    error_.resize(outputs);
}

SampleOutcome Learner::present(const SampleEvents& sample, std::uint32_t batch) {
    begin(sample, batch);
    for (std::uint32_t t = 0; t < sample.ticks(); ++t) tick(t);
    return end();
}

void Learner::begin(const SampleEvents& sample, std::uint32_t batch) {
    sample_ = &sample;
    batch_ = batch;
    loss_ = 0;
    engine_.reset();
    std::ranges::fill(output_sum_, 0.0f);
    if (batch_ == 0) return;
    for (const auto& state : states_)
        if (state) state->reset();
}

void Learner::tick(std::uint32_t t) {
    const InputSpikes input{input_, sample_->at(t)};
    engine_.step(t, {&input, 1});
    const float* output = engine_.output(training_.readout);
    for (std::size_t k = 0; k < output_sum_.size(); ++k) output_sum_[k] += output[k];
    const bool in_window = sample_->ticks() - t <= training_.window;
    if (in_window) {
        tick_loss_ = softmax_cross_entropy({output, error_.size()}, sample_->label, probabilities_);
        loss_ += tick_loss_;
    }
    if (batch_ == 0) return;
    if (in_window) form_signals();
    run_rules(t, in_window);
}

void Learner::form_signals() {
    std::ranges::copy(probabilities_, error_.begin());
    error_[sample_->label] -= 1.0f;
    feedback_.project(engine_, error_, static_cast<float>(batch_), engine_.counters());
}

synfire_rule_context Learner::context(std::uint32_t projection) {
    return {sizeof(synfire_rule_context), 0, states_[projection]->columns(), &primitives_,
            &targets_[projection]};
}

void Learner::run_rules(std::uint32_t t, bool signalled) {
    for (std::uint32_t p = 0; p < states_.size(); ++p) {
        if (!states_[p]) continue;
        const std::uint32_t target = network_.projections()[p].target;
        const auto arrivals = engine_.arrivals(p);
        const bool readout = target == training_.readout;
        const synfire_rule_tick tick{sizeof(synfire_rule_tick),
                                     static_cast<std::uint32_t>(arrivals.size()),
                                     t,
                                     arrivals.data(),
                                     readout ? nullptr : engine_.psi(target),
                                     signalled ? feedback_.signal(target) : nullptr};
        synfire_rule_context where = context(p);
        rules_.of(p)->on_tick(where, tick);
    }
}

SampleOutcome Learner::end() {
    if (batch_ > 0)
        for (std::uint32_t p = 0; p < states_.size(); ++p)
            if (states_[p]) {
                synfire_rule_context where = context(p);
                rules_.of(p)->on_window_end(where);
            }
    const auto window = std::min(training_.window, sample_->ticks());
    return {loss_ / window, argmax(output_sum_)};
}

const synfire_rule_primitives Learner::primitives_ = {sizeof(synfire_rule_primitives), 0,
                                                      &Learner::add_rows, &Learner::add_bias};

void Learner::add_rows(void* target, const std::uint32_t* mask, const float* rows,
                       std::size_t stride, const float* carry_scale, const float* carry) {
    const Target& t = *static_cast<Target*>(target);
    t.counters->macs_learning +=
        t.topology->add_rows(t.gradient->weights, mask, rows, stride, carry_scale, carry);
}

void Learner::add_bias(void* target, const float* post) {
    const Target& t = *static_cast<Target*>(target);
    if (t.gradient->bias.rows == 0) return;
    t.topology->add_bias_gradient(t.gradient->bias, post);
    t.counters->macs_learning += t.topology->post_count();
}

std::size_t Learner::learning_state_bytes() const {
    std::size_t bytes = feedback_.bytes();
    for (const auto& state : states_)
        if (state) bytes += state->bytes();
    const std::vector<bool> trained = trained_populations(network_.description());
    for (std::size_t p = 0; p < trained.size(); ++p)
        if (trained[p]) bytes += padded(network_.populations()[p].size()) * sizeof(float);
    return bytes;
}

std::size_t Learner::gradient_bytes() const {
    std::size_t bytes = 0;
    for (const ProjectionGradient& g : gradients_) bytes += g.weights.bytes() + g.bias.bytes();
    return bytes;
}

}  // namespace synfire
