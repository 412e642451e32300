// AEDAT 3.0 and 3.1 of cAER: lines that begin with '#', the last "#!END-HEADER" in 3.1, then
// packets: a header of 28 bytes, little-endian (type, source, an event's size, where its time
// stands, the time's overflows, capacity, number, valid number), and `capacity` events. Those of
// type 1 are of the camera: 32 bits data (0 valid, 1 polarity, 2..16 y, 17..31 x) and 32 bits
// microseconds, whose overflows after 31 bits the packet's header counts. In 3.0 y counts upward.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/problem.hpp"
#include "recordings/containers.hpp"
#include "recordings/header.hpp"

namespace synfire {
namespace {

constexpr std::size_t packet_header_bytes = 28, polarity_bytes = 8;

const char* packet_kind(unsigned type) {
    static const char* const kinds[] = {"special events", "", "frames",
                                        "samples of inertial sensors",
                                        "samples of inertial sensors"};
    return type < 5 ? kinds[type] : "events of other kinds";
}

class Aedat3 final : public Decoder {
  public:
    explicit Aedat3(ByteSource source) : source_(std::move(source)) {
        info_.container = aedat_3.name;
        const std::vector<std::string> lines = take_header(source_, "#", "#!END-HEADER");
        info_.upward = !lines.empty() && lines[0].starts_with("#!AER-DAT3.0");
        if (const std::string format = header_value(lines, "#Format");
            !format.empty() && format != "RAW")
            throw InputError(fmt::format("{}: the events are kept as '{}'; 'RAW' can be read.",
                                         source_.path(), format));
        const std::string device = header_value(lines, "#Source");
        info_.sensor = device.substr(std::min(device.size(), device.find(": ") + 2));
        if (device.find(": ") == device.npos) info_.sensor = device;
        if (info_.sensor.find("DVS128") != info_.sensor.npos) info_.columns = info_.rows = 128;
        if (info_.sensor.find("DAVIS240") != info_.sensor.npos) {
            info_.columns = 240;
            info_.rows = 180;
        }
        if (info_.sensor.find("DAVIS346") != info_.sensor.npos) {
            info_.columns = 346;
            info_.rows = 260;
        }
    }

  private:
    bool decode(EventBlock& block) override {
        if (left_ == 0) return next_packet();
        const auto bytes = source_.ahead(polarity_bytes);
        if (bytes.size() < polarity_bytes) {
            // The events of the packet that are there count, too.
            info_.cut_bytes = std::uint64_t{number_ - left_} * polarity_bytes + bytes.size() +
                              packet_header_bytes;
            source_.take(bytes.size());
            return false;
        }
        const std::size_t count = std::min(
            {bytes.size() / polarity_bytes, block.room(), static_cast<std::size_t>(left_)});
        const unsigned char* b = bytes.data();
        std::uint64_t invalid = 0;
        for (std::size_t i = 0; i < count; ++i, b += polarity_bytes) {
            const auto data = little_endian<std::uint32_t>(b);
            if (all_valid_ || (data & 1))
                block.add(overflows_ | (little_endian<std::uint32_t>(b + 4) & 0x7fffffff),
                          data >> 17, (data >> 2) & 0x7fff, (data >> 1) & 1);
            else
                ++invalid;
        }
        if (invalid > 0) info_.pass_over("events marked as invalid", invalid);
        source_.take(count * polarity_bytes);
        left_ -= static_cast<std::uint32_t>(count);
        if (left_ == 0 && source_.skip(rest_) < rest_) info_.cut_bytes = 1;
        return true;
    }

    bool next_packet() {
        const auto header = source_.ahead(packet_header_bytes);
        if (header.size() < packet_header_bytes) {
            info_.cut_bytes = header.size();
            source_.take(header.size());
            return false;
        }
        const unsigned type = little_endian<std::uint16_t>(header.data());
        const unsigned camera = little_endian<std::uint16_t>(header.data() + 2);
        const auto size = little_endian<std::uint32_t>(header.data() + 4);
        overflows_ = std::int64_t{little_endian<std::uint32_t>(header.data() + 12)} << 31;
        const auto capacity = little_endian<std::uint32_t>(header.data() + 16);
        const auto number = little_endian<std::uint32_t>(header.data() + 20);
        if (number > capacity || (type == 1 && size != polarity_bytes))
            throw InputError(fmt::format(
                "{}: the packet at byte {} has {} events of {} bytes and room for {}; at most as "
                "many as there is room for are expected, of 8 bytes where they are the camera's.",
                source_.path(), source_.position(), number, size, capacity));
        // Writers that count all events of a packet as valid need not mark each.
        all_valid_ = little_endian<std::uint32_t>(header.data() + 24) >= number;
        source_.take(packet_header_bytes);
        if (type == 1 && number > 0 && !camera_) camera_ = camera;
        if (type == 1 && (number == 0 || camera == camera_)) {
            left_ = number_ = number;
            rest_ = std::uint64_t{capacity - number} * polarity_bytes;
            return left_ > 0 || skip(rest_);
        }
        const bool whole = skip(std::uint64_t{capacity} * size);
        if (whole)
            info_.pass_over(type == 1 ? "events of another camera" : packet_kind(type), number);
        return whole;
    }

    // False where the file ends before, which is counted with what the packet has.
    bool skip(std::uint64_t bytes) {
        const std::uint64_t skipped = source_.skip(bytes);
        if (skipped < bytes) info_.cut_bytes = packet_header_bytes + skipped;
        return skipped == bytes;
    }

    ByteSource source_;
    std::optional<unsigned> camera_;  // whose events are taken: that of the first
    std::int64_t overflows_ = 0;
    bool all_valid_ = false;               // the packet's
    std::uint32_t number_ = 0, left_ = 0;  // events of the packet, and those that were not read
    std::uint64_t rest_ = 0;               // bytes behind them
};

bool begins_aedat3(std::span<const unsigned char> bytes, std::uint64_t, std::string_view) {
    return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size())
        .starts_with("#!AER-DAT3");
}

}  // namespace

const Container aedat_3 = {"aedat3", "AEDAT 3.0 and 3.1 (.aedat), also of DVS Gesture",
                           begins_aedat3, [](ByteSource source) -> std::unique_ptr<Decoder> {
                               return std::make_unique<Aedat3>(std::move(source));
                           }};

}  // namespace synfire
