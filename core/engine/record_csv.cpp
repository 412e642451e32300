#include <fmt/format.h>

#include <fstream>
#include <map>

#include "base/problem.hpp"
#include "engine/record.hpp"

namespace synfire {
namespace {

class CsvRecord final : public RecordFile {
  public:
    explicit CsvRecord(std::string folder) : folder_(std::move(folder)) {}

    void spikes(const std::string& population, std::int64_t tick,
                std::span<const std::uint32_t> neurons) override {
        std::ofstream& out = file(fmt::format("spikes-{}.csv", population), "tick,neuron\n");
        for (const std::uint32_t neuron : neurons) out << fmt::format("{},{}\n", tick, neuron);
    }
    void state(const std::string& population, const std::string& variable, std::int64_t tick,
               std::span<const double> values) override {
        std::string header = "tick";
        for (std::size_t i = 0; i < values.size(); ++i) header += fmt::format(",{}", i);
        std::ofstream& out =
            file(fmt::format("state-{}-{}.csv", population, variable), header + "\n");
        std::string line = fmt::format("{}", tick);
        for (const double value : values) line += fmt::format(",{:.9g}", value);
        out << line << "\n";
    }
    void close() override {
        for (auto& [name, out] : files_) {
            out.close();
            if (!out)
                throw std::runtime_error(fmt::format("{}/{}: cannot be written.", folder_, name));
        }
    }

  private:
    std::ofstream& file(const std::string& name, const std::string& header) {
        const auto [at, made] = files_.try_emplace(name);
        if (made) {
            at->second.open(folder_ + "/" + name);
            if (!at->second)
                throw InputError(
                    fmt::format("{}/{}: the file cannot be written; a folder that can "
                                "be written to is expected.",
                                folder_, name));
            at->second << header;
        }
        return at->second;
    }

    std::string folder_;
    std::map<std::string, std::ofstream> files_;
};

}  // namespace

std::unique_ptr<RecordFile> open_csv_record(const std::string& folder) {
    return std::make_unique<CsvRecord>(folder);
}

}  // namespace synfire
