// Weights recorded over a training: HDF5, weights/<projection>/{epoch,values}, a row of values for
// each epoch after which they were read (0: before the training), and {source,target}, of each
// synapse that is recorded; a convolution has no synapses of its own, and its kernel's elements are
// recorded in the order of a checkpoint. Standardised weights are recorded as spikes meet them.
#pragma once

#include <string>
#include <vector>

#include "engine/record_weights.hpp"

namespace synfire {

class WeightHistory {
  public:
    static constexpr const char* file_name = "weights.h5";

    // folder: where the file lies. Throws InputError for synapses that there are not.
    WeightHistory(const RecordedWeights& recorded, const Network& network, std::string folder);

    // Goes on from the file in the folder, whose readings after `epoch` are forgotten. Throws
    // InputError where it is of other synapses; without a file there is nothing to go on from.
    void resume(std::uint32_t epoch);
    // Reads what is due after so many epochs and writes the file, whole or not at all. Throws as
    // replace_file.
    void record(std::uint32_t epoch);

  private:
    struct Entry {
        std::uint32_t projection, every;
        std::vector<std::uint32_t> chosen;
        Synapses synapses;  // none of a convolution
        std::vector<std::uint64_t> epochs;
        std::vector<double> values;
    };

    std::string group(const Entry& entry) const;

    const Network& network_;
    std::string path_;
    std::vector<Entry> entries_;
};

}  // namespace synfire
