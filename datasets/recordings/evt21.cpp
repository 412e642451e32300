// Prophesee's EVT 2.1: words of 64 bits. Bits 63..60 are the type: 0 OFF and 1 ON (bits 59..54 the
// low six bits of the time, 53..43 x, 42..32 y, and a bit for each of the 32 pixels from x on), 8
// TIME_HIGH (bits 59..32: the time's bits 33..6), 10 EXT_TRIGGER, 14 OTHERS, 15 CONTINUED.
// Little-endian; some cameras' files have the high 32 bits first, which is told by the types.
#include <bit>
#include <tuple>

#include "recordings/containers.hpp"
#include "recordings/header.hpp"
#include "recordings/prophesee_header.hpp"

namespace synfire {
namespace {

enum Evt21Word : unsigned {
    negative,
    positive,
    time_upper = 8,
    external = 10,
    other = 14,
    goes_on = 15
};
constexpr std::size_t long_word_bytes = 8;

std::uint64_t long_word(const unsigned char* bytes, bool high_first) {
    const std::uint64_t word = little_endian<std::uint64_t>(bytes);
    return high_first ? std::rotl(word, 32) : word;
}

bool known(std::uint64_t type) {
    return type <= positive || type == time_upper || type == external || type >= other;
}

// Words of known types at the beginning, times among them whose unused half is empty, and whether
// times do not fall.
struct Reading {
    std::size_t known = 0, times = 0;
    bool orderly = true;
};
Reading reading(std::span<const unsigned char> bytes, bool high_first) {
    Reading found;
    std::uint64_t last = 0;
    for (std::size_t at = 0; at + long_word_bytes <= bytes.size(); at += long_word_bytes) {
        const std::uint64_t word = long_word(bytes.data() + at, high_first);
        found.known += known(word >> 60);
        if (word >> 60 != time_upper) continue;
        const std::uint64_t high = (word >> 32) & 0xfffffff;
        found.orderly = found.orderly && high >= last;
        last = high;
        found.times += static_cast<std::uint32_t>(word) == 0;
    }
    return found;
}

class Evt21 final : public Decoder {
  public:
    explicit Evt21(ByteSource source) : source_(std::move(source)) {
        info_.container = evt_2_1.name;
        const PropheseeHeader header = take_prophesee_header(source_);
        info_.sensor = header.sensor;
        info_.columns = header.columns;
        info_.rows = header.rows;
        const auto bytes = source_.ahead(beginning_bytes);
        const Reading low = reading(bytes, false), high = reading(bytes, true);
        // The half that times leave empty tells even where some of them go back.
        high_first_ = std::tuple(high.times, high.known, high.orderly) >
                      std::tuple(low.times, low.known, low.orderly);
    }

  private:
    bool decode(EventBlock& block) override {
        const auto bytes = source_.ahead(long_word_bytes);
        if (bytes.size() < long_word_bytes) {
            info_.cut_bytes = bytes.size();
            source_.take(bytes.size());
            return false;
        }
        const unsigned char* const end =
            bytes.data() + bytes.size() / long_word_bytes * long_word_bytes;
        const unsigned char* at = bytes.data();
        for (; at != end && block.has_room(32); at += long_word_bytes) {
            const std::uint64_t word = long_word(at, high_first_);
            const auto type = static_cast<unsigned>(word >> 60);
            if (type > positive || !timed_) {
                not_events(type, word);
                continue;
            }
            const std::int64_t time = high_ | static_cast<std::int64_t>((word >> 54) & 0x3f);
            const auto x = static_cast<std::uint32_t>(word >> 43) & 0x7ff;
            const auto y = static_cast<std::uint32_t>(word >> 32) & 0x7ff;
            for (auto mask = static_cast<std::uint32_t>(word); mask != 0; mask &= mask - 1)
                block.add(time, x + static_cast<std::uint32_t>(std::countr_zero(mask)), y, type);
        }
        source_.take(static_cast<std::size_t>(at - bytes.data()));
        return true;
    }

    void not_events(unsigned type, std::uint64_t word) {
        switch (type) {
            case negative:
            case positive:
                info_.pass_over(
                    "events before the first time",
                    static_cast<std::uint64_t>(std::popcount(static_cast<std::uint32_t>(word))));
                break;
            case time_upper: {
                const std::int64_t high = static_cast<std::int64_t>((word >> 32) & 0xfffffff) << 6;
                const std::int64_t before = high_ - wraps_;
                if (timed_ && high < before && before - high > half_) wraps_ += 2 * half_;
                high_ = wraps_ + high;
                timed_ = true;
                break;
            }
            case external:
                info_.pass_over("triggers");
                break;
            case other:
            case goes_on:
                info_.pass_over("other words");
                break;
            default:
                info_.pass_over("unknown words");
        }
    }

    static constexpr std::int64_t half_ = std::int64_t{1} << 33;

    ByteSource source_;
    std::int64_t high_ = 0, wraps_ = 0;
    bool timed_ = false, high_first_ = false;
};

bool begins_evt21(std::span<const unsigned char> bytes, std::uint64_t size, std::string_view) {
    if (const auto version = evt_version(bytes)) return *version == "2.1";
    if (has_prophesee_header(bytes) || is_of_another_kind(bytes) || size % long_word_bytes != 0)
        return false;
    for (const bool high_first : {false, true}) {
        const Reading found = reading(bytes, high_first);
        if (found.known == bytes.size() / long_word_bytes && found.times > 0 && found.orderly)
            return true;
    }
    return false;
}

}  // namespace

const Container evt_2_1 = {"evt2.1", "Prophesee EVT 2.1 (.raw)", begins_evt21,
                           [](ByteSource source) -> std::unique_ptr<Decoder> {
                               return std::make_unique<Evt21>(std::move(source));
                           }};

}  // namespace synfire
