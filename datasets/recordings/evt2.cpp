// Prophesee's EVT 2.0: words of 32 bits, little-endian. Bits 31..28 are the type: 0 OFF and 1 ON
// (bits 27..22 the low six bits of the time, 21..11 x, 10..0 y), 8 TIME_HIGH (the time's
// bits 33..6), 10 EXT_TRIGGER, 14 OTHERS, 15 CONTINUED. Times are microseconds and wrap after 4.8
// hours.
#include <fmt/format.h>

#include "base/problem.hpp"
#include "recordings/containers.hpp"
#include "recordings/header.hpp"
#include "recordings/prophesee_header.hpp"

namespace synfire {
namespace {

enum Evt2Word : unsigned { off, on, time_high = 8, trigger = 10, others = 14, continued = 15 };
constexpr std::size_t word_bytes = 4;

class Evt2 final : public Decoder {
  public:
    explicit Evt2(ByteSource source) : source_(std::move(source)) {
        info_.container = evt_2.name;
        const PropheseeHeader header = take_prophesee_header(source_);
        info_.sensor = header.sensor;
        info_.columns = header.columns;
        info_.rows = header.rows;
    }

  private:
    bool decode(EventBlock& block) override {
        const auto bytes = source_.ahead(word_bytes);
        if (bytes.size() < word_bytes) {
            info_.cut_bytes = bytes.size();
            source_.take(bytes.size());
            return false;
        }
        const unsigned char* const end = bytes.data() + bytes.size() / word_bytes * word_bytes;
        const unsigned char* at = bytes.data();
        for (; at != end && block.has_room(); at += word_bytes) {
            const std::uint32_t word = little_endian<std::uint32_t>(at);
            const unsigned type = word >> 28;
            if (type <= on && timed_)
                block.add(high_ | ((word >> 22) & 0x3f), (word >> 11) & 0x7ff, word & 0x7ff, type);
            else
                other(type, word);
        }
        source_.take(static_cast<std::size_t>(at - bytes.data()));
        return true;
    }

    void other(unsigned type, std::uint32_t word) {
        switch (type) {
            case off:
            case on:
                info_.pass_over("events before the first time");
                break;
            case time_high: {
                const std::int64_t high = std::int64_t{word & 0xfffffffu} << 6;
                const std::int64_t before = high_ - wraps_;
                if (timed_ && high < before && before - high > half_) wraps_ += 2 * half_;
                high_ = wraps_ + high;
                timed_ = true;
                break;
            }
            case trigger:
                info_.pass_over("triggers");
                break;
            case others:
            case continued:
                info_.pass_over("other words");
                break;
            default:
                info_.pass_over("unknown words");
        }
    }

    static constexpr std::int64_t half_ = std::int64_t{1} << 33;

    ByteSource source_;
    std::int64_t high_ = 0, wraps_ = 0;
    bool timed_ = false;
};

// Without a header: words of known types, times among them that do not fall, and each event's time
// is there before it but for a few.
bool begins_evt2(std::span<const unsigned char> bytes, std::uint64_t size, std::string_view) {
    if (const auto version = evt_version(bytes)) return *version == "2.0";
    if (has_prophesee_header(bytes) || is_of_another_kind(bytes) || size % word_bytes != 0)
        return false;
    std::uint32_t last = 0, times = 0;
    for (std::size_t at = 0; at + word_bytes <= bytes.size(); at += word_bytes) {
        const std::uint32_t word = little_endian<std::uint32_t>(bytes.data() + at);
        switch (word >> 28) {
            case off:
            case on:
            case trigger:
            case others:
            case continued:
                break;
            case time_high:
                if ((word & 0xfffffffu) < last) return false;
                last = word & 0xfffffffu;
                ++times;
                break;
            default:
                return false;
        }
    }
    return times > 0;
}

}  // namespace

const Container evt_2 = {"evt2", "Prophesee EVT 2.0 (.raw)", begins_evt2,
                         [](ByteSource source) -> std::unique_ptr<Decoder> {
                             return std::make_unique<Evt2>(std::move(source));
                         }};

}  // namespace synfire
