// HDF5 files for tests of reading, with numbers stored as any type, as other programs write them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace synfire::testing {

enum class Stored { int8, int64, uint8, uint16, uint64, float16, float32, float64 };

// Each adds a dataset to the file, which is made where there is none. Values are converted to the
// stored type; shape: of the dataset, a list of all values by default.
void write_numbers(const std::string& path, const std::string& name, Stored type,
                   const std::vector<double>& values, std::vector<std::uint64_t> shape = {});
void write_lists(const std::string& path, const std::string& name, Stored type,
                 const std::vector<std::vector<double>>& lists);
// Records of the members x, y (16 bits, unsigned), p (16 bits) and t (64 bits), as cameras of
// Prophesee are recorded; the values of an event after another.
void write_event_records(const std::string& path, const std::string& name,
                         const std::vector<double>& values);
void write_attribute(const std::string& path, const std::string& name, const std::string& text);
void write_attribute(const std::string& path, const std::string& name,
                     const std::vector<double>& values);
void write_words(const std::string& path, const std::string& name,
                 const std::vector<std::string>& words);

}  // namespace synfire::testing
