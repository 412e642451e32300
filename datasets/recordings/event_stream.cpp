// Event Stream 2.0 (.es) of cameras without grey levels: "Event Stream", three bytes of version, a
// byte of type (1: DVS), columns and rows as 16 bits, little-endian. Then a byte: 255 adds 127
// microseconds, 254 is passed over, any other is an event: bits 7..1 are microseconds since the
// last, bit 0 is ON, and x and y follow as 16 bits. y counts upward.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "base/problem.hpp"
#include "recordings/containers.hpp"

namespace synfire {
namespace {

constexpr std::string_view stream_mark = "Event Stream";
constexpr std::size_t header_bytes = 20, stream_event_bytes = 5;

class EventStream final : public Decoder {
  public:
    explicit EventStream(ByteSource source) : source_(std::move(source)) {
        info_.container = event_stream.name;
        info_.upward = true;
        const auto bytes = source_.ahead(header_bytes);
        if (bytes.size() < stream_mark.size() + 4)
            throw InputError(fmt::format("{}: the file ends within its header.", source_.path()));
        const unsigned major = bytes[12], type = bytes[15];
        if (major != 2)
            throw InputError(fmt::format("{}: the stream is of version {}.{}.{}; 2 can be read.",
                                         source_.path(), major, bytes[13], bytes[14]));
        if (type != 1) {
            const char* const types[] = {"generic events", "", "ATIS events", "", "colour events"};
            throw InputError(
                fmt::format("{}: the stream is of type {}{}; type 1, events of a DVS, can be read.",
                            source_.path(), type,
                            type < 5 && *types[type] ? fmt::format(" ({})", types[type]) : ""));
        }
        if (bytes.size() < header_bytes)
            throw InputError(fmt::format("{}: the file ends within its header.", source_.path()));
        info_.columns = little_endian<std::uint16_t>(bytes.data() + 16);
        info_.rows = little_endian<std::uint16_t>(bytes.data() + 18);
        source_.take(header_bytes);
    }

  private:
    bool decode(EventBlock& block) override {
        const auto bytes = source_.ahead(stream_event_bytes);
        if (bytes.empty()) return false;
        const unsigned char* at = bytes.data();
        const unsigned char* const end = at + bytes.size();
        while (at != end && block.has_room()) {
            if (*at == 0xff) {
                time_ += 127;
                ++at;
            } else if (*at == 0xfe) {
                info_.pass_over("resets");
                ++at;
            } else if (end - at < static_cast<std::ptrdiff_t>(stream_event_bytes)) {
                break;
            } else {
                time_ += *at >> 1;
                block.add(time_, little_endian<std::uint16_t>(at + 1),
                          little_endian<std::uint16_t>(at + 3), *at & 1);
                at += stream_event_bytes;
            }
        }
        const auto done = static_cast<std::size_t>(at - bytes.data());
        if (done > 0 || !block.has_room()) {
            source_.take(done);
            return true;
        }
        info_.cut_bytes = bytes.size();
        source_.take(bytes.size());
        return false;
    }

    ByteSource source_;
    std::int64_t time_ = 0;
};

bool begins_event_stream(std::span<const unsigned char> bytes, std::uint64_t, std::string_view) {
    return bytes.size() >= stream_mark.size() &&
           std::equal(stream_mark.begin(), stream_mark.end(), bytes.begin());
}

}  // namespace

const Container event_stream = {"es", "Event Stream 2.0 (.es)", begins_event_stream,
                                [](ByteSource source) -> std::unique_ptr<Decoder> {
                                    return std::make_unique<EventStream>(std::move(source));
                                }};

}  // namespace synfire
