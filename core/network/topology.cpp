#include "network/topology.hpp"

#include <algorithm>

#include "network/topology_kinds.hpp"

namespace synfire {

const std::vector<TopologyType>& topology_types() {
    static const std::vector<TopologyType> types = {dense_topology(),    one_to_one_topology(),
                                                    sparse_topology(),   conv2d_topology(),
                                                    max_pool_topology(), avg_pool_topology()};
    return types;
}

const TopologyType& topology_type(const nlohmann::json& projection) {
    return *std::ranges::find(topology_types(), projection.at("topology").get<std::string>(),
                              &TopologyType::name);
}

}  // namespace synfire
