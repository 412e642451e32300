#include "learning/votes.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace synfire {

void Votes::set(Counts counts) {
    counts_ = std::move(counts);
    worth_.assign(counts_.spikes.size(), 0.0);
    if (kind_ == VoteKind::likelihood)
        set_likelihoods();
    else
        set_shares();
}

bool Votes::votes(std::uint32_t neuron) const {
    const auto first =
        counts_.spikes.begin() + static_cast<std::ptrdiff_t>(std::size_t{neuron} * classes());
    return std::any_of(first, first + classes(), [](std::uint64_t n) { return n > 0; });
}

std::uint32_t Votes::voters() const {
    std::uint32_t voters = 0;
    for (std::uint32_t i = 0; i < neurons_ && !empty(); ++i) voters += votes(i);
    return voters;
}

void Votes::set_shares() {
    const std::size_t classes = this->classes();
    std::vector<std::uint32_t> voters(classes);  // of each class, where each votes for one
    for (std::uint32_t i = 0; i < neurons_; ++i) {
        if (!votes(i)) continue;
        const std::uint64_t* const spikes = counts_.spikes.data() + i * classes;
        double* const worth = worth_.data() + i * classes;
        for (std::size_t c = 0; c < classes; ++c)
            if (counts_.recordings[c] > 0)
                worth[c] =
                    static_cast<double>(spikes[c]) / static_cast<double>(counts_.recordings[c]);
        if (kind_ == VoteKind::spread) {
            const double sum = std::accumulate(worth, worth + classes, 0.0);
            for (std::size_t c = 0; c < classes; ++c) worth[c] /= sum;
            continue;
        }
        const auto own = static_cast<std::size_t>(std::max_element(worth, worth + classes) - worth);
        std::fill_n(worth, classes, 0.0);
        worth[own] = 1;
        ++voters[own];
    }
    if (kind_ == VoteKind::one)
        for (std::size_t k = 0; k < worth_.size(); ++k)
            if (worth_[k] > 0) worth_[k] /= voters[k % classes];
}

void Votes::set_likelihoods() {
    const std::size_t classes = this->classes();
    std::vector<double> sums(classes, static_cast<double>(neurons_));
    for (std::size_t k = 0; k < worth_.size(); ++k)
        sums[k % classes] += static_cast<double>(counts_.spikes[k]);
    for (std::size_t k = 0; k < worth_.size(); ++k)
        worth_[k] = std::log((static_cast<double>(counts_.spikes[k]) + 1) / sums[k % classes]);
}

std::optional<std::uint32_t> Votes::winner(std::span<const Response> responses) const {
    const std::size_t classes = this->classes();
    std::vector<double> sums(classes);
    bool any = false;
    for (const auto& [neuron, spikes] : responses) {
        if (!votes(neuron)) continue;
        any = true;
        for (std::size_t c = 0; c < classes; ++c) sums[c] += spikes * worth_[neuron * classes + c];
    }
    if (!any) return std::nullopt;
    return static_cast<std::uint32_t>(std::ranges::max_element(sums) - sums.begin());
}

}  // namespace synfire
