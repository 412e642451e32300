#include "cli/flow_pictures.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "pictures/flow_picture.hpp"
#include "pictures/lettering.hpp"

namespace synfire::cli {
namespace {

constexpr std::uint32_t least_extent =
    128;  // of a picture's longer side; smaller ones are enlarged
constexpr std::uint32_t gap = 4, wheel_extent = 64;

Picture events_of(const EventSet& set, std::size_t recording, const MapShape& shape) {
    std::vector<int> balance(shape.pixels());
    std::vector<bool> any(shape.pixels());
    const std::uint32_t channels = set.units / shape.pixels();
    for (const std::uint32_t key : set.recording(recording)) {
        const std::uint32_t unit = key % set.units, pixel = unit / channels;
        balance[pixel] += unit % channels % 2 ? 1 : -1;
        any[pixel] = true;
    }
    Picture picture(shape.columns, shape.rows, grey_colour(1));
    for (std::size_t p = 0; p < balance.size(); ++p)
        if (any[p]) picture.pixels[p] = balance[p] >= 0 ? on_colour() : off_colour();
    return picture;
}

}  // namespace

std::string flow_png(const EventSet& set, std::size_t recording, std::span<const float> estimate) {
    const Target target = set.target(recording);
    const MapShape& shape = target.shape;
    float longest = 1e-6f;
    for (std::uint32_t p = 0; p < shape.pixels(); ++p)
        if (target.mask[p] != 0)
            longest = std::max(longest, std::hypot(target.values[2 * p], target.values[2 * p + 1]));
    Picture truth(shape.columns, shape.rows, grey_colour(0.5f)), said(shape.columns, shape.rows),
        error(shape.columns, shape.rows, grey_colour(0.5f));
    for (std::uint32_t p = 0; p < shape.pixels(); ++p) {
        const float x = target.values[2 * p], y = target.values[2 * p + 1];
        said.pixels[p] = flow_colour(estimate[2 * p] / longest, estimate[2 * p + 1] / longest);
        if (target.mask[p] == 0) continue;
        truth.pixels[p] = flow_colour(x / longest, y / longest);
        error.pixels[p] =
            grey_colour(std::hypot(estimate[2 * p] - x, estimate[2 * p + 1] - y) / longest);
    }
    std::vector<Picture> pictures = {events_of(set, recording, shape), std::move(truth),
                                     std::move(said), std::move(error)};
    const std::uint32_t factor = std::max(1u, least_extent / std::max(shape.columns, shape.rows));
    for (Picture& picture : pictures) picture = magnified(picture, factor);
    const Picture row = side_by_side(pictures, 4, gap, grey_colour(1));
    Picture all(std::max(row.columns, wheel_extent + 2 * gap), row.rows + wheel_extent + 2 * gap,
                grey_colour(1));
    auto place = [&](const Picture& part, std::uint32_t column, std::uint32_t line) {
        for (std::uint32_t r = 0; r < part.rows; ++r)
            for (std::uint32_t c = 0; c < part.columns; ++c)
                all.at(column + c, line + r) = part.pixels[std::size_t{r} * part.columns + c];
    };
    place(row, 0, 0);
    place(flow_wheel(wheel_extent), gap, row.rows + gap);
    draw_text(all, 2 * gap + wheel_extent, row.rows + gap, fmt::format("{:.2f}", longest),
              grey_colour(0));
    return png_of(all, flow_palette());
}

}  // namespace synfire::cli
