#include "learning/curves.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "base/atomic_file.hpp"
#include "base/output_file.hpp"

namespace synfire {
namespace {

double as_number(const std::optional<double>& value) {
    return value.value_or(std::numeric_limits<double>::quiet_NaN());
}
std::optional<double> as_measured(double number) {
    return std::isnan(number) ? std::nullopt : std::optional(number);
}
std::string as_text(const std::optional<double>& value) {
    return value ? fmt::format("{}", *value) : std::string();
}

}  // namespace

std::vector<double> to_numbers(const std::vector<CurveRow>& rows) {
    std::vector<double> numbers;
    for (const CurveRow& r : rows)
        numbers.insert(numbers.end(), {static_cast<double>(r.epoch), as_number(r.train_loss),
                                       as_number(r.train_accuracy), as_number(r.test_loss),
                                       as_number(r.test_accuracy), r.rate, r.seconds});
    return numbers;
}

std::vector<CurveRow> rows_from(const std::vector<double>& n) {
    std::vector<CurveRow> rows;
    for (std::size_t i = 0; i + CurveRow::width <= n.size(); i += CurveRow::width)
        rows.push_back({static_cast<std::uint32_t>(n[i]), as_measured(n[i + 1]),
                        as_measured(n[i + 2]), as_measured(n[i + 3]), as_measured(n[i + 4]),
                        n[i + 5], n[i + 6]});
    return rows;
}

void write_curves(const std::string& path, const std::vector<CurveRow>& rows) {
    replace_file(path, [&](const std::string& temporary) {
        OutputFile out(temporary);
        out.write("epoch,train_loss,train_accuracy,test_loss,test_accuracy,rate,seconds\n");
        for (const CurveRow& r : rows)
            out.write(fmt::format("{},{},{},{},{},{},{}\n", r.epoch, as_text(r.train_loss),
                                  as_text(r.train_accuracy), as_text(r.test_loss),
                                  as_text(r.test_accuracy), r.rate, r.seconds));
        out.close();
    });
}

}  // namespace synfire
