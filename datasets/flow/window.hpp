// The events of one sample for optical flow: those in the middle of the sensor, cut into ticks.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "kernels/map_shape.hpp"

namespace synfire {

struct FlowWindow {
    MapShape shape;  // of the population, two channels
    std::uint32_t sensor_rows, sensor_columns;
    std::uint32_t ticks;
    bool by_count;  // parts of equal number, otherwise of equal time

    std::uint32_t first_row() const { return (sensor_rows - shape.rows) / 2; }
    std::uint32_t first_column() const { return (sensor_columns - shape.columns) / 2; }
};

class WindowEvents {
  public:
    explicit WindowEvents(const FlowWindow& window)
        : window_(window), active_(window.shape.pixels()) {}

    // moment: 0 at the sample's beginning, 1 at its end. Events in their order.
    void add(std::uint32_t x, std::uint32_t y, double moment, bool on) {
        const MapShape& shape = window_.shape;
        const std::uint32_t column = x - window_.first_column(),
                            row = y - window_.first_row();  // beyond on either side: large
        if (column >= shape.columns || row >= shape.rows) {
            ++beyond_;
            return;
        }
        units_.push_back(shape.neuron(on ? 1 : 0, row, column));
        moments_.push_back(moment);
        active_[row * shape.columns + column] = true;
    }
    bool empty() const { return units_.empty(); }
    std::uint64_t beyond() const { return beyond_; }
    // By pixel of the map: whether it had an event.
    const std::vector<bool>& active() const { return active_; }
    // As an event set has them.
    std::vector<std::uint32_t> keys() const {
        std::vector<std::uint32_t> keys(units_.size());
        for (std::size_t i = 0; i < units_.size(); ++i) {
            const double part = window_.by_count
                                    ? static_cast<double>(i) / static_cast<double>(units_.size())
                                    : moments_[i];
            const auto tick = static_cast<std::uint32_t>(
                std::clamp(part * window_.ticks, 0.0, window_.ticks - 1.0));
            keys[i] = tick * static_cast<std::uint32_t>(window_.shape.size()) + units_[i];
        }
        return keys;
    }

  private:
    const FlowWindow& window_;
    std::vector<std::uint32_t> units_;
    std::vector<double> moments_;
    std::vector<bool> active_;
    std::uint64_t beyond_ = 0;
};

}  // namespace synfire
