// How far a flow is from the true one (Baker et al. 2011): the endpoint error of a pixel is the
// distance between the ends of both displacements, in pixels.
#pragma once

#include <optional>
#include <span>

#include "learning/target.hpp"

namespace synfire {

struct FlowError {
    double endpoint = 0;  // mean over the pixels that count (AEE)
    // Part of them whose endpoint error is over 3 pixels and over 5 % of the true displacement
    // (KITTI).
    double outliers = 0;
};

// Nothing where no pixel counts. estimate: laid out as the target's values, of two channels.
std::optional<FlowError> flow_error(const Target& target, std::span<const float> estimate);

class EventSet;

// The displacement that is the mean of all true ones that count in `training`, and how far it is
// from those of each of `test`: means over recordings. Nothing where none counts.
std::optional<FlowError> error_of_mean_flow(const EventSet& training, const EventSet& test);

}  // namespace synfire
