// What a sample is compared with on a coarser map than its own: areas of factor x factor pixels
// become one. A flow is the mean of those of an area's pixels that count, in pixels of the coarse
// map; the area counts where any of them does. Grey pictures are means, and each event is one of
// its area. So losses of a flow judge heads of several scales alike (Zhu et al. 2018, EV-FlowNet).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "learning/event_set.hpp"

namespace synfire {

class CoarseTarget {
  public:
    // input: the map of the events.
    CoarseTarget(const MapShape& input, std::uint32_t factor);

    // The sample has to live on.
    void make(const SampleEvents& sample, bool with_events);
    const Target& target() const { return target_; }
    // Input neurons of the coarse map, in the order of the sample's events; where asked for.
    std::span<const std::uint32_t> events() const { return events_; }

  private:
    void average_values(const Target& fine);
    void average_frame(const float* fine, float* coarse) const;

    MapShape input_, coarse_;
    std::uint32_t factor_;
    std::vector<float> floats_;
    std::vector<std::uint32_t> events_;
    Target target_;
};

}  // namespace synfire
