// Recorders: spikes and state variables of chosen populations, written while a network runs, to one
// HDF5 file or to a folder of CSV files.
//
// HDF5: spikes/<population>/{tick,neuron} and state/<population>/<variable>/{tick,values}.
// CSV:  spikes-<population>.csv (tick,neuron) and state-<population>-<variable>.csv (tick, then one
//       column a neuron).
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "engine/simulation.hpp"

namespace synfire {

struct Form;

struct RecordDescription {
    struct Spikes {
        std::uint32_t population;
    };
    struct State {
        std::uint32_t population;
        std::string variable;
        std::uint32_t every_ticks;
    };
    std::string format = "hdf5";
    std::vector<Spikes> spikes;
    std::vector<State> state;
};

Form record_form();
RecordDescription read_record(const nlohmann::json& completed, const NetworkDescription& network,
                              const std::string& pointer, Problems& problems);

// Where recordings go: the two file forms behind one interface.
class RecordFile {
  public:
    virtual ~RecordFile() = default;
    virtual void spikes(const std::string& population, std::int64_t tick,
                        std::span<const std::uint32_t> neurons) = 0;
    virtual void state(const std::string& population, const std::string& variable,
                       std::int64_t tick, std::span<const double> values) = 0;
    // Writes what is still held back and closes. Throws std::runtime_error where that fails.
    virtual void close() = 0;
};

std::unique_ptr<RecordFile> open_hdf5_record(const std::string& path);
std::unique_ptr<RecordFile> open_csv_record(const std::string& folder);

class Recorder {
  public:
    // folder: an existing folder; the record is written into it.
    Recorder(const RecordDescription& description, const Network& network,
             const std::string& folder);

    // To be called after every tick that was visited.
    void record(const Simulation& simulation, std::int64_t tick);
    // The first tick after `tick` at which a state variable is to be read, or Wheel::never.
    std::int64_t next_tick(std::int64_t tick) const;
    void close() { file_->close(); }

  private:
    RecordDescription description_;
    const Network& network_;
    std::unique_ptr<RecordFile> file_;
    std::vector<double> values_;
};

}  // namespace synfire
