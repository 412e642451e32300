// What losses of a flow have in common: which output is the flow, and how smooth it is.
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <synfire/loss.hpp>

namespace synfire::flow_losses {

constexpr const char* outputs_of_window[] = {"tick", "mean"};
constexpr sdk::Parameter of_parameter() {
    return sdk::choice("of", outputs_of_window, 0,
                       "the flow is the output at each tick, or its mean over the window");
}

// The map that a flow is over. Throws where the readout has no two channels.
struct Map {
    std::uint32_t rows, columns;

    explicit Map(const synfire_loss_site& site) : rows(site.rows), columns(site.columns) {
        if (site.channels != 2)
            throw std::invalid_argument(
                "a flow has two channels, along columns and rows: a readout with a shape of "
                "[2, rows, columns] is expected");
    }
    std::uint32_t pixels() const { return rows * columns; }

    // The pixel up and left of a place, and how far the place is from it.
    struct Cell {
        std::uint32_t corner;
        float right, down;
    };
    // Nothing where a pixel around the place is beyond the map.
    std::optional<Cell> cell(float x, float y) const {
        const float left = std::floor(x), top = std::floor(y);
        if (!(left >= 0 && top >= 0 && left + 1 < static_cast<float>(columns) &&
              top + 1 < static_cast<float>(rows)))
            return std::nullopt;
        return Cell{static_cast<std::uint32_t>(top) * columns + static_cast<std::uint32_t>(left),
                    x - left, y - top};
    }
};

// A flow and the derivative of the loss to it, in pixels of displacement over a sample.
class Flow {
  public:
    // of_mean: the output is a sum over the window's ticks so far.
    Flow(const sdk::LossWindow& at, bool of_mean)
        : at_(at), part_(of_mean ? 1.0f / static_cast<float>(at.ticks()) : 1.0f) {
        for (std::uint32_t k = 0; k < at.outputs(); ++k) at.error(0)[k] = 0;
    }
    float along_columns(std::uint32_t pixel) const { return component(pixel, 0); }
    float along_rows(std::uint32_t pixel) const { return component(pixel, 1); }
    void add(std::uint32_t pixel, float to_columns, float to_rows) const {
        add_component(pixel, 0, to_columns);
        add_component(pixel, 1, to_rows);
    }
    float component(std::uint32_t pixel, std::uint32_t k) const {
        return part_ * at_.output(0)[2 * pixel + k];
    }
    void add_component(std::uint32_t pixel, std::uint32_t k, float derivative) const {
        at_.error(0)[2 * pixel + k] += part_ * derivative;
    }

  private:
    const sdk::LossWindow& at_;
    float part_;
};

// visit(a, b, c) for three pixels next to each other in a row or in a column, a and c on the sides
// of b.
template <class Visit>
void for_each_three(const Map& map, Visit&& visit) {
    for (std::uint32_t r = 0; r < map.rows; ++r)
        for (std::uint32_t c = 0; c < map.columns; ++c) {
            const std::uint32_t pixel = r * map.columns + c;
            if (c > 0 && c + 1 < map.columns) visit(pixel - 1, pixel, pixel + 1);
            if (r > 0 && r + 1 < map.rows) visit(pixel - map.columns, pixel, pixel + map.columns);
        }
}
// visit(a, b) for neighbours in a row or in a column.
template <class Visit>
void for_each_two(const Map& map, Visit&& visit) {
    for (std::uint32_t r = 0; r < map.rows; ++r)
        for (std::uint32_t c = 0; c < map.columns; ++c) {
            const std::uint32_t pixel = r * map.columns + c;
            if (c + 1 < map.columns) visit(pixel, pixel + 1);
            if (r + 1 < map.rows) visit(pixel, pixel + map.columns);
        }
}

}  // namespace synfire::flow_losses
