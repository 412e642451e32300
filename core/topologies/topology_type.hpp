// The kinds of topology that a network's JSON can name: what each takes, what it fits, and how it
// is made.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "json/form.hpp"
#include "topologies/relay.hpp"

namespace synfire {

// What random topologies draw from.
struct Draws {
    std::uint64_t seed = 0;
    std::uint32_t projection = 0;
    bool one_weight = false;  // all synapses have one weight, in double precision
};

// Why a topology cannot join two populations.
struct Misfit {
    std::string reason;              // a sentence; "" where it can
    std::string field = "topology";  // of the projection: where the sentence belongs
};

// A weight for every pair of neurons.
inline double every_pair(const nlohmann::json& /*projection*/, const Extent& pre,
                         const Extent& post) {
    return static_cast<double>(pre.size) * post.size;
}

// A kind of topology as the JSON names it.
struct TopologyType {
    std::string name;
    std::string doc;
    std::vector<Field> fields;  // beside those of every projection
    Misfit (*misfit)(const nlohmann::json& projection, const Extent& pre, const Extent& post);
    // To be called only where nothing is misfit.
    std::unique_ptr<Topology> (*make)(const nlohmann::json& projection, const Extent& pre,
                                      const Extent& post, const Draws& draws);
    // Whether the rows of the weights are the synapses of a unit, so that they can be standardised.
    bool standardisable = false;
    // Pooling: it feeds a relay and has no weights.
    bool pools = false;
    // Of one whose target hands on the source's events, or shares of them: which. To be called only
    // where nothing is misfit.
    HandedOn (*hands_on)(const nlohmann::json& projection, const Extent& pre,
                         const Extent& post) = nullptr;
    // About how many weights or synapses are made. To be called only where nothing is misfit.
    double (*amount)(const nlohmann::json& projection, const Extent& pre,
                     const Extent& post) = &every_pair;
};

const std::vector<TopologyType>& topology_types();
// The type that a projection's JSON, completed, names.
const TopologyType& topology_type(const nlohmann::json& projection);

}  // namespace synfire
