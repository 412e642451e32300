#include "recordings/summary.hpp"

#include <algorithm>
#include <map>

namespace synfire {
namespace {

// Events by stretches of the clock, whose length doubles as there come to be too many.
class Stretches {
  public:
    void add(std::int64_t time_us) {
        const std::int64_t stretch = time_us >> shift_;
        if (stretch != last_ || !count_) {
            last_ = stretch;
            count_ = &counts_[stretch];
            if (counts_.rbegin()->first - counts_.begin()->first >= most_) {
                ++*count_;
                widen();
                return;
            }
        }
        ++*count_;
    }
    std::int64_t length() const { return std::int64_t{1} << shift_; }
    const std::map<std::int64_t, std::uint64_t>& counts() const { return counts_; }

  private:
    void widen() {
        while (counts_.rbegin()->first - counts_.begin()->first >= most_) {
            ++shift_;
            std::map<std::int64_t, std::uint64_t> wider;
            for (const auto& [stretch, events] : counts_) wider[stretch >> 1] += events;
            counts_ = std::move(wider);
        }
        count_ = nullptr;
    }

    static constexpr std::int64_t most_ = 32;
    int shift_ = 10;
    std::int64_t last_ = 0;
    std::uint64_t* count_ = nullptr;
    std::map<std::int64_t, std::uint64_t> counts_;
};

}  // namespace

RecordingSummary summarise(Decoder& decoder) {
    RecordingSummary s;
    Stretches stretches;
    PixelCounts pixels;
    std::uint64_t sum_time = 0;
    while (true) {
        const std::span<const CameraEvent> events = decoder.next();
        if (events.empty()) break;
        if (s.events == 0) s.first_us = s.last_us = events[0].time_us;
        s.events += events.size();
        // Some containers say the size in their first lines, which have been read by now.
        const std::uint32_t columns = decoder.info().columns, rows = decoder.info().rows;
        for (const CameraEvent& e : events) {
            s.sum_x += e.x;
            s.sum_y += e.y;
            s.on += e.polarity;
            sum_time += static_cast<std::uint64_t>(e.time_us);
            s.min_x = std::min<std::uint32_t>(s.min_x, e.x);
            s.max_x = std::max<std::uint32_t>(s.max_x, e.x);
            s.min_y = std::min<std::uint32_t>(s.min_y, e.y);
            s.max_y = std::max<std::uint32_t>(s.max_y, e.y);
            s.earliest_us = std::min(s.earliest_us, e.time_us);
            s.latest_us = std::max(s.latest_us, e.time_us);
            if (e.time_us < s.last_us) {
                ++s.backward;
                s.largest_step_us =
                    std::max(s.largest_step_us, static_cast<std::uint64_t>(s.last_us) -
                                                    static_cast<std::uint64_t>(e.time_us));
            }
            s.last_us = e.time_us;
            if (columns > 0) s.outside += e.x >= columns || e.y >= rows;
            stretches.add(e.time_us);
            pixels.add(e);
        }
    }
    s.sum_time_us = static_cast<std::int64_t>(sum_time);
    s.info = decoder.info();
    s.hot = pixels.hot();
    s.stretch_us = stretches.length();
    for (const auto& [stretch, events] : stretches.counts())
        s.over_time.emplace_back(stretch * s.stretch_us, events);
    return s;
}

}  // namespace synfire
