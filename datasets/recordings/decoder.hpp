// What every container's decoder is: a recording's events in the file's order, a block at a time,
// so that memory does not grow with the recording.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "recordings/event.hpp"

namespace synfire {

// What a recording says of itself, and what was met in it that is no event of the camera.
struct RecordingInfo {
    std::string container;                // as containers() names it
    std::string sensor;                   // as the file names it, or ""
    std::uint32_t columns = 0, rows = 0;  // of the sensor; 0: the file does not say
    bool mirrored = false;                // x counts from the picture's right
    bool upward = false;                  // y counts from the picture's bottom
    std::uint64_t cut_bytes = 0;          // at the end, of an event or packet that is not whole
    std::vector<std::pair<std::string, std::uint64_t>> passed_over;  // kind and count

    void pass_over(const char* kind, std::uint64_t count = 1) {
        for (auto& [name, sum] : passed_over)
            if (name == kind) {
                sum += count;
                return;
            }
        passed_over.emplace_back(kind, count);
    }
};

// A decoder writes its events here; room for `most` of them is kept free by asking has_room().
class EventBlock {
  public:
    void clear() { count_ = 0; }
    bool empty() const { return count_ == 0; }
    bool has_room(std::size_t most = 1) const { return events_.size() - count_ >= most; }
    std::size_t room() const { return events_.size() - count_; }
    void add(std::int64_t time_us, std::uint32_t x, std::uint32_t y, std::uint32_t polarity) {
        events_[count_++] = {time_us, static_cast<std::uint16_t>(x), static_cast<std::uint16_t>(y),
                             static_cast<std::uint8_t>(polarity)};
    }
    std::span<const CameraEvent> events() const { return {events_.data(), count_}; }

  private:
    std::array<CameraEvent, 4096> events_;  // that a core's own cache holds
    std::size_t count_ = 0;
};

class Decoder {
  public:
    virtual ~Decoder() = default;
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;

    // The events that follow; none at the end. They hold until the next call. Throws InputError
    // where the file is damaged in a way that makes what follows meaningless.
    std::span<const CameraEvent> next() {
        block_.clear();
        while (block_.empty() && !ended_) ended_ = !decode(block_);
        return block_.events();
    }
    // Counts are complete once next() has come to the end.
    const RecordingInfo& info() const { return info_; }

  protected:
    Decoder() = default;
    // Adds events while the block has room. False at the end of the recording, behind which it is
    // not called.
    virtual bool decode(EventBlock& block) = 0;

    RecordingInfo info_;

  private:
    EventBlock block_;
    bool ended_ = false;
};

}  // namespace synfire
