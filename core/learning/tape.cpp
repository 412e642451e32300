#include "learning/tape.hpp"

#include <algorithm>

namespace synfire {

Tape::Tape(const Network& network, const std::vector<bool>& populations)
    : network_(network), tracks_(network.populations().size()) {
    for (const Projection& p : network.projections())
        longest_delay_ = std::max(longest_delay_, p.delay);
    for (std::uint32_t p = 0; p < tracks_.size(); ++p) {
        const PopulationDescription& d = network.populations()[p].description;
        if (!populations[p] || !d.has_neurons()) continue;
        tracks_[p].psi_wanted = d.model->has_psi();
        tracks_[p].state_wanted = d.model->adjoint_reads_state();
        tracks_[p].width = padded(d.size);
    }
}

void Tape::reset() {
    first_ = end_ = first_spikes_ = 0;
    for (Track& track : tracks_) {
        track.spikes.clear();
        track.begin.assign(1, 0);
        track.psi.clear();
        track.input.clear();
    }
}

void Tape::begin_stretch() {
    first_ = end_;
    const std::int64_t keep = std::max(first_spikes_, end_ - std::int64_t{longest_delay_});
    const auto drop = static_cast<std::ptrdiff_t>(keep - first_spikes_);
    first_spikes_ = keep;
    for (Track& track : tracks_) {
        track.psi.clear();
        track.input.clear();
        if (track.begin.size() == 1) continue;
        const std::size_t dropped = track.begin[static_cast<std::size_t>(drop)];
        track.spikes.erase(track.spikes.begin(),
                           track.spikes.begin() + static_cast<std::ptrdiff_t>(dropped));
        track.begin.erase(track.begin.begin(), track.begin.begin() + drop);
        for (std::size_t& begin : track.begin) begin -= dropped;
    }
}

void Tape::before(const Engine& engine) {
    const auto at = static_cast<std::size_t>(end_ - first_);
    for (std::uint32_t p = 0; p < tracks_.size(); ++p) {
        Track& track = tracks_[p];
        if (!track.state_wanted) continue;
        if (at < track.states.size())
            track.states[at].copy(engine.state(p));
        else
            track.states.push_back(engine.state(p));
    }
}

void Tape::after(const Engine& engine) {
    for (std::uint32_t p = 0; p < tracks_.size(); ++p) {
        Track& track = tracks_[p];
        if (!network_.populations()[p].description.is_input()) {
            const auto spikes = engine.spikes(p);
            track.spikes.insert(track.spikes.end(), spikes.begin(), spikes.end());
            track.begin.push_back(track.spikes.size());
        }
        if (track.psi_wanted)
            track.psi.insert(track.psi.end(), engine.psi(p), engine.psi(p) + track.width);
        if (!track.state_wanted) continue;
        if (const float* input = engine.input(p)) {
            track.input.insert(track.input.end(), input, input + track.width);
        } else {
            const std::span<const double> sums = engine.input64(p);
            track.input.resize(track.input.size() + track.width);
            std::ranges::transform(sums,
                                   track.input.end() - static_cast<std::ptrdiff_t>(track.width),
                                   [](double sum) { return static_cast<float>(sum); });
        }
    }
    ++end_;
    most_bytes_ = std::max(most_bytes_, held_bytes());
}

std::span<const std::uint32_t> Tape::spikes(std::uint32_t population, std::int64_t tick) const {
    if (tick < first_spikes_) return {};
    const Track& track = tracks_[population];
    const auto at = static_cast<std::size_t>(tick - first_spikes_);
    return {track.spikes.data() + track.begin[at], track.spikes.data() + track.begin[at + 1]};
}

const float* Tape::psi(std::uint32_t population, std::int64_t tick) const {
    const Track& track = tracks_[population];
    if (!track.psi_wanted) return nullptr;
    return track.psi.data() + static_cast<std::size_t>(tick - first_) * track.width;
}

const float* Tape::input(std::uint32_t population, std::int64_t tick) const {
    const Track& track = tracks_[population];
    if (!track.state_wanted) return nullptr;
    return track.input.data() + static_cast<std::size_t>(tick - first_) * track.width;
}

void* const* Tape::state(std::uint32_t population, std::int64_t tick) const {
    const Track& track = tracks_[population];
    if (!track.state_wanted) return nullptr;
    return track.states[static_cast<std::size_t>(tick - first_)].columns();
}

std::size_t Tape::held_bytes() const {
    std::size_t bytes = 0;
    for (const Track& track : tracks_) {
        bytes += track.spikes.size() * sizeof(std::uint32_t);
        bytes += (track.begin.size() - 1) * sizeof(std::size_t);
        bytes += (track.psi.size() + track.input.size()) * sizeof(float);
        if (track.state_wanted)
            bytes += static_cast<std::size_t>(end_ - first_) * track.states.front().bytes();
    }
    return bytes;
}

}  // namespace synfire
