// Psi, the secondary activation (surrogate gradient): what stands for the derivative of a spike, as
// a function of the membrane potential minus the threshold, v, before the reset. The shapes are
// small structs for loops that the compiler vectorises.
//
// A neuron that lets its users choose takes the parameters psi_parameters(...), keeps
// psi_of(values), and hands it out as psi() (neuron.hpp).
#pragma once

#include <array>
#include <cmath>
#include <stdexcept>
#include <string>
#include <variant>

#include "math.hpp"
#include "plugin.hpp"
#include "simd.hpp"

namespace synfire::sdk {

// 1 / (slope |v| + 1)^2 (Zenke and Ganguli, Neural Computation 30, 2018)
struct FastSigmoid {
    float slope;
    SYNFIRE_INLINE float operator()(float v) const {
        const float x = slope * std::fabs(v) + 1.0f;
        return 1.0f / (x * x);
    }
};

// height max(0, 1 - |v| / width) (Bellec et al., NeurIPS 2018)
struct Triangular {
    float height, per_width;
    SYNFIRE_INLINE float operator()(float v) const {
        const float distance = std::fabs(v) * per_width;
        return height * (distance < 1.0f ? 1.0f - distance : 0.0f);
    }
};

// slope s (1 - s), s = 1 / (1 + e^-(slope v)): the slope of a logistic function
struct Sigmoid {
    float slope;
    SYNFIRE_INLINE float operator()(float v) const {
        const float s = math::sigmoid(slope * v);
        return slope * s * (1.0f - s);
    }
};

// height where |v| < width, else 0
struct Boxcar {
    float height, width;
    SYNFIRE_INLINE float operator()(float v) const { return std::fabs(v) < width ? height : 0.0f; }
};

using Psi = std::variant<FastSigmoid, Triangular, Sigmoid, Boxcar>;

// A v at which every Psi is 0: that of a neuron that is held refractory.
inline constexpr float far_from_threshold = 1e30f;

// Choices of the parameter psi: shapes, and the settings of S-TLLR's authors as a word each, for
// potentials without a unit.
inline constexpr const char* psi_shapes[] = {"fast_sigmoid", "triangular", "sigmoid", "boxcar"};
inline constexpr const char* psi_settings_and_shapes[] = {
    "fast_sigmoid_100", "triangular_0.3", "sigmoid_4", "fast_sigmoid",
    "triangular",       "sigmoid",        "boxcar"};

// psi, with that default, and its constants; unit: of potentials, and one over it.
template <std::size_t N>
constexpr std::array<Parameter, 4> psi_parameters(const char* const (&choices)[N],
                                                  std::string_view chosen, const char* unit,
                                                  const char* per_unit, double slope, double width,
                                                  double height) {
    std::size_t index = 0;
    while (choices[index] != chosen) ++index;
    return {choice("psi", choices, static_cast<double>(index),
                   "secondary activation (surrogate gradient) by the distance from threshold"),
            sdk::real("psi_slope", per_unit, slope, above(0), "of 'fast_sigmoid' and 'sigmoid'"),
            sdk::real("psi_width", unit, width, above(0),
                      "of 'triangular' and 'boxcar': Psi is 0 so far from threshold"),
            sdk::real("psi_height", per_unit, height, above(0),
                      "of 'triangular' and 'boxcar': Psi at the threshold")};
}

// The chosen shape with its constants. Constants of other shapes have to have their defaults.
inline Psi psi_of(const Values& values) {
    const std::string_view chosen = values.chosen("psi");
    auto unused = [&](const char* name) {
        if (!values.is_default(name))
            throw std::invalid_argument(std::string(name) + " has no effect where psi is '" +
                                        std::string(chosen) + "'; leave it out");
    };
    const bool slopes = chosen == "fast_sigmoid" || chosen == "sigmoid";
    const bool ends = chosen == "triangular" || chosen == "boxcar";
    if (!slopes) unused("psi_slope");
    if (!ends) unused("psi_width"), unused("psi_height");
    const float slope = values.real("psi_slope"), height = values.real("psi_height");
    if (chosen == "fast_sigmoid_100") return FastSigmoid{100};
    if (chosen == "triangular_0.3") return Triangular{0.3f, 1};
    if (chosen == "sigmoid_4") return Sigmoid{4};
    if (chosen == "fast_sigmoid") return FastSigmoid{slope};
    if (chosen == "sigmoid") return Sigmoid{slope};
    if (chosen == "boxcar") return Boxcar{height, values.real("psi_width")};
    const auto per_width = static_cast<float>(1 / values["psi_width"]);
    finite("1 / psi_width", static_cast<double>(per_width));
    return Triangular{height, per_width};
}

}  // namespace synfire::sdk
