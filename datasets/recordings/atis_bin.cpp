// ATIS recordings as N-MNIST and N-Caltech101 keep them (Orchard et al. 2015), and SLAYER's .bs2:
// five bytes an event, big-endian: x, y, then one bit of polarity and 23 bits of microseconds. A
// record at y = 240 is no event: the camera's clock has overflowed, and 2^13 microseconds are added
// to all that follow.
#include <fmt/format.h>

#include "base/problem.hpp"
#include "recordings/containers.hpp"
#include "recordings/header.hpp"
#include "recordings/records.hpp"

namespace synfire {
namespace {

constexpr std::size_t atis_bytes = 5;
constexpr unsigned overflow_row = 240;
constexpr std::int64_t overflow_us = 1 << 13;

std::uint32_t time_of(const unsigned char* b) {
    return (std::uint32_t{b[2] & 0x7fu} << 16) | (std::uint32_t{b[3]} << 8) | b[4];
}

class AtisBin final : public Decoder {
  public:
    explicit AtisBin(ByteSource source) : source_(std::move(source)) {
        info_.container = atis_bin.name;
        if (source_.size() % atis_bytes != 0)
            throw InputError(fmt::format(
                "{}: the file ends within an event: it has {} bytes, and events of {} bytes each "
                "are expected.",
                source_.path(), source_.size(), atis_bytes));
    }

  private:
    bool decode(EventBlock& block) override {
        return decode_records<atis_bytes>(source_, block, info_, [&](const unsigned char* b) {
            if (b[1] != overflow_row) {
                block.add(later_ + time_of(b), b[0], b[1], b[2] >> 7);
                return;
            }
            later_ += overflow_us;
            info_.pass_over("overflow records");
        });
    }

    ByteSource source_;
    std::int64_t later_ = 0;
};

// There is no header: records whose times do not fall by more than a few microseconds.
bool begins_atis(std::span<const unsigned char> bytes, std::uint64_t size, std::string_view name) {
    if (has_ending(name, ".bs1") || is_of_another_kind(bytes) || size % atis_bytes != 0)
        return false;
    std::int64_t last = 0, later = 0;
    for (std::size_t at = 0; at + atis_bytes <= bytes.size(); at += atis_bytes) {
        if (bytes[at + 1] == overflow_row) {
            later += overflow_us;
            continue;
        }
        const std::int64_t time = later + time_of(bytes.data() + at);
        if (time + 1000 < last) return false;
        last = time;
    }
    return true;
}

}  // namespace

const Container atis_bin = {"atis", "ATIS (.bin) of N-MNIST and N-Caltech101, SLAYER's .bs2",
                            begins_atis, [](ByteSource source) -> std::unique_ptr<Decoder> {
                                return std::make_unique<AtisBin>(std::move(source));
                            }};

}  // namespace synfire
