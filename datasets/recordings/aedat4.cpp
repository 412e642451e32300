// AEDAT 4 of DV: "#!AER-DAT4.0\r\n", a FlatBuffer that says how packets are compressed and, as XML,
// what streams there are; then packets: stream and size, 32 bits each, little-endian, and a frame
// that holds a FlatBuffer. Packets of events hold {int64 microseconds, int16 x, int16 y, bool ON}.
// Times are of the day they were recorded; here they count from the first event. At the end stands
// a table of packets, which need not be there.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <optional>

#include "base/problem.hpp"
#include "recordings/aedat4_tables.hpp"
#include "recordings/compression.hpp"
#include "recordings/containers.hpp"

namespace synfire {
namespace {

constexpr std::size_t largest_packet = std::size_t{1} << 28;
constexpr std::size_t packet_bytes = 8;

// What the XML says of one stream.
struct StreamInfo {
    std::int32_t id = -1;
    std::string type, source;
    std::uint32_t columns = 0, rows = 0;
};

// The value of an attribute in a tag such as `node name="0"`.
std::string_view attribute(std::string_view tag, std::string_view name) {
    const std::string key = fmt::format(" {}=\"", name);
    const std::size_t at = tag.find(key);
    if (at == tag.npos) return {};
    const std::string_view value = tag.substr(at + key.size());
    return value.substr(0, value.find('"'));
}

template <class Number>
Number number_or(std::string_view text, Number otherwise) {
    Number value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() ? value : otherwise;
}

// Streams are nodes below the node "outInfo"; what they are is in attributes of theirs and of their
// node "info".
std::vector<StreamInfo> streams_of(std::string_view xml) {
    std::vector<StreamInfo> streams;
    std::vector<std::string_view> path;
    while (true) {
        const std::size_t begin = xml.find('<');
        if (begin == xml.npos) return streams;
        const std::size_t end = xml.find('>', begin);
        if (end == xml.npos) return streams;
        const std::string_view tag = xml.substr(begin + 1, end - begin - 1);
        xml.remove_prefix(end + 1);
        if (tag.starts_with("node ") && !tag.ends_with('/')) {
            path.push_back(attribute(tag, "name"));
            if (path.size() == 2 && path[0] == "outInfo") {
                streams.emplace_back();
                streams.back().id = number_or(path[1], std::int32_t{-1});
            }
        } else if (tag == "/node" && !path.empty()) {
            path.pop_back();
        } else if (tag.starts_with("attr ") && path.size() >= 2 && path[0] == "outInfo" &&
                   !streams.empty()) {
            const std::string_view key = attribute(tag, "key");
            const std::string_view value = xml.substr(0, xml.find('<'));
            StreamInfo& stream = streams.back();
            if (key == "typeIdentifier") stream.type = value;
            if (key == "source") stream.source = value;
            if (key == "sizeX") stream.columns = number_or(value, std::uint16_t{0});
            if (key == "sizeY") stream.rows = number_or(value, std::uint16_t{0});
        }
    }
}

bool begins_aedat4(std::span<const unsigned char> bytes, std::uint64_t, std::string_view) {
    return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size())
        .starts_with(aedat4_mark);
}

class Aedat4 final : public Decoder {
  public:
    explicit Aedat4(ByteSource source)
        : source_(std::move(source)), decompressor_(Compression::none) {
        info_.container = aedat_4.name;
        if (!begins_aedat4(source_.ahead(aedat4_mark.size()), source_.size(), {}))
            throw InputError(
                fmt::format("{}: the file does not begin with the line {} of AEDAT 4 files.",
                            source_.path(), aedat4_mark.substr(0, aedat4_mark.size() - 2)));
        source_.take(aedat4_mark.size());
        const auto prefix = source_.ahead(4);
        const std::uint64_t size =
            prefix.size() < 4 ? 0 : little_endian<std::uint32_t>(prefix.data());
        if (size == 0 || size > largest_packet || source_.ahead(4 + size).size() < 4 + size)
            throw InputError(fmt::format("{}: the file ends within its header.", source_.path()));
        const auto bytes = source_.ahead(4 + size);
        // The header stands 14 bytes into the file, so its alignment says nothing.
        const std::vector<unsigned char> header(bytes.data(), bytes.data() + 4 + size);
        flatbuffers::Verifier aligned(header.data(), header.size());
        if (!aligned.VerifySizePrefixedBuffer<IoHeader>("IOHE"))
            throw InputError(
                fmt::format("{}: the header is damaged; a FlatBuffer 'IOHE' is expected behind "
                            "the first line.",
                            source_.path()));
        const auto* const io = flatbuffers::GetSizePrefixedRoot<IoHeader>(header.data());
        set_compression(io->compression());
        if (io->info()) set_stream(io->info()->str());
        source_.take(4 + size);
        if (io->table_at() > 0) end_ = static_cast<std::uint64_t>(io->table_at());
    }

  private:
    void set_compression(std::int32_t compression) {
        if (compression < 0 || compression > 4)
            throw InputError(fmt::format(
                "{}: the packets are compressed by method {}; 0 (not), 1 and 2 (LZ4), 3 and 4 "
                "(ZSTD) can be read.",
                source_.path(), compression));
        if (compression > 0)
            decompressor_ = Decompressor(compression <= 2 ? Compression::lz4 : Compression::zstd);
    }

