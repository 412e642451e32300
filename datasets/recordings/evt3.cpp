// Prophesee's EVT 3.0: words of 16 bits, little-endian, that change a state. Bits 15..12 are the
// type: 0 ADDR_Y, 2 ADDR_X (an event, bit 11 its polarity), 3 VECT_BASE_X, 4 VECT_12 and 5 VECT_8
// (an event for each bit, from the base on), 6 TIME_LOW and 8 TIME_HIGH (the time's bits 11..0 and
// 23..12), 10 EXT_TRIGGER, 7, 14 and 15 others. Times are microseconds and wrap after 16.8 s: where
// TIME_HIGH falls by more than half its range.
#include <bit>

#include "recordings/containers.hpp"
#include "recordings/header.hpp"
#include "recordings/prophesee_header.hpp"

namespace synfire {
namespace {

enum Evt3Word : unsigned {
    addr_y,
    addr_x = 2,
    base_x,
    vector_12,
    vector_8,
    low_time,
    continued_4,
    high_time,
    ext_trigger = 10,
    others_3 = 14,
    continued_12
};
constexpr std::size_t short_word_bytes = 2;

class Evt3 final : public Decoder {
  public:
    explicit Evt3(ByteSource source) : source_(std::move(source)) {
        info_.container = evt_3.name;
        const PropheseeHeader header = take_prophesee_header(source_);
        info_.sensor = header.sensor;
        info_.columns = header.columns;
        info_.rows = header.rows;
    }

  private:
    bool decode(EventBlock& block) override {
        const auto bytes = source_.ahead(short_word_bytes);
        if (bytes.size() < short_word_bytes) {
            info_.cut_bytes = bytes.size();
            source_.take(bytes.size());
            return false;
        }
        const unsigned char* const end =
            bytes.data() + bytes.size() / short_word_bytes * short_word_bytes;
        const unsigned char* at = bytes.data();
        // A state of its own for the loop, which the compiler keeps in registers.
        std::int64_t time = time_;
        std::uint32_t x = x_, y = y_, polarity = polarity_;
        bool whole = whole_;
        for (; at != end && block.has_room(12); at += short_word_bytes) {
            const std::uint32_t word = at[0] | (std::uint32_t{at[1]} << 8);
            switch (word >> 12) {
                case addr_y:
                    y = word & 0x7ff;
                    row_ = true;
                    break;
                case addr_x:
                    if (whole && row_)
                        block.add(time, word & 0x7ff, y, (word >> 11) & 1);
                    else
                        info_.pass_over("events before the first time");
                    break;
                case base_x:
                    x = word & 0x7ff;
                    polarity = (word >> 11) & 1;
                    break;
                case vector_12:
                case vector_8: {
                    const bool wide = word >> 12 == vector_12;
                    std::uint32_t mask = word & (wide ? 0xfffu : 0xffu);
                    if (!whole || !row_) {
                        info_.pass_over("events before the first time",
                                        static_cast<std::uint64_t>(std::popcount(mask)));
                        mask = 0;
                    }
                    for (; mask != 0; mask &= mask - 1)
                        block.add(time, x + static_cast<std::uint32_t>(std::countr_zero(mask)), y,
                                  polarity);
                    x += wide ? 12 : 8;
                    break;
                }
                case low_time:
                    time = (time & ~std::int64_t{0xfff}) | (word & 0xfff);
                    break;
                case high_time: {
                    const std::int64_t high = word & 0xfff, before = (time >> 12) & 0xfff;
                    if (whole && before - high > 0x800) wraps_ += std::int64_t{1} << 24;
                    // Until a TIME_LOW follows, the new time's lower bits are not known.
                    time = wraps_ | (high << 12) | (high == before ? time & 0xfff : 0);
                    whole = true;
                    break;
                }
                case ext_trigger:
                    info_.pass_over("triggers");
                    break;
                case continued_4:
                case others_3:
                case continued_12:
                    info_.pass_over("other words");
                    break;
                default:
                    info_.pass_over("unknown words");
            }
        }
        time_ = time;
        x_ = x;
        y_ = y;
        polarity_ = polarity;
        whole_ = whole;
        source_.take(static_cast<std::size_t>(at - bytes.data()));
        return true;
    }

    ByteSource source_;
    std::int64_t time_ = 0, wraps_ = 0;
    std::uint32_t x_ = 0, y_ = 0, polarity_ = 0;
    bool whole_ = false, row_ = false;  // whether a time, and a row, came before
};

// Without a header: words of known types, times among them of which few fall.
bool begins_evt3(std::span<const unsigned char> bytes, std::uint64_t size, std::string_view) {
    if (const auto version = evt_version(bytes)) return *version == "3.0";
    if (has_prophesee_header(bytes) || is_of_another_kind(bytes) || size % short_word_bytes != 0)
        return false;
    std::uint32_t last = 0, times = 0, falls = 0, lows = 0;
    for (std::size_t at = 0; at + short_word_bytes <= bytes.size(); at += short_word_bytes) {
        const std::uint32_t word = bytes[at] | (std::uint32_t{bytes[at + 1]} << 8);
        switch (word >> 12) {
            case 1:
            case 9:
            case 11:
            case 12:
            case 13:
                return false;
            case low_time:
                ++lows;
                break;
            case high_time:
                falls += (word & 0xfff) < last;
                last = word & 0xfff;
                ++times;
                break;
            default:
                break;
        }
    }
    return times > 0 && lows > 0 && falls <= 1;
}

}  // namespace

const Container evt_3 = {"evt3", "Prophesee EVT 3.0 (.raw)", begins_evt3,
                         [](ByteSource source) -> std::unique_ptr<Decoder> {
                             return std::make_unique<Evt3>(std::move(source));
                         }};

}  // namespace synfire
