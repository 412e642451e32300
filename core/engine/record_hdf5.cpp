#include <map>

#include "base/hdf5.hpp"
#include "engine/record.hpp"

namespace synfire {
namespace {

class Hdf5Record final : public RecordFile {
  public:
    explicit Hdf5Record(const std::string& path) : file_(Hdf5File::create(path)) {}

    void spikes(const std::string& population, std::int64_t tick,
                std::span<const std::uint32_t> neurons) override {
        Spikes& held = spikes_[population];
        for (const std::uint32_t neuron : neurons) {
            held.ticks.push_back(static_cast<std::uint64_t>(tick));
            held.neurons.push_back(neuron);
        }
        if (held.ticks.size() >= enough) write(population, held);
    }
    void state(const std::string& population, const std::string& variable, std::int64_t tick,
               std::span<const double> values) override {
        const std::string group = "/state/" + population + "/" + variable;
        State& held = state_[group];
        held.width = values.size();
        held.ticks.push_back(static_cast<std::uint64_t>(tick));
        held.values.insert(held.values.end(), values.begin(), values.end());
        if (held.values.size() >= enough) write(group, held);
    }
    void close() override {
        for (auto& [population, held] : spikes_) write(population, held);
        for (auto& [group, held] : state_) write(group, held);
        file_.close();
    }

  private:
    static constexpr std::size_t enough = 1 << 16;  // values held in memory before they are written
    struct Spikes {
        std::vector<std::uint64_t> ticks;
        std::vector<std::uint32_t> neurons;
    };
    struct State {
        std::vector<std::uint64_t> ticks;
        std::vector<double> values;
        std::uint64_t width = 0;
    };

    void write(const std::string& population, Spikes& held) {
        file_.append<std::uint64_t>("/spikes/" + population + "/tick", held.ticks, 1);
        file_.append<std::uint32_t>("/spikes/" + population + "/neuron", held.neurons, 1);
        held.ticks.clear();
        held.neurons.clear();
    }
    void write(const std::string& group, State& held) {
        file_.append<std::uint64_t>(group + "/tick", held.ticks, 1);
        file_.append<double>(group + "/values", held.values, held.width);
        held.ticks.clear();
        held.values.clear();
    }

    Hdf5File file_;
    std::map<std::string, Spikes> spikes_;
    std::map<std::string, State> state_;
};

}  // namespace

std::unique_ptr<RecordFile> open_hdf5_record(const std::string& path) {
    return std::make_unique<Hdf5Record>(path);
}

}  // namespace synfire
