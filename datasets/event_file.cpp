#include "event_file.hpp"

#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/mapped_file.hpp"

namespace synfire {
namespace {

constexpr std::string_view event_file_mark = "synfire-events-2";
constexpr std::size_t footer_bytes = 5 * sizeof(std::uint64_t) + event_file_mark.size();

template <class Number>
std::string_view bytes_of(std::span<const Number> numbers) {
    return {reinterpret_cast<const char*>(numbers.data()), numbers.size_bytes()};
}

std::uint64_t fingerprint_of(std::string_view text) {
    Fingerprint fingerprint;
    fingerprint.add(text);
    return fingerprint.value();
}

}  // namespace

EventFileWriter::EventFileWriter(const std::string& path, const SetForm& form)
    : file_(path), counts_(form.empty_set()) {
    fingerprint_.add(form.units);
    fingerprint_.add(form.ticks);
    file_.write(event_file_mark);
    if (form.target.any()) targets_.emplace(path + ".targets");
}

EventFileWriter::~EventFileWriter() {
    std::error_code ignored;
    if (targets_) std::filesystem::remove(targets_->path(), ignored);
}

void EventFileWriter::add(const EventSet& recordings) {
    for (std::size_t i = 0; i < recordings.size(); ++i) {
        const std::span<const float> target = recordings.floats(i);
        add_to(fingerprint_, recordings.labels[i], recordings.recording(i), target);
        if (targets_) targets_->write(bytes_of(target));
        sizes_.push_back(static_cast<std::uint32_t>(recordings.recording(i).size()));
        counts_.labels.push_back(recordings.labels[i]);
    }
    keys_ += recordings.keys().size();
    counts_.merged += recordings.merged;
    counts_.left_out += recordings.left_out;
    file_.write(bytes_of(recordings.keys()));
}

void EventFileWriter::close(const nlohmann::json& extra) {
    nlohmann::json left_out = nlohmann::json::object();
    for (const LeftOut::Reason& reason : LeftOut::reasons)
        left_out[reason.name] = counts_.left_out.*reason.count;
    const TargetKind& target = counts_.target_kind;
    const std::string text = nlohmann::json{
        {"units", counts_.units},
        {"ticks", counts_.ticks},
        {"merged", counts_.merged},
        {"left_out", left_out},
        {"target", {target.shape.channels, target.shape.rows, target.shape.columns, target.frames}},
        {"fingerprint", fingerprint_.value()},
        {"extra", extra}}.dump();
    if (targets_) {
        targets_->close();
        std::ifstream written(targets_->path(), std::ios::binary);
        std::string part(1 << 20, '\0');
        while (written.read(part.data(), static_cast<std::streamsize>(part.size())),
               written.gcount() > 0)
            file_.write({part.data(), static_cast<std::size_t>(written.gcount())});
    }
    file_.write(bytes_of(std::span<const std::uint32_t>(sizes_)));
    file_.write(bytes_of(std::span<const std::uint32_t>(counts_.labels)));
    file_.write(text);
    const std::array<std::uint64_t, 5> numbers = {sizes_.size(), keys_, target.floats(),
                                                  text.size(), fingerprint_of(text)};
    file_.write(bytes_of(std::span<const std::uint64_t>(numbers)));
    file_.write(event_file_mark);
    file_.close();
}

std::optional<EventSet> open_event_file(const std::string& path, nlohmann::json& extra) {
    const auto file = std::make_shared<const MappedFile>(path);
    const std::string_view all(reinterpret_cast<const char*>(file->bytes().data()),
                               file->bytes().size());
    if (all.size() < event_file_mark.size() + footer_bytes || !all.starts_with(event_file_mark) ||
        !all.ends_with(event_file_mark))
        return std::nullopt;
    std::array<std::uint64_t, 5> numbers;
    std::memcpy(numbers.data(), all.data() + all.size() - footer_bytes, sizeof numbers);
    const auto [recordings, keys, floats, text_bytes, text_fingerprint] = numbers;
    std::uint64_t left = all.size() - event_file_mark.size() - footer_bytes;
    if (recordings > left / 8 || keys > left / 4 || text_bytes > left ||
        (recordings > 0 && floats > left / 4 / recordings) ||
        8 * recordings + 4 * keys + 4 * floats * recordings + text_bytes != left)
        return std::nullopt;
    const std::uint64_t targets_at = event_file_mark.size() + 4 * keys;
    const std::uint64_t sizes_at = targets_at + 4 * floats * recordings;
    EventSet set;
    std::vector<std::uint32_t> sizes(recordings);
    set.labels.resize(recordings);
    std::memcpy(sizes.data(), all.data() + sizes_at, 4 * recordings);
    std::memcpy(set.labels.data(), all.data() + sizes_at + 4 * recordings, 4 * recordings);
    for (const std::uint32_t size : sizes) set.begin.push_back(set.begin.back() + size);
    if (set.begin.back() != keys) return std::nullopt;
    const std::string_view text = all.substr(sizes_at + 8 * recordings, text_bytes);
    if (fingerprint_of(text) != text_fingerprint) return std::nullopt;
    const nlohmann::json about = nlohmann::json::parse(text, nullptr, false);
    try {
        set.units = about.at("units");
        set.ticks = about.at("ticks");
        set.merged = about.at("merged");
        for (const LeftOut::Reason& reason : LeftOut::reasons)
            set.left_out.*reason.count = about.at("left_out").at(reason.name);
        const nlohmann::json& kind = about.at("target");
        set.target_kind = {{kind.at(0), kind.at(1), kind.at(2)}, kind.at(3)};
        if (set.target_kind.floats() != floats) return std::nullopt;
        set.keep_in(file, event_file_mark.size(), keys, targets_at);
        extra = about.at("extra");
        if (about.at("fingerprint") != set.remember_fingerprint()) return std::nullopt;
    } catch (const nlohmann::json::exception&) {
        return std::nullopt;
    }
    file->expect_any_order();  // epochs go through recordings in random order
    return set;
}

}  // namespace synfire