    void set_stream(const std::string& xml) {
        for (const StreamInfo& stream : streams_of(xml)) {
            if (stream.type != "EVTS") continue;
            if (stream_) continue;  // a second camera's; its packets are counted
            stream_ = stream.id;
            info_.sensor = stream.source;
            info_.columns = stream.columns;
            info_.rows = stream.rows;
        }
    }

    bool decode(EventBlock& block) override {
        while (at_ == events_.size())
            if (!next_packet()) return false;
        const std::size_t count = std::min(block.room(), (events_.size() - at_));
        for (std::size_t i = 0; i < count; ++i) {
            const StoredEvent& e = events_[at_ + i];
            const auto time = static_cast<std::uint64_t>(e.t) - static_cast<std::uint64_t>(begin_);
            block.add(static_cast<std::int64_t>(time), static_cast<std::uint16_t>(e.x),
                      static_cast<std::uint16_t>(e.y), e.on != 0);
        }
        at_ += count;
        return true;
    }

    // Makes the next packet of the stream the one that is read. False at the end.
    bool next_packet() {
        events_ = {};
        at_ = 0;
        const auto header = source_.ahead(packet_bytes);
        if (source_.position() == end_) {
            if (begins_packet()) refuse_table();
            return false;
        }
        // Where the header promises a table and there is none, the file was cut between packets.
        if (header.empty() && end_ != UINT64_MAX) return cut(0);
        if (header.empty()) return false;
        if (header.size() < packet_bytes) return cut(header.size());
        const auto stream = little_endian<std::uint32_t>(header.data());
        const auto size = little_endian<std::uint32_t>(header.data() + 4);
        const std::uint64_t place = source_.position();
        if (size > largest_packet)
            throw InputError(
                fmt::format("{}: the packet at byte {} says that it has {} bytes; at most {} are "
                            "expected.",
                            source_.path(), place, size, largest_packet));
        const auto bytes = source_.ahead(packet_bytes + size);
        if (bytes.size() < packet_bytes + size) return cut(bytes.size());
        if (place > end_ || end_ - place < packet_bytes + size) refuse_table();
        const auto content = decompressor_.whole(bytes.subspan(packet_bytes, size), largest_packet);
        if (!content)
            throw InputError(fmt::format("{}: the packet at byte {} cannot be decompressed: {}.",
                                         source_.path(), place, decompressor_.fault()));
        read_packet(*content, static_cast<std::int32_t>(stream), place);
        source_.take(packet_bytes + size);
        return true;
    }

    void read_packet(std::span<const unsigned char> content, std::int32_t stream,
                     std::uint64_t place) {
        const bool of_events =
            content.size() >= 12 && std::memcmp(content.data() + 8, "EVTS", 4) == 0;
        if (!of_events) {
            info_.pass_over("packets of frames, inertial sensors and others");
            return;
        }
        if (!stream_) stream_ = stream;
        if (stream != *stream_) {
            info_.pass_over("packets of another camera's events");
            return;
        }
        flatbuffers::Verifier verifier(content.data(), content.size());
        if (!verifier.VerifySizePrefixedBuffer<EventPacket>("EVTS"))
            throw InputError(fmt::format(
                "{}: the packet at byte {} is damaged; a FlatBuffer 'EVTS' is expected.",
                source_.path(), place));
        const auto* const events =
            flatbuffers::GetSizePrefixedRoot<EventPacket>(content.data())->events();
        if (!events || events->size() == 0) return;
        events_ = {reinterpret_cast<const StoredEvent*>(events->Data()), events->size()};
        if (!begun_) {
            begin_ = events_[0].t;
            begun_ = true;
        }
    }

    [[noreturn]] void refuse_table() const {
        throw InputError(fmt::format(
            "{}: the header says that a table of packets stands at byte {}, where packets are; it "
            "is damaged.",
            source_.path(), end_));
    }

    // Whether a packet stands where the table should: its content, which begins behind stream and
    // size, is a frame, or a FlatBuffer of events.
    bool begins_packet() {
        const auto bytes = source_.ahead(packet_bytes + 12);
        if (bytes.size() < packet_bytes + 12) return false;
        const unsigned char* const content = bytes.data() + packet_bytes;
        const auto mark = little_endian<std::uint32_t>(content);
        return mark == 0x184d2204 || mark == 0xfd2fb528 || std::memcmp(content + 8, "EVTS", 4) == 0;
    }

    bool cut(std::uint64_t bytes) {
        info_.cut_bytes = std::max<std::uint64_t>(1, bytes);
        end_ = source_.position();
        return false;
    }

    ByteSource source_;
    Decompressor decompressor_;
    std::optional<std::int32_t> stream_;
    std::uint64_t end_ = UINT64_MAX;  // of the packets
    bool begun_ = false;
    std::int64_t begin_ = 0;
    std::span<const StoredEvent> events_;  // of the packet that is read
    std::size_t at_ = 0;
};

}  // namespace

const Container aedat_4 = {"aedat4", "AEDAT 4.0 of DV (.aedat4)", begins_aedat4,
                           [](ByteSource source) -> std::unique_ptr<Decoder> {
                               return std::make_unique<Aedat4>(std::move(source));
                           }};

}  // namespace synfire
