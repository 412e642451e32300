#include "network/topology.hpp"

#include "network/topology_kinds.hpp"

namespace synfire {

const std::vector<TopologyType>& topology_types() {
    static const std::vector<TopologyType> types = {dense_topology(), one_to_one_topology()};
    return types;
}

}  // namespace synfire
