#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/atomic_file.hpp"
#include "base/hdf5.hpp"
#include "base/hdf5_mark.hpp"
#include "base/note.hpp"
#include "base/printable.hpp"
#include "base/problem.hpp"
#include "cameras/class_folders.hpp"
#include "cli/data_actions.hpp"
#include "cli/output.hpp"
#include "recordings/aedat4_writer.hpp"
#include "recordings/containers.hpp"
#include "recordings/sensor.hpp"
#include "recordings/summary.hpp"

namespace synfire::cli {
namespace {

struct Size {
    std::uint32_t columns, rows;
};

// Of --sensor; nothing where it is not given.
std::optional<Size> given_size(const DataOptions& options) {
    if (options.sensor.empty()) return std::nullopt;
    Size size{};
    const char* at = options.sensor.data();
    const char* const end = at + options.sensor.size();
    const auto columns = std::from_chars(at, end, size.columns);
    const bool by = columns.ptr != end && *columns.ptr == 'x';
    const auto rows = std::from_chars(by ? columns.ptr + 1 : end, end, size.rows);
    if (rows.ec != std::errc{} || rows.ptr != end || size.columns < 1 || size.rows < 1 ||
        size.columns > 65536 || size.rows > 65536)
        throw InputError(
            fmt::format("--sensor {}: COLUMNSxROWS is expected, such as 120x100, of 1 "
                        "to 65536 each.",
                        printable(options.sensor)));
    return size;
}

// The recording's own size, or the one that is given where it does not say; 0 where none is. Throws
// InputError for a recording without events, and for events beyond the sensor.
Sensor sensor_of(const std::string& path, const RecordingSummary& s,
                 const std::optional<Size>& given) {
    if (s.events == 0)
        throw InputError(fmt::format("{}: the recording has no event to convert.", path));
    Sensor sensor{s.info.columns, s.info.rows, s.info.mirrored, s.info.upward};
    if (given && sensor.columns > 0 &&
        (sensor.columns != given->columns || sensor.rows != given->rows))
        throw InputError(fmt::format(
            "{}: the recording says that its sensor has {} columns and {} rows, and --sensor {} "
            "and {}.",
            path, sensor.columns, sensor.rows, given->columns, given->rows));
    constexpr double most_us = 9e15;  // of which double precision holds each
    if (static_cast<double>(s.latest_us) - static_cast<double>(s.earliest_us) > most_us)
        throw InputError(
            fmt::format("{}: the events' times are from {} to {} us; at most {:g} us "
                        "in between are expected.",
                        path, s.earliest_us, s.latest_us, most_us));
    if (given) {
        sensor.columns = given->columns;
        sensor.rows = given->rows;
    }
    sensor.require_size(path);
    const bool beyond = sensor.columns > 0 && (s.max_x >= sensor.columns || s.max_y >= sensor.rows);
    if (beyond)
        throw InputError(fmt::format(
            "{}: events lie beyond the sensor of {} columns and {} rows, up to x = {}, y = {}.",
            path, sensor.columns, sensor.rows, s.max_x, s.max_y));
    return sensor;
}

void note_backward(const std::string& path, const RecordingSummary& s) {
    if (s.backward > 0)
        note(
            fmt::format("note: {}: times go back at {} events, by {} us at most; events stand in "
                        "the order of the recording.",
                        printable(path), s.backward, s.largest_step_us));
}

// An event of the upright picture, from 0 us on.
CameraEvent upright(const CameraEvent& e, const Sensor& sensor, std::int64_t earliest_us) {
    const auto [x, y] = sensor.upright(e);
    return {e.time_us - earliest_us, static_cast<std::uint16_t>(x), static_cast<std::uint16_t>(y),
            e.polarity};
}

struct Converted {
    std::uint64_t recordings = 0, events = 0;
    Size size{};
};

void note_replaced(const std::string& path) {
    if (std::filesystem::exists(path)) note(fmt::format("note: {} is replaced", printable(path)));
}

Converted to_aedat4(const DataOptions& options) {
    const RecordingSummary s = summarise(*open_recording(options.path, options.container));
    const Sensor sensor = sensor_of(options.path, s, given_size(options));
    Size size{sensor.columns, sensor.rows};
    if (size.columns == 0) {
        size = {s.max_x + 1u, s.max_y + 1u};
        note(fmt::format(
            "note: {} does not say how large its sensor is; {} columns and {} rows, which have "
            "events, are what the file says (--sensor COLUMNSxROWS says otherwise)",
            printable(options.path), size.columns, size.rows));
    }
    note_lost(options.path, s, "converted");
    note_backward(options.path, s);
    if (std::max(size.columns, size.rows) > 32768)
        throw InputError(fmt::format(
            "{}: the recording has {} columns and {} rows; AEDAT 4 takes 32768 of each at most.",
            options.path, size.columns, size.rows));
    note_replaced(options.out);
    const auto decoder = open_recording(options.path, options.container);
    replace_file(options.out, [&](const std::string& temporary) {
        Aedat4Writer writer(temporary, size.columns, size.rows,
                            s.info.sensor.empty() ? s.info.container : s.info.sensor);
        std::vector<CameraEvent> some;
        for (auto events = decoder->next(); !events.empty(); events = decoder->next()) {
            some.clear();
            for (const CameraEvent& e : events) some.push_back(upright(e, sensor, s.earliest_us));
            writer.add(some);
        }
        writer.close();
    });
    return {1, s.events, size};
}

Converted to_hdf5(const DataOptions& options) {
    ClassFolders set;
    if (std::filesystem::is_directory(options.path))
        set = list_class_folders(options.path, any_recording);
    else
        set.recordings = {{options.path}};
    const std::optional<Size> given = given_size(options);
    std::vector<RecordingSummary> summaries;
    std::vector<Sensor> sensors;
    Converted result;
    if (set.passed_over.files > 0)
        note(fmt::format("note: {} files that are no recordings are passed over, such as {}.",
                         set.passed_over.files, printable(set.passed_over.example)));
    for (const RecordingPlace& place : set.recordings) {
        summaries.push_back(summarise(*open_recording(place.path, options.container)));
        const RecordingSummary& s = summaries.back();
        const Sensor& size = sensors.emplace_back(sensor_of(place.path, s, given));
        if (size.columns == 0)
            throw InputError(fmt::format(
                "{}: the recording does not say how large its sensor is, and the units of the HDF5 "
                "file depend on it; --sensor COLUMNSxROWS is expected.",
                place.path));
        if (size.columns != sensors[0].columns || size.rows != sensors[0].rows)
            throw InputError(
                fmt::format("{}: the sensor has {} columns and {} rows, that of {} {} and {}; "
                            "recordings of one sensor can stand in one file.",
                            place.path, size.columns, size.rows, set.recordings[0].path,
                            sensors[0].columns, sensors[0].rows));
        note_lost(place.path, s, "converted");
        note_backward(place.path, s);
        result.size = {size.columns, size.rows};
    }
    if (std::uint64_t{result.size.columns} * result.size.rows > UINT32_MAX / 2)
        throw InputError(
            fmt::format("{}: units of {} columns, {} rows and two polarities do not fit 32 bits.",
                        options.path, result.size.columns, result.size.rows));
    std::vector<std::vector<double>> times;
    std::vector<std::vector<std::uint32_t>> units;
    std::vector<std::uint16_t> labels;
    for (std::size_t i = 0; i < set.recordings.size(); ++i) {
        const auto decoder = open_recording(set.recordings[i].path, options.container);
        auto& time = times.emplace_back();
        auto& unit = units.emplace_back();
        for (auto events = decoder->next(); !events.empty(); events = decoder->next())
            for (const CameraEvent& event : events) {
                const CameraEvent e = upright(event, sensors[i], summaries[i].earliest_us);
                time.push_back(static_cast<double>(e.time_us) / 1e6);
                unit.push_back((std::uint32_t{e.y} * result.size.columns + e.x) * 2 + e.polarity);
            }
        labels.push_back(static_cast<std::uint16_t>(set.recordings[i].label));
        result.events += time.size();
    }
    note_replaced(options.out);
    result.recordings = labels.size();
    replace_file(options.out, [&](const std::string& temporary) {
        Hdf5File file = Hdf5File::create(temporary);
        file.write_ragged<double>("/spikes/times", times);
        file.write_ragged<std::uint32_t>("/spikes/units", units);
        file.write<std::uint16_t>("/labels", labels);
        if (!set.classes.empty()) file.write_texts("/extra/keys", set.classes);
        file.write<std::uint32_t>("/extra/sensor",
                                  std::vector{result.size.columns, result.size.rows});
        file.close();
    });
    return result;
}

}  // namespace

int data_convert(const DataOptions& options) {
    const bool aedat4 = wanted_ending(options, {".aedat4", ".h5"}) == ".aedat4";
    if (std::filesystem::exists(options.out) &&
        std::filesystem::equivalent(options.out, options.path))
        throw InputError(
            fmt::format("{}: a recording is not converted into itself; another --out "
                        "is expected.",
                        options.out));
    if (aedat4)
        require_place(options.out, "recording", "#!AER-DAT4.0\r\n");
    else
        require_place(options.out, "events", hdf5_mark);
    const Converted made = aedat4 ? to_aedat4(options) : to_hdf5(options);
    if (options.json)
        print_json({{"path", options.path},
                    {"out", options.out},
                    {"recordings", made.recordings},
                    {"events", made.events},
                    {"columns", made.size.columns},
                    {"rows", made.size.rows}});
    else
        say("{}: {} recordings, {} events, {} columns and {} rows\n", printable(options.out),
            made.recordings, made.events, made.size.columns, made.size.rows);
    return done;
}

}  // namespace synfire::cli
