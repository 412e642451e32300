#include "conformance/gradient_site.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace synfire::conformance {

std::vector<std::uint32_t> sources_up_to(std::uint32_t count) {
    std::vector<std::uint32_t> all(count);
    std::iota(all.begin(), all.end(), 0);
    return all;
}

GradientSite::GradientSite(Subject& subject, const Values& values,
                           std::vector<std::uint32_t> sources)
    : subject_(subject),
      sources_(std::move(sources)),
      pre_(static_cast<std::uint32_t>(sources_.size())),
      post_(Subject::post_count),
      state_(subject.description(), values, {.pre = pre_, .post = post_}),
      rows_{GuardedArray<float>("a row of 'new_row'", padded_count(post_)),
            GuardedArray<float>("a row of 'new_row'", padded_count(post_))},
      arrivals_("'arrivals'", pre_),
      psi_("'psi'", padded_count(post_)),
      signal_("'signal'", padded_count(post_)),
      primitives_{sizeof(synfire_rule_primitives),
                  0,
                  &add_row,
                  &add_outer,
                  &add_bias,
                  &new_row,
                  &add_counted_row,
                  &add_outer_of_counts},
      gradient_(std::size_t{pre_} * post_),
      bias_(post_),
      counts_(pre_) {
    for (auto& row : rows_) row.close();
}

void GradientSite::clear() {
    state_.reset();
    std::ranges::fill(gradient_, 0.0f);
    std::ranges::fill(bias_, 0.0f);
    std::ranges::fill(counts_, 0.0f);
    expire();
}

synfire_rule_context GradientSite::context() {
    return {sizeof(synfire_rule_context), 0, state_.pointers(), &primitives_, this};
}

void GradientSite::run(const Instance& instance, std::uint32_t ticks, std::uint32_t sample) {
    const bool backward = subject_.rule().flags & SYNFIRE_RULE_BACKWARD;
    for (std::uint32_t k = 0; k < ticks; ++k)
        tick(instance, backward ? ticks - 1 - k : k, sample, backward || k >= ticks / 2);
    end_window(instance);
}

void GradientSite::end_window(const Instance& instance) {
    synfire_rule_context c = context();
    after_call("on_window_end", within("on_window_end", [&] {
                   return subject_.rule().on_window_end(instance.get(), &c);
               }));
    expire();
}

void GradientSite::tick(const Instance& instance, std::uint32_t tick, std::uint32_t sample,
                        bool learns) {
    Random random(sample, Stream::scene, tick, 0);
    std::vector<bool> spikes(1000);
    for (std::uint32_t j = 0; j < spikes.size(); ++j) spikes[j] = random.uniform() < 0.15f;
    for (GuardedBytes* array :
         {static_cast<GuardedBytes*>(&arrivals_), static_cast<GuardedBytes*>(&psi_),
          static_cast<GuardedBytes*>(&signal_)})
        array->open();
    std::uint32_t count = 0;
    for (std::uint32_t j = 0; j < pre_; ++j)
        if (spikes[sources_[j]]) arrivals_[count++] = j;
    for (std::uint32_t i = 0; i < post_; ++i) {
        psi_[i] = random.uniform();
        signal_[i] = random.normal();
    }
    const bool has_psi =
        !subject_.before_readout() && !(subject_.rule().flags & SYNFIRE_RULE_BACKWARD);
    const synfire_rule_tick given{
        sizeof(synfire_rule_tick),       count,
        static_cast<std::int64_t>(tick), arrivals_.data(),
        has_psi ? psi_.data() : nullptr, learns ? signal_.data() : nullptr};
    for (GuardedBytes* array :
         {static_cast<GuardedBytes*>(&arrivals_), static_cast<GuardedBytes*>(&psi_),
          static_cast<GuardedBytes*>(&signal_)})
        array->seal();
    synfire_rule_context c = context();
    after_call("on_tick", within("on_tick", [&] {
                   return subject_.rule().on_tick(instance.get(), &c, &given);
               }));
}

void GradientSite::after_call(const char* call, synfire_status status) {
    if (!fault_.empty()) throw Fault(std::exchange(fault_, {}));
    subject_.require(call, status);
    state_.require_margins();
}

