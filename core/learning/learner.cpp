#include "learning/learner.hpp"

#include <algorithm>
#include <cmath>

#include "base/random.hpp"

namespace synfire {
namespace {

// Of noise and of neurons that draw, other ones for each recording and epoch.
std::uint64_t noise_seed(const SampleEvents::Draw& draw) {
    Random random(draw.seed, Stream::noise, draw.epoch, draw.recording);
    const std::uint64_t low = random.bits();
    return low | std::uint64_t{random.bits()} << 32;
}

}  // namespace

Learner::Learner(const Network& network, const TrainingDescription& training,
                 const RuleInstances& rules, const FeedbackWeights& feedback, std::uint32_t input,
                 Gradients& gradients)
    : network_(network),
      training_(training),
      input_(input),
      engine_(network, taught_populations(network.description())),
      lookahead_(engine_, input),
      rules_(rules, gradients),
      gradients_(gradients),
      horizon_(rules.horizon()) {
    const RuleKinds kinds = rule_kinds(network.description());
    if (kinds.taped()) backward_.emplace(network, training, feedback, input);
    if (kinds.forward) forward_.emplace(network, training, feedback, engine_, rules_);
    writes_weights_ = kinds.weights;
    engine_.set_plastic(false);
    if (Readout::used(training, network.description()))
        readout_.emplace(network.description(), training);
    if (training.decoder.by_votes)
        counts_.emplace(network.populations()[training.decoder.population].size());
}

void Learner::set_profile(Profile* profile) {
    profile_ = profile;
    engine_.set_profile(profile);
}

std::size_t Learner::samples_at_once(const Network& network) {
    constexpr std::size_t many = 4;  // their sums fit the registers of AVX-512
    const bool gains = std::ranges::any_of(network.projections(), [](const Projection& p) {
        return p.carries_back && p.topology->gains_from_many();
    });
    const RuleKinds kinds = rule_kinds(network.description());
    return kinds.taped() && !kinds.forward && !kinds.weights && gains ? many : 1;
}

SampleOutcome Learner::present(const SampleEvents& sample, std::uint32_t batch) {
    SampleOutcome outcome;
    Learner* const self = this;
    const SampleEvents* const one = &sample;
    present_together({&self, 1}, {&one, 1}, batch, {&outcome, 1});
    return outcome;
}

void present_together(std::span<Learner* const> learners,
                      std::span<const SampleEvents* const> samples, std::uint32_t batch,
                      std::span<SampleOutcome> outcomes) {
    for (std::size_t k = 0; k < learners.size(); ++k) learners[k]->begin(*samples[k], batch);
    const std::uint32_t ticks = samples.front()->ticks();
    for (std::uint32_t begin = 0, end; begin < ticks; begin = end) {
        end = begin + 1;
        while (!learners.front()->ends_stretch(end - 1)) ++end;
        for (Learner* learner : learners)
            for (std::uint32_t t = begin; t < end; ++t) learner->step(t);
        Learner::finish_stretch(learners);
    }
    for (std::size_t k = 0; k < learners.size(); ++k) outcomes[k] = learners[k]->end();
}

void Learner::begin(const SampleEvents& sample, std::uint32_t batch) {
    sample_ = &sample;
    batch_ = batch;
    if (writes_weights_) engine_.set_plastic(batch > 0);
    lookahead_.begin(sample);
    engine_.set_seed(noise_seed(sample.draw));
    if (readout_) readout_->begin(sample);
    if (counts_) counts_->reset();
    if (batch_ == 0) return;
    rules_.reset();
    if (forward_) forward_->begin();
    if (backward_) backward_->tape().reset();
    silence_neurons();
}

// Dropout: the same neurons for the whole of the sample. What spikes of the others count for stands
// in the weights that they meet (Network::value_events).
void Learner::silence_neurons() {
    for (std::uint32_t p = 0; p < network_.populations().size(); ++p) {
        const Population& population = network_.populations()[p];
        if (population.description.dropout == 0) continue;
        Random random(sample_->draw.seed ^ (std::uint64_t{p} << 32), Stream::dropout,
                      sample_->draw.epoch, sample_->draw.recording);
        AlignedVector<float>& mask = engine_.dropout_mask(p);
        mask.resize(population.size());
        for (float& k : mask) k = random.uniform() < population.description.dropout ? 0.0f : 1.0f;
    }
}

void Learner::tick(std::uint32_t t) {
    step(t);
    if (batch_ > 0 && forward_) forward_->flush(batch_, profile_);
    Learner* const self = this;
    if (ends_stretch(t)) finish_stretch({&self, 1});
}

bool Learner::ends_stretch(std::uint32_t t) const {
    return t + 1 == sample_->ticks() || (horizon_ > 0 && (t + 1) % horizon_ == 0);
}

void Learner::step(std::uint32_t t) {
    const bool learns = batch_ > 0;
    if (learns && backward_) {
        const Span span(profile_, Stage::tape, 0);
        backward_->tape().before(engine_);
    }
    lookahead_.before(t);
    const InputSpikes input{input_, sample_->at(t)};
    engine_.step(t, {&input, 1});
    if (arrival_counts_)
        for (std::uint32_t p = 0; p < arrival_counts_->size(); ++p)
            if (auto& counts = (*arrival_counts_)[p]; !counts.empty())
                for (const std::uint32_t j : engine_.arrivals(p)) ++counts[j];
    if (learns && backward_) {
        Span span(profile_, Stage::tape, 0);
        backward_->tape().after(engine_);
        span.did({.bytes = 2 * engine_.psi_bytes()});
    }
    if (counts_) counts_->add(engine_.spikes(training_.decoder.population));
    if (readout_) {
        const Span span(readout_->in_window(t) ? profile_ : nullptr, Stage::loss,
                        *training_.readout);
        // A rule that learns forward does not know yet what comes.
        readout_->see(t, engine_, learns && forward_);
    }
    if (!learns) return;
    const bool has_error = readout_ && readout_->in_window(t);
    if (backward_ && has_error && readout_->each_tick()) backward_->set_error(t, readout_->error());
    if (!forward_) return;
    forward_->add(t, has_error ? readout_->error() : std::span<const float>());
    if (forward_->full() || t + 1 == sample_->ticks()) forward_->flush(batch_, profile_);
}

// Whether there is something to carry back.
bool Learner::close_stretch() {
    if (!readout_) return false;
    const auto end = std::int64_t{engine_.tick()} + 1;
    const bool goes_back = batch_ > 0 && backward_;
    const bool has_loss = readout_->close_stretch(
        end, goes_back,
        [&](std::int64_t t, std::span<const float> error) { backward_->set_error(t, error); });
    return has_loss && goes_back;
}

void Learner::finish_stretch(std::span<Learner* const> learners) {
    std::vector<BackwardPass::Sample> samples;
    for (Learner* learner : learners)
        if (learner->close_stretch())
            samples.push_back({*learner->backward_, learner->engine_, *learner->sample_,
                               learner->rules_, learner->engine_.counters(), learner->profile_});
    if (!samples.empty())
        BackwardPass::sweep(samples, static_cast<float>(learners.front()->batch_));
    for (Learner* learner : learners)
        if (learner->batch_ > 0 && learner->backward_) learner->backward_->tape().begin_stretch();
}

SampleOutcome Learner::end() {
    if (batch_ > 0) rules_.end();
    SampleOutcome outcome;
    if (readout_) outcome.loss = readout_->mean_loss();
    if (readout_ && sample_->target.values)
        outcome.flow = flow_error(sample_->target, readout_->estimate());
    if (!counts_ && training_.classes)
        outcome.prediction = readout_->prediction();
    else if (counts_ && batch_ == 0)
        outcome.responses = counts_->responses();
    if (batch_ > 0 && writes_weights_) {
        engine_.finish_plastic(training_.reward.of(outcome.prediction == sample_->label) -
                               expected_reward_);
        for (std::uint32_t p = 0; p < network_.projections().size(); ++p)
            if (const PlasticSynapses* plastic = engine_.plastic(p))
                plastic->add_changes(gradients_.arrays()[p].weights);
    }
    if (batch_ > 0) add_kept_changes();
    outcome.diverged = find_diverged();
    return outcome;
}

// What has changed in the variables that survive from sample to sample.
void Learner::add_kept_changes() {
    std::size_t array = network_.projections().size();
    for (std::uint32_t p = 0; p < network_.populations().size(); ++p) {
        const Population& population = network_.populations()[p];
        if (population.kept.rows == 0) continue;
        Matrix& changes = gradients_.arrays()[array++].weights;
        for (std::uint32_t r = 0; r < changes.rows; ++r) {
            for (std::uint32_t i = 0; i < changes.columns; ++i) {
                const double now = engine_.state(p).value(population.kept_variables[r], i);
                changes.row(r)[i] += static_cast<float>(now - double{population.kept.row(r)[i]});
            }
        }
    }
}

// A neuron whose state is not finite fires never or always, and the loss need not show it.
std::optional<std::uint32_t> Learner::find_diverged() const {
    for (std::uint32_t p = 0; p < network_.populations().size(); ++p)
        if (!network_.populations()[p].by_event && engine_.find_diverged(p)) return p;
    return std::nullopt;
}

std::size_t Learner::learning_state_bytes() const {
    std::size_t bytes = rules_.state_bytes() + engine_.psi_bytes();
    if (readout_) bytes += readout_->loss_bytes();
    if (forward_) bytes += forward_->bytes();
    for (std::uint32_t p = 0; p < network_.projections().size(); ++p)
        if (const PlasticSynapses* plastic = engine_.plastic(p)) bytes += plastic->bytes();
    if (backward_) bytes += backward_->bytes();
    return bytes;
}

}  // namespace synfire
