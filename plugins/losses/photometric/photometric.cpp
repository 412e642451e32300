// photometric: how well a flow carries a grey picture to the next one, and how smooth it is,
// without any true flow (Spike-FlowNet: Lee, Kosta, Zhu, Chaney, Daniilidis and Roy, ECCV 2020,
// after Zhu et al. 2018, "EV-FlowNet").
//
//   loss = 1 / N sum over pixels p of (d_p^2 + epsilon^2)^alpha + smoothness S
//   d_p  = I_after(p + f_p) - I_before(p)       by bilinear interpolation
//   S    = mean of |f_a - 2 f_b + f_c| over three pixels in a row or in a column, both components
//
// N: pixels that the flow leaves on the picture and that the target's mask does not leave out.
#include <synfire/math.hpp>

#include "../flow.hpp"

namespace {

namespace sdk = synfire::sdk;
namespace flow = synfire::flow_losses;

class Photometric {
  public:
    static constexpr auto id = "photometric";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc =
        "What is left between a grey picture and the one before carried along by a flow, and the "
        "flow's roughness; no true flow is asked for.";
    static constexpr sdk::Parameter parameters[] = {
        flow::of_parameter(),
        sdk::real("alpha", "", 0.45, sdk::between(0.1, 1), "exponent of Charbonnier's penalty"),
        sdk::real("epsilon", "", 0.001, sdk::above(0), "what it rounds off, in grey values"),
        sdk::real("smoothness", "", 10, sdk::at_least(0), "weight of the flow's roughness"),
    };
    static constexpr bool of_values = true, takes_frames = true;

    Photometric(const sdk::Values& values, const synfire_loss_site& site)
        : map_(site),
          of_mean_(values.chosen("of") == "mean"),
          alpha_(values["alpha"]),
          epsilon_(values["epsilon"]),
          smoothness_(values["smoothness"]) {}

    sdk::LossScope scope() const {
        return of_mean_ ? sdk::LossScope::of_sum : sdk::LossScope::each_tick;
    }
    double loss(const sdk::LossWindow& at) const {
        const flow::Flow estimate(at, of_mean_);
        return carried(at, estimate) + rough(estimate);
    }

  private:
    // The value at a place of the second picture, and its slopes.
    struct Sample {
        bool on_picture;
        float value, along_columns, along_rows;
    };
    Sample sample(const sdk::LossWindow& at, float x, float y) const {
        const auto cell = map_.cell(x, y);
        if (!cell) return {};
        const auto [corner, right, down] = *cell;
        const float a = at.after(corner), b = at.after(corner + 1),
                    c = at.after(corner + map_.columns), d = at.after(corner + map_.columns + 1);
        const float above = a + right * (b - a), below = c + right * (d - c);
        return {true, above + down * (below - above), (1 - down) * (b - a) + down * (d - c),
                below - above};
    }

    double carried(const sdk::LossWindow& at, const flow::Flow& estimate) const {
        auto sample_of = [&](std::uint32_t p) {
            return sample(at, static_cast<float>(p % map_.columns) + estimate.along_columns(p),
                          static_cast<float>(p / map_.columns) + estimate.along_rows(p));
        };
        std::uint32_t count = 0;
        for (std::uint32_t p = 0; p < map_.pixels(); ++p)
            count += at.counts(p) && sample_of(p).on_picture;
        if (count == 0) return 0;
        double sum = 0;
        for (std::uint32_t p = 0; p < map_.pixels(); ++p) {
            const Sample there = sample_of(p);
            if (!at.counts(p) || !there.on_picture) continue;
            const double d = double{there.value} - at.before(p);
            const double square = d * d + epsilon_ * epsilon_;
            const double penalty = synfire::math::exp(alpha_ * synfire::math::log(square));
            sum += penalty;
            const auto slope = static_cast<float>(2 * alpha_ * d * penalty / square / count);
            estimate.add(p, slope * there.along_columns, slope * there.along_rows);
        }
        return sum / count;
    }

    double rough(const flow::Flow& estimate) const {
        std::uint32_t count = 0;
        flow::for_each_three(map_,
                             [&](std::uint32_t, std::uint32_t, std::uint32_t) { count += 2; });
        if (count == 0 || smoothness_ == 0) return 0;
        const auto part = static_cast<float>(smoothness_ / count);
        double sum = 0;
        flow::for_each_three(map_, [&](std::uint32_t a, std::uint32_t b, std::uint32_t c) {
            for (std::uint32_t k = 0; k < 2; ++k) {
                const float bend = estimate.component(a, k) - 2 * estimate.component(b, k) +
                                   estimate.component(c, k);
                sum += std::fabs(bend);
                const float slope = bend > 0 ? part : bend < 0 ? -part : 0;
                estimate.add_component(a, k, slope);
                estimate.add_component(b, k, -2 * slope);
                estimate.add_component(c, k, slope);
            }
        });
        return smoothness_ * sum / count;
    }

    flow::Map map_;
    bool of_mean_;
    double alpha_, epsilon_, smoothness_;
};

}  // namespace

SYNFIRE_LOSS_PLUGIN(Photometric)
