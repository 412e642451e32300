#include "experiment/number_file.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/excerpt.hpp"
#include "base/hdf5_reader.hpp"
#include "base/problem.hpp"
#include "base/suggest.hpp"
#include "base/text_file.hpp"

namespace synfire {
namespace {

std::string_view bare(std::string_view text) {
    const auto begin = text.find_first_not_of(" \t\r\"");
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t\r\"") - begin + 1);
}

std::vector<std::string_view> fields_of(std::string_view line) {
    std::vector<std::string_view> fields;
    for (;;) {
        const auto comma = line.find(',');
        fields.push_back(bare(line.substr(0, comma)));
        if (comma == std::string_view::npos) return fields;
        line.remove_prefix(comma + 1);
    }
}

bool is_hdf5(const std::string& path) {
    return path.ends_with(".h5") || path.ends_with(".hdf5");
}

}  // namespace

std::vector<double> read_csv_column(std::string_view text, const std::string& column) {
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    std::vector<double> values;
    std::size_t columns = 0, wanted = 0;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (bare(line).empty()) continue;
        const auto fields = fields_of(line);
        if (columns == 0) {
            columns = fields.size();
            wanted = static_cast<std::size_t>(std::ranges::find(fields, column) - fields.begin());
            if (wanted == columns || std::ranges::count(fields, column) > 1)
                throw InputError(fmt::format(
                    "line {}: one column '{}' is expected; there are {}.", number, column,
                    list_of(std::vector<std::string>(fields.begin(), fields.end()))));
            continue;
        }
        double value = 0;
        const std::string_view field = fields.size() == columns ? fields[wanted] : "";
        const auto result = std::from_chars(field.data(), field.data() + field.size(), value);
        if (result.ec != std::errc() || result.ptr != field.data() + field.size() ||
            !std::isfinite(value))
            throw InputError(
                fmt::format("line {}: {}; expected are {} fields with commas between, and a "
                            "finite number in column '{}'.",
                            number, excerpt(line), columns, column));
        values.push_back(value);
    }
    if (columns == 0) throw InputError("line 1: the names of columns are expected.");
    return values;
}

std::vector<double> read_column(const std::string& path, const std::string& column) {
    if (!is_hdf5(path)) {
        const std::string text = read_text_file(path, "a CSV file");
        try {
            return read_csv_column(text, column);
        } catch (const InputError& error) {
            throw InputError(fmt::format("{}, {}", path, error.problems().front().message));
        }
    }
    Hdf5Reader file(path);
    if (!file.has(column))
        throw InputError(fmt::format("{}: there is no dataset '{}'.", path, column));
    if (const std::size_t extents = file.shape(column).size(); extents != 1)
        throw InputError(fmt::format("{}: '{}' has {} extents; a list of numbers has one.", path,
                                     column, extents));
    std::vector<double> values = file.real_numbers(column);
    if (const auto bad =
            std::ranges::find_if_not(values, [](double v) { return std::isfinite(v); });
        bad != values.end())
        throw InputError(fmt::format("{}: number {} of '{}' is {}; finite numbers are expected.",
                                     path, bad - values.begin(), column, *bad));
    return values;
}

}  // namespace synfire
