#include "cli/spike_tally.hpp"

#include <algorithm>
#include <cmath>

namespace synfire::cli {

SpikeTally::SpikeTally(const Network& network) : populations_(network.populations().size()) {
    for (std::size_t p = 0; p < populations_.size(); ++p)
        populations_[p].trains.resize(network.populations()[p].size());
}

void SpikeTally::add(const Simulation& simulation, std::int64_t tick) {
    for (std::uint32_t p = 0; p < populations_.size(); ++p) {
        const auto spikes = simulation.spikes(p);
        populations_[p].spikes += spikes.size();
        std::vector<Train>& trains = populations_[p].trains;
        constexpr std::size_t ahead = 8;  // trains of very many neurons lie far apart
        for (std::size_t k = 0; k < spikes.size(); ++k) {
            __builtin_prefetch(&trains[spikes[std::min(k + ahead, spikes.size() - 1)]], 1);
            hash_.add(static_cast<std::uint32_t>(tick));
            hash_.add(p);
            hash_.add(spikes[k]);
            trains[spikes[k]].add(tick);
        }
    }
}

std::optional<double> SpikeTally::mean_cv(std::size_t population) const {
    double sum = 0;
    std::size_t neurons = 0;
    for (const Train& train : populations_[population].trains)
        if (train.intervals >= 2) {
            sum += train.cv();
            ++neurons;
        }
    if (neurons == 0) return std::nullopt;
    return sum / static_cast<double>(neurons);
}

void SpikeTally::Train::add(std::int64_t tick) {
    if (last >= 0) {
        const auto interval = static_cast<double>(tick - last);
        ++intervals;
        sum += interval;
        squares += interval * interval;
    }
    last = tick;
}

double SpikeTally::Train::cv() const {
    const double mean = sum / intervals;
    return std::sqrt(std::max(0.0, squares / intervals - mean * mean)) / mean;
}

}  // namespace synfire::cli
