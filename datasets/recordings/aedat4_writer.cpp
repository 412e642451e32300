#include "recordings/aedat4_writer.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "recordings/aedat4_tables.hpp"

namespace synfire {
namespace {

constexpr std::size_t events_of_packet = 10000;

std::string_view text_of(std::span<const unsigned char> bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string little_endian_text(std::uint32_t number) {
    std::string text;
    for (int shift = 0; shift < 32; shift += 8) text += static_cast<char>(number >> shift);
    return text;
}

// Of an attribute's value.
std::string xml_text(const std::string& text) {
    std::string safe;
    for (const char c : text)
        safe += c == '<' ? "&lt;" : c == '>' ? "&gt;" : c == '&' ? "&amp;" : std::string(1, c);
    return safe;
}

std::string stream_xml(std::uint32_t columns, std::uint32_t rows, const std::string& source,
                       std::string_view compression) {
    return fmt::format(
        "<dv version=\"2.0\">\n"
        "    <node name=\"outInfo\" path=\"/mainloop/Recorder/outInfo/\">\n"
        "        <node name=\"0\" path=\"/mainloop/Recorder/outInfo/0/\">\n"
        "            <attr key=\"compression\" type=\"string\">{}</attr>\n"
        "            <attr key=\"originalModuleName\" type=\"string\">synfire</attr>\n"
        "            <attr key=\"originalOutputName\" type=\"string\">events</attr>\n"
        "            <attr key=\"typeDescription\" type=\"string\">Array of events (polarity "
        "ON/OFF).</attr>\n"
        "            <attr key=\"typeIdentifier\" type=\"string\">EVTS</attr>\n"
        "            <node name=\"info\" path=\"/mainloop/Recorder/outInfo/0/info/\">\n"
        "                <attr key=\"sizeX\" type=\"int\">{}</attr>\n"
        "                <attr key=\"sizeY\" type=\"int\">{}</attr>\n"
        "                <attr key=\"source\" type=\"string\">{}</attr>\n"
        "                <attr key=\"tsOffset\" type=\"long\">0</attr>\n"
        "            </node>\n"
        "        </node>\n"
        "    </node>\n"
        "</dv>\n",
        compression, columns, rows, xml_text(source));
}

}  // namespace

Aedat4Writer::Aedat4Writer(const std::string& path, std::uint32_t columns, std::uint32_t rows,
                           const std::string& source, Compression compression)
    : file_(path), compression_(compression) {
    static constexpr std::string_view names[] = {"NONE", "LZ4", "ZSTD"};
    static constexpr std::int32_t numbers[] = {0, 1, 3};
    const auto kind = static_cast<std::size_t>(compression);
    flatbuffers::FlatBufferBuilder builder;
    const auto info = builder.CreateString(stream_xml(columns, rows, source, names[kind]));
    const auto start = builder.StartTable();
    builder.AddElement<std::int64_t>(IoHeader::table_at_field, -1, 0);
    builder.AddElement<std::int32_t>(IoHeader::compression_field, numbers[kind], 0);
    builder.AddOffset(IoHeader::info_field, info);
    builder.FinishSizePrefixed(flatbuffers::Offset<IoHeader>(builder.EndTable(start)), "IOHE");
    file_.write(aedat4_mark);
    file_.write(text_of({builder.GetBufferPointer(), builder.GetSize()}));
}

void Aedat4Writer::add(std::span<const CameraEvent> events) {
    while (!events.empty()) {
        const std::size_t some = std::min(events.size(), events_of_packet - waiting_.size());
        waiting_.insert(waiting_.end(), events.begin(),
                        events.begin() + static_cast<std::ptrdiff_t>(some));
        events = events.subspan(some);
        if (waiting_.size() == events_of_packet) write_packet();
    }
}

void Aedat4Writer::write_packet() {
    flatbuffers::FlatBufferBuilder builder(16 * waiting_.size() + 64);
    StoredEvent* stored = nullptr;
    const auto events = builder.CreateUninitializedVectorOfStructs(waiting_.size(), &stored);
    for (std::size_t i = 0; i < waiting_.size(); ++i) {
        const CameraEvent& e = waiting_[i];
        stored[i] = {e.time_us,
                     static_cast<std::int16_t>(e.x),
                     static_cast<std::int16_t>(e.y),
                     e.polarity,
                     {}};
    }
    const auto start = builder.StartTable();
    builder.AddOffset(EventPacket::events_field, events);
    builder.FinishSizePrefixed(flatbuffers::Offset<EventPacket>(builder.EndTable(start)), "EVTS");
    const std::vector<unsigned char> frame =
        compressed({builder.GetBufferPointer(), builder.GetSize()}, compression_);
    file_.write(little_endian_text(0) +
                little_endian_text(static_cast<std::uint32_t>(frame.size())));
    file_.write(text_of(frame));
    file_.flush();
    waiting_.clear();
}

void Aedat4Writer::close() {
    if (!waiting_.empty()) write_packet();
    file_.close();
}

}  // namespace synfire
