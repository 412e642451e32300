// A column of numbers from a file: a dataset of one extent in an HDF5 file (.h5, .hdf5), or a
// column of a CSV file, whose first line names its columns.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace synfire {

// Throws InputError where the file cannot be read, has no such column, or where anything in it is
// no finite number; the sentence begins with the path.
std::vector<double> read_column(const std::string& path, const std::string& column);

// The same of a CSV file's text; the sentence begins with a place in it.
std::vector<double> read_csv_column(std::string_view text, const std::string& column);

}  // namespace synfire
