// Prophesee's DAT: lines "% keyword value", two bytes (type and size of an event), then events of
// eight bytes, little-endian: microseconds, and 14 bits x, 14 bits y, 1 bit polarity. Microseconds
// are 32 bits and wrap after 71.6 minutes. Files that older cameras' software wrote have no
// "Version 2" and 9 bits x, 8 bits y; files of kAER have no header at all. y counts downward.
#include <fmt/format.h>

#include "base/problem.hpp"
#include "recordings/containers.hpp"
#include "recordings/header.hpp"
#include "recordings/prophesee_header.hpp"
#include "recordings/records.hpp"

namespace synfire {
namespace {

constexpr std::size_t dat_bytes = 8;

class Dat final : public Decoder {
  public:
    explicit Dat(ByteSource source) : source_(std::move(source)) {
        info_.container = dat.name;
        const PropheseeHeader header = take_prophesee_header(source_);
        info_.sensor = header.sensor;
        info_.columns = header.columns;
        info_.rows = header.rows;
        if (!header.any) return;
        old_ = header.version < 2;
        const auto format = source_.ahead(2);
        if (format.size() < 2) return;  // no event follows
        const unsigned type = format[0], size = format[1];
        if ((type != 0x00 && type != 0x0c) || size != dat_bytes)
            throw InputError(fmt::format(
                "{}: the header is followed by the type {:#04x} of events of {} bytes; types 0x00 "
                "and 0x0c of 8 bytes can be read.",
                source_.path(), type, size));
        source_.take(2);
    }

  private:
    bool decode(EventBlock& block) override {
        if (old_)
            return decode_records<dat_bytes>(source_, block, info_, [&](const unsigned char* b) {
                const std::uint32_t at = little_endian<std::uint32_t>(b + 4);
                block.add(time(b), at & 0x1ff, (at >> 9) & 0xff, (at >> 17) & 1);
            });
        return decode_records<dat_bytes>(source_, block, info_, [&](const unsigned char* b) {
            const std::uint32_t at = little_endian<std::uint32_t>(b + 4);
            block.add(time(b), at & 0x3fff, (at >> 14) & 0x3fff, (at >> 28) & 1);
        });
    }

    std::int64_t time(const unsigned char* b) {
        const std::uint32_t now = little_endian<std::uint32_t>(b);
        if (now < last_ && last_ - now > 0x80000000u) wraps_ += std::int64_t{1} << 32;
        last_ = now;
        return wraps_ + now;
    }

    ByteSource source_;
    std::int64_t wraps_ = 0;
    std::uint32_t last_ = 0;
    bool old_ = false;
};

// Without a header: events whose times do not fall and which use no other bits.
bool begins_dat(std::span<const unsigned char> bytes, std::uint64_t size, std::string_view) {
    if (has_prophesee_header(bytes)) return !evt_version(bytes);
    if (is_of_another_kind(bytes) || size % dat_bytes != 0 || bytes.size() < dat_bytes)
        return false;
    std::uint32_t last = 0;
    for (std::size_t at = 0; at + dat_bytes <= bytes.size(); at += dat_bytes) {
        const std::uint32_t time = little_endian<std::uint32_t>(bytes.data() + at);
        if (time < last || (bytes[at + 7] & 0xe0) != 0) return false;
        last = time;
    }
    return true;
}

}  // namespace

const Container dat = {"dat", "Prophesee DAT (.dat), also of N-CARS", begins_dat,
                       [](ByteSource source) -> std::unique_ptr<Decoder> {
                           return std::make_unique<Dat>(std::move(source));
                       }};

}  // namespace synfire
