// Recorders of a run: spikes and state variables of chosen populations and weights of plastic
// projections, written while a network runs, to one HDF5 file or to a folder of CSV files.
//
// HDF5: spikes/<population>/{tick,neuron}, state/<population>/<variable>/{tick,values} and
//       weights/<projection>/{source,target,tick,values}; the attributes dt_ms and time of the
//       file.
// CSV:  spikes-<population>.csv (tick,neuron), state-<population>-<variable>.csv (tick, then one
//       column a neuron) and weights-<projection>.csv (tick, then one column a synapse, headed
//       source->target).
//
// Tick t is the step from t * dt_ms to (t + 1) * dt_ms: what is recorded of it is the state at its
// end, and its spikes have the time (t + 1) * dt_ms.
#pragma once

#include <chrono>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "engine/record_weights.hpp"
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
    RecordedWeights weights;

    // Of a run: whether nothing is recorded, and whether more than spikes are looked at.
    bool empty() const { return spikes.empty() && state.empty() && weights.in_run.empty(); }
    bool reads_state() const { return !state.empty() || !weights.in_run.empty(); }
};

Form record_form();
RecordDescription read_record(const nlohmann::json& completed, const NetworkDescription& network,
                              const std::string& pointer, Problems& problems);

// Where recordings go: the two file forms behind one interface. Everything that is asked for is
// there from the start, empty. Whatever cannot be written throws std::runtime_error with the file
// and the reason; what earlier flushes have completed can be read all the same.
class RecordFile {
  public:
    virtual ~RecordFile() = default;
    virtual void add_spikes(const std::string& population) = 0;
    virtual void add_state(const std::string& population, const std::string& variable,
                           std::uint32_t neurons) = 0;
    virtual void add_weights(const std::string& projection, const Synapses& synapses) = 0;
    // Of the k-th population, variable or projection that was added.
    virtual void spikes(std::size_t k, std::int64_t tick,
                        std::span<const std::uint32_t> neurons) = 0;
    virtual void state(std::size_t k, std::int64_t tick, std::span<const double> values) = 0;
    virtual void weights(std::size_t k, std::int64_t tick, std::span<const double> values) = 0;
    // Writes what is held back.
    virtual void flush() = 0;
    virtual void close() = 0;
    // Removes the files: nothing was recorded.
    virtual void discard() noexcept = 0;
};

std::unique_ptr<RecordFile> open_hdf5_record(const std::string& path, double dt_ms);
std::unique_ptr<RecordFile> open_csv_record(const std::string& folder);

// The names of all files that recorders write, as patterns of fnmatch(3).
std::vector<std::string> record_file_patterns();

class Recorder {
  public:
    // folder: an existing folder; the record is written into it.
    Recorder(const RecordDescription& description, const Network& network,
             const std::string& folder);
    Recorder(const Recorder&) = delete;
    Recorder& operator=(const Recorder&) = delete;
    // Where an exception ends the run, what was recorded before it is kept, as far as that goes.
    ~Recorder();

    // To be called after every tick that was visited.
    void record(const Simulation& simulation, std::int64_t tick);
    // The first tick after `tick` at which a state variable or weights are to be read, or
    // Wheel::never.
    std::int64_t next_tick(std::int64_t tick) const;
    void close();

  private:
    RecordDescription description_;
    std::unique_ptr<RecordFile> file_;
    std::vector<WeightReader> weights_;
    std::vector<double> values_;
    std::chrono::steady_clock::time_point flushed_ = std::chrono::steady_clock::now();
};

}  // namespace synfire
