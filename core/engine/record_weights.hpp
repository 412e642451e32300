// Which weights are recorded while a network runs, and their reading: of projections whose weights
// change, all synapses or some of them, numbered by source and then by target.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "engine/weights.hpp"

namespace synfire {

struct Form;

struct WeightsDescription {
    std::uint32_t projection;
    std::uint32_t every_ticks;
    std::optional<std::vector<std::uint32_t>> synapses;  // all, without it
    std::uint32_t at_most = UINT32_MAX;
};

Form record_weights_form();
std::vector<WeightsDescription> read_record_weights(const nlohmann::json& completed,
                                                    const NetworkDescription& network,
                                                    const std::string& pointer, Problems& problems);

class WeightReader {
  public:
    // Throws InputError, with that pointer, where there is no synapse of a number.
    WeightReader(const WeightsDescription& description, const Network& network,
                 const std::string& pointer);

    const Synapses& synapses() const { return synapses_; }
    // Their weights at the tick where the simulation stands.
    void read(const Simulation& simulation, std::vector<double>& values);

  private:
    std::uint32_t projection_;
    Synapses synapses_;
    std::vector<std::uint32_t> sources_;  // whose rows are read, and
    std::vector<std::size_t> places_;     // where in these each synapse lies
    std::vector<float> rows_;
};

}  // namespace synfire
