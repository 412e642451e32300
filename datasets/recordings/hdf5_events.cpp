// Events in HDF5, told apart by the datasets that a file holds:
//   mvsec        /davis/{left,right}/events: rows x, y, time in seconds since 1970, polarity -1 or
//   1
//                (Zhu et al. 2018; 346 x 260). The left camera is read.
//   dsec         /events/{x,y,t,p}, t in microseconds from /t_offset on (Gehrig et al. 2021, 640 x
//                480; TUM-VIE alike)
//   event_flow   /events/{xs,ys,ts,ps}, ts in seconds, the attribute sensor_resolution [rows,
//                columns] (TU Delft's copies of MVSEC)
//   metavision   /CD/events: records of x, y, p, t in microseconds, the attribute geometry "WxH"
// Times of the first and third count from the first event.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/hdf5_mark.hpp"
#include "base/hdf5_reader.hpp"
#include "base/numbers.hpp"
#include "base/problem.hpp"
#include "recordings/containers.hpp"

namespace synfire {
namespace {

constexpr std::uint64_t rows_at_once = std::uint64_t{1} << 17;

struct Hdf5Layout {
    const char* name;
    const char* events;         // a dataset of rows or records, or the group of the others
    const char *x, *y, *t, *p;  // datasets or members; null: columns 0 to 3 of rows
    bool members = false;       // of records
    bool seconds = false;       // otherwise microseconds
    std::uint32_t columns = 0, rows = 0;  // of the sensor; 0: the file may say
};

constexpr Hdf5Layout hdf5_layouts[] = {
    {"mvsec", "/davis/left/events", nullptr, nullptr, nullptr, nullptr, false, true, 346, 260},
    {"mvsec", "/davis/right/events", nullptr, nullptr, nullptr, nullptr, false, true, 346, 260},
    {"metavision", "/CD/events", "x", "y", "t", "p", true},
    {"dsec", "/events", "/events/x", "/events/y", "/events/t", "/events/p"},
    {"event_flow", "/events", "/events/xs", "/events/ys", "/events/ts", "/events/ps", false, true}};

// The two numbers in a text such as "1280x720" or "260 346".
std::pair<std::uint32_t, std::uint32_t> two_numbers(std::string_view text) {
    std::uint16_t numbers[2] = {0, 0};
    const char* at = text.data();
    const char* const end = at + text.size();
    for (std::uint16_t& number : numbers) {
        while (at != end && (*at < '0' || *at > '9')) ++at;
        at = std::from_chars(at, end, number).ptr;
    }
    return {numbers[0], numbers[1]};
}

class Hdf5Events final : public Decoder {
  public:
    explicit Hdf5Events(const std::string& path) : file_(path), layout_(layout_of(file_)) {
        info_.container = layout_.name;
        const std::vector<std::uint64_t> shape = file_.shape(dataset(layout_.t));
        if (layout_.x ? shape.size() != 1 : shape.size() != 2 || shape[1] != 4)
            throw InputError(fmt::format("{}: {} has another shape than one {} an event.", path,
                                         dataset(layout_.t),
                                         layout_.x ? "value" : "row of four values"));
        count_ = shape[0];
        if (layout_.x && !layout_.members)
            for (const char* other : {layout_.x, layout_.y, layout_.p})
                if (file_.shape(other) != shape)
                    throw InputError(fmt::format(
                        "{}: {} and {} differ in length; each needs one value an event.", path,
                        other, layout_.t));
        set_sensor();
        if (std::strcmp(layout_.name, "dsec") == 0 && file_.has("/t_offset")) {
            const std::vector<double> offset = file_.real_numbers("/t_offset");
            if (offset.size() != 1 || !(std::fabs(offset[0]) < 9e15))
                throw InputError(fmt::format(
                    "{}: /t_offset is no single time in microseconds that events could count from.",
                    path));
            offset_us_ = static_cast<std::int64_t>(offset[0]);
        }
        if (std::strcmp(layout_.events, "/davis/right/events") == 0) info_.sensor = "right camera";
        if (std::strcmp(layout_.events, "/davis/left/events") == 0 &&
            file_.has("/davis/right/events"))
            info_.pass_over("events of the right camera", file_.shape("/davis/right/events").at(0));
    }

  private:
    static const Hdf5Layout& layout_of(Hdf5Reader& file) {
        for (const Hdf5Layout& layout : hdf5_layouts)
            if (file.has(layout.events) && (!layout.t || layout.members || file.has(layout.t)))
                return layout;
        throw InputError(
            fmt::format("{}: the HDF5 file holds {}; events as in MVSEC (/davis/left/events), DSEC "
                        "(/events/{{x,y,t,p}}), event_flow (/events/{{xs,ys,ts,ps}}) or Metavision "
                        "(/CD/events) are expected.",
                        file.path(),
                        file.has("/spikes/times")
                            ? "spikes in the layout of SHD, which \"format\": \"shd\" reads"
                            : "none of the datasets of a camera's recording"));
    }

