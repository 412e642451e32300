// AEDAT 1.0 and 2.0 of jAER: lines that begin with '#', then records of an address and a time in
// microseconds, big-endian: 16 and 32 bits in version 1.0, 32 and 32 in 2.0. What an address says
// depends on the chip, which the header names ("# AEChip: ..."):
//   DVS128  bit 0 polarity (1 is OFF), bits 1..7 x and 8..14 y, both counted from the far end, bit
//           15 an external event. Read here with x, y and polarity turned, as libcaer and jAER do.
//   DAVIS   bit 31 a sample of the image or the inertial sensors, bit 10 an external event,
//           otherwise bits 22..30 y (upward), 12..21 x (from the right), 11 polarity (1 is ON)
// There is no mark where the header ends: at the first line that is none.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/problem.hpp"
#include "recordings/containers.hpp"
#include "recordings/header.hpp"
#include "recordings/records.hpp"

namespace synfire {
namespace {

enum class AedatChip { dvs128, davis };

struct KnownChip {
    std::string_view name;  // in the header's, in small letters
    AedatChip addresses;
    std::uint32_t columns, rows;
};
constexpr KnownChip known_chips[] = {
    {"dvs128", AedatChip::dvs128, 128, 128},  {"tmpdiff128", AedatChip::dvs128, 128, 128},
    {"davis240", AedatChip::davis, 240, 180}, {"davis346", AedatChip::davis, 346, 260},
    {"davis128", AedatChip::davis, 128, 128}, {"davis208", AedatChip::davis, 208, 192},
    {"davis640", AedatChip::davis, 640, 480}, {"sbret10", AedatChip::davis, 240, 180}};

class Aedat2 final : public Decoder {
  public:
    explicit Aedat2(ByteSource source) : source_(std::move(source)) {
        const std::vector<std::string> lines = take_header(source_, "#");
        const bool second = !lines.empty() && lines[0].starts_with("#!AER-DAT2");
        info_.container = aedat_1_and_2.name;
        first_version_ = !second;
        const std::string chip = header_value(lines, "# AEChip");
        info_.sensor = chip.substr(chip.rfind('.') + 1);
        set_chip();
    }

  private:
    void set_chip() {
        if (info_.sensor.empty()) {
            // Addresses of a DVS128 need 16 bits.
            chip_ = first_version_ || small_addresses() ? AedatChip::dvs128 : AedatChip::davis;
            if (chip_ == AedatChip::dvs128) info_.columns = info_.rows = 128;
            info_.mirrored = info_.upward = chip_ == AedatChip::davis;
            return;
        }
        std::string name = info_.sensor;
        for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
        for (const KnownChip& chip : known_chips)
            if (name.find(chip.name) != name.npos) {
                chip_ = chip.addresses;
                info_.columns = chip.columns;
                info_.rows = chip.rows;
                info_.mirrored = info_.upward = chip_ == AedatChip::davis;
                return;
            }
        std::string names;
        for (const KnownChip& chip : known_chips)
            names += fmt::format("{}{}", names.empty() ? "" : ", ", chip.name);
        throw InputError(
            fmt::format("{}: the recording is of the chip '{}', whose addresses are not known "
                        "here; those of {} are.",
                        source_.path(), info_.sensor, names));
    }

    bool small_addresses() {
        const auto bytes = source_.ahead(beginning_bytes);
        for (std::size_t at = 0; at + 8 <= std::min(bytes.size(), beginning_bytes); at += 8)
            if (bytes[at] != 0 || bytes[at + 1] != 0) return false;
        return true;
    }

    bool decode(EventBlock& block) override {
        if (first_version_)
            return decode_records<6>(source_, block, info_, [&](const unsigned char* b) {
                dvs128(block, big_endian<std::uint16_t>(b), time(b + 2));
            });
        if (chip_ == AedatChip::dvs128)
            return decode_records<8>(source_, block, info_, [&](const unsigned char* b) {
                dvs128(block, big_endian<std::uint32_t>(b), time(b + 4));
            });
        return decode_records<8>(source_, block, info_, [&](const unsigned char* b) {
            davis(block, big_endian<std::uint32_t>(b), time(b + 4));
        });
    }

    void dvs128(EventBlock& block, std::uint32_t address, std::int64_t time) {
        if (address < 0x8000) {
            block.add(time, 127 - ((address >> 1) & 127), 127 - (address >> 8), ~address & 1);
            return;
        }
        info_.pass_over(address < 0x10000 ? "external events" : "addresses of no pixel");
    }

    void davis(EventBlock& block, std::uint32_t address, std::int64_t time) {
        if ((address & 0x80000400) == 0)
            block.add(time, (address >> 12) & 0x3ff, address >> 22, (address >> 11) & 1);
        else if (address >> 31 == 0)
            info_.pass_over("external events");
        else
            info_.pass_over(((address >> 10) & 3) == 3 ? "words of inertial sensors"
                                                       : "samples of images");
    }

    // jAER's clock has 32 bits, which some devices begin anew.
    std::int64_t time(const unsigned char* b) {
        const std::uint32_t now = big_endian<std::uint32_t>(b);
        if (now < last_ && last_ - now > 0x80000000u) wraps_ += std::int64_t{1} << 32;
        last_ = now;
        return wraps_ + now;
    }

    ByteSource source_;
    AedatChip chip_ = AedatChip::dvs128;
    bool first_version_ = false;
    std::int64_t wraps_ = 0;
    std::uint32_t last_ = 0;
};

bool begins_aedat2(std::span<const unsigned char> bytes, std::uint64_t, std::string_view) {
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (text.starts_with("#!AER-DAT"))
        return text.starts_with("#!AER-DAT2") || text.starts_with("#!AER-DAT1");
    return text.starts_with("# ") && text.find("AEChip") != text.npos;
}

}  // namespace

const Container aedat_1_and_2 = {"aedat2", "AEDAT 1.0 and 2.0 of DVS128 and DAVIS (.aedat, .dat)",
                                 begins_aedat2, [](ByteSource source) -> std::unique_ptr<Decoder> {
                                     return std::make_unique<Aedat2>(std::move(source));
                                 }};

}  // namespace synfire