void GradientSite::append_to(Transcript& transcript) const {
    transcript.add("the gradient", gradient_.data(), gradient_.size() * sizeof(float));
    transcript.add("the gradient of the bias", bias_.data(), bias_.size() * sizeof(float));
    transcript.add("at the end", state_);
}

void GradientSite::require_finite() const {
    for (const auto* all : {&gradient_, &bias_})
        for (const float g : *all)
            if (!std::isfinite(g)) throw Fault(fmt::format("its gradient is {}", g));
    state_.require_finite("at the end of a sample");
}

void GradientSite::fault(std::string words) {
    if (fault_.empty()) fault_ = std::move(words);
}

void GradientSite::expire() {
    if (!open_row_) return;
    try {
        open_row_->require_margins();
    } catch (const Fault& found) {
        fault(found.what());
    }
    open_row_->close();
    open_row_ = nullptr;
}

bool GradientSite::readable(const float* row, const char* primitive) {
    if (!row) return fault(fmt::format("it hands no row to '{}'", primitive)), false;
    if (reinterpret_cast<std::uintptr_t>(row) % 64 != 0)
        return fault(fmt::format("it hands '{}' a row that is not aligned to 64 bytes", primitive)),
               false;
    for (std::size_t i = post_; i < padded_count(post_); ++i)
        if (row[i] != 0)
            return fault(fmt::format("it hands '{}' a row whose padding, behind element {}, is not "
                                     "zero",
                                     primitive, post_ - 1)),
                   false;
    return true;
}

void GradientSite::take_row(const std::uint32_t* sources, std::uint32_t count, const float* row) {
    for (std::uint32_t k = 0; k < count; ++k) {
        if (sources[k] >= pre_)
            return fault(fmt::format("it adds a row for source {}, of which there are {}",
                                     sources[k], pre_));
        for (std::uint32_t i = 0; row && i < post_; ++i)
            gradient_[std::size_t{sources[k]} * post_ + i] += row[i];
    }
}

void GradientSite::add_row(void* site, const std::uint32_t* sources, std::uint32_t count,
                           const float* row) {
    auto& self = *static_cast<GradientSite*>(site);
    if (self.readable(row, "add_row")) self.take_row(sources, count, row);
    self.expire();
}

void GradientSite::add_outer(void* site, const float* scale, const float* row) {
    auto& self = *static_cast<GradientSite*>(site);
    if (!scale) return self.fault("it hands no scale to 'add_outer'");
    if (!self.readable(row, "add_outer")) return;
    for (std::uint32_t j = 0; j < self.pre_; ++j)
        for (std::uint32_t i = 0; i < self.post_; ++i)
            self.gradient_[std::size_t{j} * self.post_ + i] += scale[j] * row[i];
    self.expire();
}

void GradientSite::add_bias(void* site, const float* row) {
    auto& self = *static_cast<GradientSite*>(site);
    if (!self.readable(row, "add_bias")) return;
    for (std::uint32_t i = 0; i < self.post_; ++i) self.bias_[i] += row[i];
}

float* GradientSite::new_row(void* site) {
    auto& self = *static_cast<GradientSite*>(site);
    self.expire();
    GuardedArray<float>& row = self.rows_[self.turn_++ % 2];
    row.open();
    self.open_row_ = &row;
    std::ranges::fill(row, 0.0f);
    std::fill_n(row.begin(), self.post_, std::numeric_limits<float>::quiet_NaN());
    return row.data();
}

void GradientSite::add_counted_row(void* site, const std::uint32_t* sources, std::uint32_t count,
                                   const float* row) {
    auto& self = *static_cast<GradientSite*>(site);
    if (row && !self.readable(row, "add_counted_row")) return;
    self.take_row(sources, count, row);
    for (std::uint32_t k = 0; k < count; ++k)
        if (sources[k] < self.pre_) self.counts_[sources[k]] += 1;
    self.expire();
}

void GradientSite::add_outer_of_counts(void* site, const float* row) {
    auto& self = *static_cast<GradientSite*>(site);
    add_outer(site, self.counts_.data(), row);
    std::ranges::fill(self.counts_, 0.0f);
}

}  // namespace synfire::conformance
