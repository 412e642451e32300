// The HDF5 layout of the Heidelberg data sets SHD and SSC (Cramer et al. 2020):
//   spikes/times   ragged, seconds, any type of numbers
//   spikes/units   ragged, channel of each event: whole numbers, whatever their type
//   labels         one whole number a recording, a list or a column
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "learning/input.hpp"

namespace synfire {

InputFormat shd_format();

// Reads the first `limit` recordings of one file, binned to ticks of dt_ms. Throws InputError: a
// file that is missing, damaged or lacks a dataset, lists of different lengths, a label that is no
// whole number or negative, a unit likewise or not below `units`, a time that is negative or no
// number.
EventSet read_shd(const std::string& path, std::uint32_t units, std::uint32_t ticks, double dt_ms,
                  std::uint64_t limit);

// Whether a file is HDF5 and has /spikes/times; false also where it cannot be read.
bool has_shd_layout(const std::string& path);

// What one file holds.
struct ShdSummary {
    std::uint64_t recordings = 0, events = 0, empty = 0;  // empty: recordings without events
    std::uint32_t units = 0;  // one more than the highest that an event has
    double first_s = 0, last_s = 0;
    std::map<std::uint32_t, std::uint64_t> labels;  // recordings of each
};
// Reads all of it. Throws InputError as read_shd does.
ShdSummary summarise_shd(const std::string& path);

// The two files of a folder, as the request asks for them.
InputData read_shd_folder(const std::string& folder, const std::string& train,
                          const std::string& test, const InputRequest& request);

}  // namespace synfire
