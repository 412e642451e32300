// The topologies that topology_types() lists, each defined in its own file.
#pragma once

#include "topologies/topology_type.hpp"

namespace synfire {

TopologyType dense_topology();
TopologyType one_to_one_topology();
TopologyType sparse_topology();
TopologyType conv2d_topology();
TopologyType conv_transpose2d_topology();
TopologyType upsample_topology();
TopologyType max_pool_topology();
TopologyType avg_pool_topology();
TopologyType identity_topology();

}  // namespace synfire
