// Which weights are recorded while a network runs or is trained, and their reading: of projections
// whose weights change, all synapses or some of them, numbered by source and then by target.
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
    std::uint32_t every;                                 // ticks of a run, or epochs of a training
    std::optional<std::vector<std::uint32_t>> synapses;  // all, without it
    std::uint32_t at_most = UINT32_MAX;

    // The numbers of those that are recorded, of `count`. Throws InputError, with that pointer, for
    // one that there is not.
    std::vector<std::uint32_t> chosen(std::size_t count, const std::string& projection_name,
                                      const std::string& pointer) const;
};

Form record_weights_form();

// What is recorded of a run, and of a training, each with its place in the JSON's list.
struct RecordedWeights {
    std::vector<WeightsDescription> in_run, in_training;
    std::vector<std::string> run_pointers, training_pointers;
};
RecordedWeights read_record_weights(const nlohmann::json& completed,
                                    const NetworkDescription& network, const std::string& pointer,
                                    Problems& problems);

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
