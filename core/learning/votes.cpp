#include "learning/votes.hpp"

#include <algorithm>
#include <numeric>

namespace synfire {

void Votes::set(Counts counts) {
    counts_ = std::move(counts);
    const std::size_t classes = counts_.recordings.size();
    worth_.assign(counts_.spikes.size(), 0.0);
    std::vector<std::uint32_t> voters(classes);  // of each class, where each votes for one
    for (std::uint32_t i = 0; i < neurons_; ++i) {
        const std::uint64_t* const spikes = counts_.spikes.data() + i * classes;
        double* const worth = worth_.data() + i * classes;
        for (std::size_t c = 0; c < classes; ++c)
            if (counts_.recordings[c] > 0)
                worth[c] =
                    static_cast<double>(spikes[c]) / static_cast<double>(counts_.recordings[c]);
        const double sum = std::accumulate(worth, worth + classes, 0.0);
        if (sum == 0) continue;
        if (kind_ == VoteKind::spread) {
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

std::uint32_t Votes::voters() const {
    std::uint32_t voters = 0;
    for (std::size_t i = 0; i < counts_.spikes.size(); i += classes()) {
        const auto first = counts_.spikes.begin() + static_cast<std::ptrdiff_t>(i);
        voters += std::any_of(first, first + classes(), [](std::uint64_t n) { return n > 0; });
    }
    return voters;
}

std::optional<std::uint32_t> Votes::winner(std::span<const Response> responses) const {
    const std::size_t classes = counts_.recordings.size();
    std::vector<double> votes(classes);
    for (const Response& response : responses)
        for (std::size_t c = 0; c < classes; ++c)
            votes[c] += response.spikes * worth_[response.neuron * classes + c];
    const auto most = std::ranges::max_element(votes);
    if (most == votes.end() || *most == 0) return std::nullopt;
    return static_cast<std::uint32_t>(most - votes.begin());
}

}  // namespace synfire
