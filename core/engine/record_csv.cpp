#include <fmt/format.h>
#include <unistd.h>

#include <iterator>

#include "base/output_file.hpp"
#include "engine/record.hpp"

namespace synfire {
namespace {

class CsvRecord final : public RecordFile {
  public:
    explicit CsvRecord(std::string folder) : folder_(std::move(folder)) {}

    void add_spikes(const std::string& population) override {
        spikes_.emplace_back(fmt::format("{}/spikes-{}.csv", folder_, population));
        spikes_.back().write("tick,neuron\n");
    }
    void add_state(const std::string& population, const std::string& variable,
                   std::uint32_t neurons) override {
        state_.emplace_back(fmt::format("{}/state-{}-{}.csv", folder_, population, variable));
        std::string header = "tick";
        for (std::uint32_t i = 0; i < neurons; ++i)
            fmt::format_to(std::back_inserter(header), ",{}", i);
        state_.back().write(header + "\n");
    }
    void add_weights(const std::string& projection, const Synapses& synapses) override {
        weights_.emplace_back(fmt::format("{}/weights-{}.csv", folder_, projection));
        std::string header = "tick";
        for (std::size_t i = 0; i < synapses.source.size(); ++i)
            fmt::format_to(std::back_inserter(header), ",{}->{}", synapses.source[i],
                           synapses.target[i]);
        weights_.back().write(header + "\n");
    }
    void spikes(std::size_t k, std::int64_t tick, std::span<const std::uint32_t> neurons) override {
        line_.clear();
        for (const std::uint32_t neuron : neurons)
            fmt::format_to(std::back_inserter(line_), "{},{}\n", tick, neuron);
        spikes_[k].write(line_);
    }
    void state(std::size_t k, std::int64_t tick, std::span<const double> values) override {
        write_row(state_[k], tick, values);
    }
    void weights(std::size_t k, std::int64_t tick, std::span<const double> values) override {
        write_row(weights_[k], tick, values);
    }
    void flush() override {
        for (auto* files : {&spikes_, &state_, &weights_})
            for (OutputFile& file : *files) file.flush();
    }
    void close() override {
        for (auto* files : {&spikes_, &state_, &weights_})
            for (OutputFile& file : *files) file.close();
    }

    void discard() noexcept override {
        for (auto* files : {&spikes_, &state_, &weights_})
            for (OutputFile& file : *files) ::unlink(file.path().c_str());
    }

  private:
    // As many digits as it takes to read the same double back.
    void write_row(OutputFile& file, std::int64_t tick, std::span<const double> values) {
        line_ = fmt::format("{}", tick);
        for (const double value : values) fmt::format_to(std::back_inserter(line_), ",{}", value);
        file.write(line_ += "\n");
    }

    std::string folder_, line_;
    std::vector<OutputFile> spikes_, state_, weights_;
};

}  // namespace

std::unique_ptr<RecordFile> open_csv_record(const std::string& folder) {
    return std::make_unique<CsvRecord>(folder);
}

}  // namespace synfire
