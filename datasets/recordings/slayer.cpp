// SLAYER's spikes (Shrestha and Orchard 2018, slayerPytorch's spikeFileIO): big-endian records.
// .bs1 has 16 bits neuron, 1 bit polarity, 23 bits microseconds; neurons become x, and y is 0. .bs3
// has 12 bits x, 12 bits y, 8 bits channel, 24 bits microseconds; channels are polarities.
#include <fmt/format.h>

#include "base/problem.hpp"
#include "recordings/containers.hpp"
#include "recordings/header.hpp"
#include "recordings/records.hpp"

namespace synfire {
namespace {

constexpr std::size_t bytes_1d = 5, bytes_3d = 7;

class Slayer1d final : public Decoder {
  public:
    explicit Slayer1d(ByteSource source) : source_(std::move(source)) {
        info_.container = slayer_1d.name;
    }

  private:
    bool decode(EventBlock& block) override {
        return decode_records<bytes_1d>(source_, block, info_, [&](const unsigned char* b) {
            block.add(static_cast<std::int64_t>(big_endian<std::uint32_t>(b + 1) & 0x7fffff),
                      big_endian<std::uint16_t>(b), 0, b[2] >> 7);
        });
    }

    ByteSource source_;
};

class Slayer3d final : public Decoder {
  public:
    explicit Slayer3d(ByteSource source) : source_(std::move(source)) {
        info_.container = slayer_3d.name;
    }

  private:
    bool decode(EventBlock& block) override {
        return decode_records<bytes_3d>(source_, block, info_, [&](const unsigned char* b) {
            if (b[3] > 1)
                throw InputError(fmt::format(
                    "{}: the event at byte {} is of channel {}; a camera's channels are 0 and 1.",
                    source_.path(), source_.position(), b[3]));
            block.add(static_cast<std::int64_t>(big_endian<std::uint32_t>(b + 3) & 0xffffff),
                      (std::uint32_t{b[0]} << 4) | (b[1] >> 4),
                      (std::uint32_t{b[1] & 0xfu} << 8) | b[2], b[3]);
        });
    }

    ByteSource source_;
};

// Neither has a header; a file of the one could be one of ATIS, so it is told by its name.
bool begins_1d(std::span<const unsigned char>, std::uint64_t size, std::string_view name) {
    return has_ending(name, ".bs1") && size % bytes_1d == 0;
}

bool begins_3d(std::span<const unsigned char> bytes, std::uint64_t size, std::string_view) {
    if (is_of_another_kind(bytes) || size % bytes_3d != 0) return false;
    std::uint32_t last = 0;
    for (std::size_t at = 0; at + bytes_3d <= bytes.size(); at += bytes_3d) {
        const std::uint32_t time = big_endian<std::uint32_t>(bytes.data() + at + 3) & 0xffffff;
        if (bytes[at + 3] > 1 || time < last) return false;
        last = time;
    }
    return true;
}

}  // namespace

const Container slayer_1d = {"bs1", "SLAYER's spikes of one dimension (.bs1)", begins_1d,
                             [](ByteSource source) -> std::unique_ptr<Decoder> {
                                 return std::make_unique<Slayer1d>(std::move(source));
                             }};
const Container slayer_3d = {"bs3", "SLAYER's spikes of three dimensions (.bs3)", begins_3d,
                             [](ByteSource source) -> std::unique_ptr<Decoder> {
                                 return std::make_unique<Slayer3d>(std::move(source));
                             }};

}  // namespace synfire
