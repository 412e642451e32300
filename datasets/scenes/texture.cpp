#include "scenes/texture.hpp"

#include <algorithm>

namespace synfire::scenes {

Texture::Texture(Random& random) : values_(std::size_t{period} * period) {
    constexpr std::uint32_t longest = 64, shortest = 4;  // wavelengths, pixels
    for (std::uint32_t wave = longest; wave >= shortest; wave /= 2) {
        const std::uint32_t count = period / wave;
        std::vector<float> lattice(std::size_t{count} * count);
        for (float& node : lattice) node = random.uniform(-1, 1);
        for (std::uint32_t r = 0; r < period; ++r)
            for (std::uint32_t c = 0; c < period; ++c) {
                auto node = [&](std::uint32_t row, std::uint32_t column) {
                    return lattice[row % count * count + column % count];
                };
                auto smooth = [&](std::uint32_t at) {
                    const float part = static_cast<float>(at % wave) / static_cast<float>(wave);
                    return part * part * (3 - 2 * part);
                };
                const float down = smooth(r), right = smooth(c);
                const std::uint32_t row = r / wave, column = c / wave;
                const float above = node(row, column) * (1 - right) + node(row, column + 1) * right;
                const float below =
                    node(row + 1, column) * (1 - right) + node(row + 1, column + 1) * right;
                values_[r * period + c] += above * (1 - down) + below * down;
            }
    }
    double square = 0;
    for (const float v : values_) square += double{v} * v;
    const auto scale = static_cast<float>(
        0.22 / std::sqrt(std::max(square / static_cast<double>(values_.size()), 1e-12)));
    for (float& v : values_) v = std::clamp(0.5f + scale * v, 0.02f, 1.0f);
}

}  // namespace synfire::scenes
