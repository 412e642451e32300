#include <unistd.h>

#include "base/hdf5.hpp"
#include "engine/record.hpp"

namespace synfire {
namespace {

class Hdf5Record final : public RecordFile {
  public:
    Hdf5Record(const std::string& path, double dt_ms) : path_(path), file_(Hdf5File::create(path)) {
        file_.write_attribute("dt_ms", dt_ms);
        file_.write_attribute("time", std::string("time_ms of tick t = (t + 1) * dt_ms"));
    }

    void add_spikes(const std::string& population) override {
        spikes_.push_back({"/spikes/" + population, {}, {}});
        file_.grow<std::uint64_t>(spikes_.back().group + "/tick", 1);
        file_.grow<std::uint32_t>(spikes_.back().group + "/neuron", 1);
    }
    void add_state(const std::string& population, const std::string& variable,
                   std::uint32_t neurons) override {
        state_.push_back({"/state/" + population + "/" + variable, {}, {}});
        file_.grow<std::uint64_t>(state_.back().group + "/tick", 1);
        file_.grow<double>(state_.back().group + "/values", neurons);
    }
    void add_weights(const std::string& projection, const Synapses& synapses) override {
        weights_.push_back({"/weights/" + projection, {}, {}});
        const std::string& group = weights_.back().group;
        file_.write<std::uint32_t>(group + "/source", synapses.source);
        file_.write<std::uint32_t>(group + "/target", synapses.target);
        file_.grow<std::uint64_t>(group + "/tick", 1);
        file_.grow<double>(group + "/values", synapses.source.size());
    }
    void spikes(std::size_t k, std::int64_t tick, std::span<const std::uint32_t> neurons) override {
        Spikes& held = spikes_[k];
        const std::size_t before = held.ticks.size();
        whole_or_none(
            [&] {
                held.ticks.insert(held.ticks.end(), neurons.size(),
                                  static_cast<std::uint64_t>(tick));
                held.neurons.insert(held.neurons.end(), neurons.begin(), neurons.end());
            },
            [&] {
                held.ticks.resize(before);
                held.neurons.resize(before);
            });
        hold(neurons.size());
    }
    void state(std::size_t k, std::int64_t tick, std::span<const double> values) override {
        hold(state_[k], tick, values);
    }
    void weights(std::size_t k, std::int64_t tick, std::span<const double> values) override {
        hold(weights_[k], tick, values);
    }
    // The file goes from one whole state to the next, so that it can be read after any end.
    void flush() override {
        failed_ = true;
        for (Spikes& held : spikes_) {
            file_.append<std::uint64_t>(held.group + "/tick", held.ticks);
            file_.append<std::uint32_t>(held.group + "/neuron", held.neurons);
            held.ticks.clear();
            held.neurons.clear();
        }
        for (auto* rows : {&state_, &weights_})
            for (Rows& held : *rows) {
                file_.append<std::uint64_t>(held.group + "/tick", held.ticks);
                file_.append<double>(held.group + "/values", held.values);
                held.ticks.clear();
                held.values.clear();
            }
        file_.flush();
        failed_ = false;
        held_ = 0;
    }
    void close() override {
        if (!failed_) flush();  // after a failure there would be a gap
        file_.close();
    }

    void discard() noexcept override { ::unlink(path_.c_str()); }

  private:
    static constexpr std::size_t enough = 1 << 17;  // values held in memory before they are written
    struct Spikes {
        std::string group;
        std::vector<std::uint64_t> ticks;
        std::vector<std::uint32_t> neurons;
    };
    struct Rows {
        std::string group;
        std::vector<std::uint64_t> ticks;
        std::vector<double> values;
    };

    // Undoes what was begun where memory has run out: columns of one group stay equally long.
    template <class Body, class Undo>
    static void whole_or_none(Body body, Undo undo) {
        try {
            body();
        } catch (...) {
            undo();
            throw;
        }
    }
    void hold(Rows& rows, std::int64_t tick, std::span<const double> values) {
        const std::size_t ticks = rows.ticks.size(), before = rows.values.size();
        whole_or_none(
            [&] {
                rows.ticks.push_back(static_cast<std::uint64_t>(tick));
                rows.values.insert(rows.values.end(), values.begin(), values.end());
            },
            [&] {
                rows.ticks.resize(ticks);
                rows.values.resize(before);
            });
        hold(values.size());
    }
    void hold(std::size_t values) {
        held_ += values;
        if (held_ >= enough) flush();
    }

    std::string path_;
    Hdf5File file_;
    std::vector<Spikes> spikes_;
    std::vector<Rows> state_, weights_;
    std::size_t held_ = 0;
    bool failed_ = false;
};

}  // namespace

std::unique_ptr<RecordFile> open_hdf5_record(const std::string& path, double dt_ms) {
    try {
        return std::make_unique<Hdf5Record>(path, dt_ms);
    } catch (...) {
        ::unlink(path.c_str());  // half of a file that holds nothing
        throw;
    }
}

}  // namespace synfire
