#include "learning/curves.hpp"

#include <fmt/format.h>

#include "base/atomic_file.hpp"
#include "base/output_file.hpp"

namespace synfire {

std::vector<double> to_numbers(const std::vector<CurveRow>& rows) {
    std::vector<double> numbers;
    for (const CurveRow& r : rows)
        numbers.insert(numbers.end(), {static_cast<double>(r.epoch), r.train_loss, r.train_accuracy,
                                       r.test_loss, r.test_accuracy, r.rate, r.seconds});
    return numbers;
}

std::vector<CurveRow> rows_from(const std::vector<double>& n) {
    std::vector<CurveRow> rows;
    for (std::size_t i = 0; i + CurveRow::width <= n.size(); i += CurveRow::width)
        rows.push_back({static_cast<std::uint32_t>(n[i]), n[i + 1], n[i + 2], n[i + 3], n[i + 4],
                        n[i + 5], n[i + 6]});
    return rows;
}

void write_curves(const std::string& path, const std::vector<CurveRow>& rows) {
    replace_file(path, [&](const std::string& temporary) {
        OutputFile out(temporary);
        out.write("epoch,train_loss,train_accuracy,test_loss,test_accuracy,rate,seconds\n");
        for (const CurveRow& r : rows)
            out.write(fmt::format("{},{},{},{},{},{},{}\n", r.epoch, r.train_loss, r.train_accuracy,
                                  r.test_loss, r.test_accuracy, r.rate, r.seconds));
        out.close();
    });
}

}  // namespace synfire
