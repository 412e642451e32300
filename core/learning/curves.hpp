// Learning curves: one row an epoch, kept in checkpoints and written to curves.csv.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace synfire {

struct CurveRow {
    std::uint32_t epoch = 0;  // from 1
    // Nothing where none is measured: a loss without a readout, a test without recordings.
    std::optional<double> train_loss, train_accuracy, test_loss, test_accuracy;
    double rate = 0;     // learning rate at the epoch's end
    double seconds = 0;  // wall time of the epoch's training

    static constexpr std::size_t width = 7;
};

// As numbers, `width` a row, and back; what is absent stands as no number.
std::vector<double> to_numbers(const std::vector<CurveRow>& rows);
std::vector<CurveRow> rows_from(const std::vector<double>& numbers);

// Writes the file anew, whole or not at all; what is absent is left empty.
void write_curves(const std::string& path, const std::vector<CurveRow>& rows);

}  // namespace synfire
