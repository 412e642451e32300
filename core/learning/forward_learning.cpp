#include "learning/forward_learning.hpp"

namespace synfire {

ForwardLearning::ForwardLearning(const Network& network, const TrainingDescription& training,
                                 const FeedbackWeights& weights, Engine& engine, SiteRules& rules)
    : engine_(engine),
      rules_(rules),
      feedback_(network, training, weights, Feedback::ticks_at_once(network, training)),
      pending_(Feedback::ticks_at_once(network, training)),
      arrivals_(rules.sites().size()) {
    engine.keep_psi(static_cast<std::uint32_t>(pending_.size()));
    for (Tick& tick : pending_) tick.ends.resize(rules.sites().size());
    for (std::size_t s = 0; s < arrivals_.size(); ++s)
        if (!reads_engine(s)) arrivals_[s].resize(pending_.size() * rules.sites()[s].pre_count);
}

void ForwardLearning::add(std::uint32_t t, std::span<const float> error) {
    Tick& tick = pending_[pending_count_++];
    tick.tick = t;
    tick.in_window = !error.empty();
    if (tick.in_window) tick.error.assign(error.begin(), error.end());
    for (std::size_t s = 0; s < rules_.sites().size(); ++s) {
        if (reads_engine(s)) continue;
        const std::size_t at = pending_count_ > 1 ? pending_[pending_count_ - 2].ends[s] : 0;
        tick.ends[s] = rules_.sites()[s].write_arrivals(
            arrivals_[s], at, [&](std::uint32_t p) { return engine_.arrivals(p); });
    }
}

void ForwardLearning::flush(std::uint32_t batch, Profile* profile) {
    if (pending_count_ == 0) return;
    with_error_.clear();
    for (std::uint32_t k = 0; k < pending_count_; ++k)
        if (pending_[k].in_window) with_error_.push_back({pending_[k].tick, pending_[k].error});
    if (!with_error_.empty()) {
        Span span(profile, Stage::feedback, 0);
        const std::uint64_t before = engine_.counters().macs_learning;
        feedback_.project(engine_, with_error_, static_cast<float>(batch), engine_.counters());
        const std::uint64_t macs = engine_.counters().macs_learning - before;
        span.did({.macs = macs, .bytes = macs * sizeof(float)});
    }
    for (std::size_t s = 0; s < rules_.sites().size(); ++s) {
        if (rules_.sites()[s].rule->model->backward()) continue;
        const std::uint32_t target = rules_.sites()[s].target;
        const bool spikes = engine_.network().populations()[target].description.model->spikes();
        Span span(profile, Stage::rule, target);
        std::size_t in_window = 0;
        for (std::uint32_t k = 0; k < pending_count_; ++k) {
            const Tick& tick = pending_[k];
            const auto arrivals = this->arrivals(s, k);
            span.did({arrivals.size(), 0, 2 * rules_.state(s).bytes()});
            rules_.on_tick(s, tick.tick, arrivals,
                           spikes ? engine_.psi(target, tick.tick) : nullptr,
                           tick.in_window ? feedback_.signal(target, in_window) : nullptr);
            in_window += tick.in_window;
        }
    }
    pending_count_ = 0;
}

// Whether arrivals at a site are handed on as the engine has them, without a copy.
bool ForwardLearning::reads_engine(std::size_t site) const {
    return pending_.size() == 1 && rules_.sites()[site].members.size() == 1;
}

std::span<const std::uint32_t> ForwardLearning::arrivals(std::size_t site,
                                                         std::uint32_t pending) const {
    if (reads_engine(site))
        return engine_.arrivals(rules_.sites()[site].members.front().projection);
    const std::uint32_t* all = arrivals_[site].data();
    return {all + (pending > 0 ? pending_[pending - 1].ends[site] : 0),
            all + pending_[pending].ends[site]};
}

std::size_t ForwardLearning::bytes() const {
    std::size_t bytes = feedback_.bytes();
    for (const auto& arrivals : arrivals_) bytes += arrivals.size() * sizeof(arrivals.front());
    return bytes;
}

}  // namespace synfire