    std::string dataset(const char* part) const {
        return !part || layout_.members ? layout_.events : part;
    }

    void set_sensor() {
        info_.columns = layout_.columns;
        info_.rows = layout_.rows;
        if (layout_.members)
            std::tie(info_.columns, info_.rows) = two_numbers(file_.attribute("geometry"));
        if (std::strcmp(layout_.name, "event_flow") == 0)
            std::tie(info_.rows, info_.columns) = two_numbers(file_.attribute("sensor_resolution"));
        if (info_.columns == 0 || info_.rows == 0) info_.columns = info_.rows = 0;
        if (layout_.members) info_.sensor = file_.attribute("plugin_name");
    }

    std::vector<double> part(const char* name) {
        const std::string place =
            layout_.members ? fmt::format("{}@{}", layout_.events, name) : name;
        const StoredArray array = file_.numbers(place, rows_at_once, row_);
        if (name == layout_.t) require_fine_times(array.numbers());
        return array.as_doubles();
    }

    // Seconds since 1970 in single precision are a minute apart.
    void require_fine_times(const StoredNumbers& numbers) const {
        if (layout_.seconds && numbers.type().kind == StoredType::real &&
            numbers.type().digits < 53)
            throw InputError(fmt::format(
                "{}: {} has times in seconds as numbers of {} binary digits, which are too coarse "
                "for microseconds; double precision is expected.",
                file_.path(), dataset(layout_.t), numbers.type().digits));
    }

    void read_rows() {
        if (layout_.x) {
            x_ = part(layout_.x);
            y_ = part(layout_.y);
            t_ = part(layout_.t);
            p_ = part(layout_.p);
        } else {
            const StoredArray rows = file_.numbers(layout_.events, rows_at_once, row_);
            std::vector<double>* const columns[] = {&x_, &y_, &t_, &p_};
            for (auto* column : columns) column->clear();
            require_fine_times(rows.numbers());
            rows.numbers().visit([&](auto stored) {
                for (std::size_t i = 0; i < stored.size(); ++i)
                    columns[i % 4]->push_back(static_cast<double>(stored[i]));
            });
        }
        if (x_.size() != t_.size() || y_.size() != t_.size() || p_.size() != t_.size() ||
            t_.empty())
            throw InputError(fmt::format("{}: the file ends before event {} of {}.", file_.path(),
                                         row_, count_));
        at_ = 0;
    }

    std::int64_t time_of(double t) const {
        const double us = layout_.seconds ? (t - begin_s_) * 1e6 : t;
        if (!(std::fabs(us) < 9e15)) refuse("time", t);
        return std::llround(us) + offset_us_;
    }

    [[noreturn]] void refuse(const char* what, double value) const {
        throw InputError(fmt::format(
            "{}: event {} has the {} {}; {} is expected.", file_.path(), row_ + at_, what, value,
            std::strcmp(what, "polarity") == 0 ? "0, 1 or -1"
            : std::strcmp(what, "time") == 0   ? "a number of its unit"
                                               : "a whole number from 0 to 65535"));
    }

    std::uint32_t coordinate(const char* what, double value) const {
        const auto number = whole<std::uint16_t>(value);
        if (!number) refuse(what, value);
        return *number;
    }

    bool decode(EventBlock& block) override {
        if (at_ == t_.size()) {
            row_ += t_.size();
            if (row_ >= count_) return false;
            read_rows();
            if (row_ == 0 && layout_.seconds) begin_s_ = t_[0];
        }
        for (; at_ < t_.size() && block.has_room(); ++at_) {
            const double p = p_[at_];
            if (p != 0 && p != 1 && p != -1) refuse("polarity", p);
            block.add(time_of(t_[at_]), coordinate("column", x_[at_]), coordinate("row", y_[at_]),
                      p > 0);
        }
        return true;
    }

    Hdf5Reader file_;
    const Hdf5Layout& layout_;
    std::uint64_t count_ = 0, row_ = 0;  // events in all, and the first of those that are read
    std::int64_t offset_us_ = 0;
    double begin_s_ = 0;
    std::vector<double> x_, y_, t_, p_;
    std::size_t at_ = 0;
};

bool begins_hdf5(std::span<const unsigned char> bytes, std::uint64_t, std::string_view) {
    return std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size())
        .starts_with(hdf5_mark);
}

}  // namespace

const Container hdf5_events = {"hdf5",
                               "HDF5 of MVSEC, DSEC, event_flow and Metavision (.h5, .hdf5)",
                               begins_hdf5, [](ByteSource source) -> std::unique_ptr<Decoder> {
                                   return std::make_unique<Hdf5Events>(source.path());
                               }};

}  // namespace synfire
