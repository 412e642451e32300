#include "pictures/flow_picture.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace synfire {
namespace {

constexpr std::uint32_t hues = 24, strengths = 8, greys = 17;
constexpr std::uint32_t first_flow = greys + 2;
static_assert(first_flow + hues * strengths <= 256);

// Full colour of a hue from 0 to 1: red, yellow, green, cyan, blue, magenta.
Colour of_hue(float hue, float strength) {
    auto part = [&](float shift) {
        const float at = std::fmod(hue * 6 + shift, 6.0f);
        const float full = std::clamp(std::fabs(at - 3) - 1, 0.0f, 1.0f);
        return static_cast<std::uint8_t>(std::lround(255 * (1 - strength * (1 - full))));
    };
    return {part(0), part(4), part(2)};
}

}  // namespace

std::vector<Colour> flow_palette() {
    std::vector<Colour> palette;
    for (std::uint32_t g = 0; g < greys; ++g) {
        const auto level = static_cast<std::uint8_t>(g * 255 / (greys - 1));
        palette.push_back({level, level, level});
    }
    palette.push_back({30, 60, 200});   // ON
    palette.push_back({230, 130, 20});  // OFF
    for (std::uint32_t h = 0; h < hues; ++h)
        for (std::uint32_t s = 0; s < strengths; ++s)
            palette.push_back(of_hue(static_cast<float>(h) / hues,
                                     static_cast<float>(s + 1) / static_cast<float>(strengths)));
    return palette;
}

std::uint8_t grey_colour(float part) {
    return static_cast<std::uint8_t>(
        std::lround(std::clamp(part, 0.0f, 1.0f) * static_cast<float>(greys - 1)));
}
std::uint8_t on_colour() {
    return greys;
}
std::uint8_t off_colour() {
    return greys + 1;
}

std::uint8_t flow_colour(float x, float y) {
    const float length = std::min(1.0f, std::hypot(x, y));
    const auto strength = static_cast<std::uint32_t>(std::lround(length * strengths));
    if (strength == 0) return grey_colour(1);
    const float angle = std::atan2(y, x) / (2 * std::numbers::pi_v<float>);
    const auto hue =
        static_cast<std::uint32_t>(std::lround((angle < 0 ? angle + 1 : angle) * hues));
    return static_cast<std::uint8_t>(first_flow + hue % hues * strengths + strength - 1);
}

Picture flow_wheel(std::uint32_t extent) {
    Picture wheel(extent, extent, grey_colour(1));
    const float middle = static_cast<float>(extent - 1) / 2;
    for (std::uint32_t r = 0; r < extent; ++r)
        for (std::uint32_t c = 0; c < extent; ++c) {
            const float x = (static_cast<float>(c) - middle) / middle,
                        y = (static_cast<float>(r) - middle) / middle;
            if (std::hypot(x, y) <= 1) wheel.at(c, r) = flow_colour(x, y);
        }
    return wheel;
}

}  // namespace synfire
