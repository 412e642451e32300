// contrast: how well a flow brings the events of moving edges together, without any true flow or
// picture (Hagenaars, Paredes-Valles and de Croon, NeurIPS 2021, "Self-supervised learning of
// event-based optical flow with spiking neural networks", eqs. 4 to 7; Zhu et al. 2019).
//
// Each event, at place x, moment t from 0 to 1 of the sample and polarity, is carried to a moment s
// by the flow f of its pixel, x' = x + (s - t) f(x), and stands there by bilinear weights k:
//
//   T_p(x) = sum k t' / (sum k + 1e-9)              of the events of polarity p
//   L(s)   = sum over x of (T_+^2 + T_-^2) / (pixels to which any event came)
//   loss   = L(1), with t' = t, + L(0), with t' = 1 - t, + smoothness S
//   S      = mean of sqrt((f_a - f_b)^2 + 1e-6) over neighbours, both components
//
// The number of pixels is taken for a constant by the error.
#include <array>
#include <vector>

#include "../flow.hpp"

namespace {

namespace sdk = synfire::sdk;
namespace flow = synfire::flow_losses;

class Contrast {
  public:
    static constexpr auto id = "contrast";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc =
        "Contrast maximisation: how far the moments of events that a flow brings together differ, "
        "and the flow's roughness; neither a true flow nor pictures are asked for.";
    static constexpr sdk::Parameter parameters[] = {
        flow::of_parameter(),
        sdk::real("smoothness", "", 0.001, sdk::at_least(0), "weight of the flow's roughness"),
    };
    static constexpr bool of_values = true, takes_events = true;

    Contrast(const sdk::Values& values, const synfire_loss_site& site)
        : map_(site),
          channels_(site.input_channels),
          of_mean_(values.chosen("of") == "mean"),
          smoothness_(values["smoothness"]) {
        if (channels_ == 0)
            throw std::invalid_argument("events have places where the input has a shape");
    }

    sdk::LossScope scope() const {
        return of_mean_ ? sdk::LossScope::of_sum : sdk::LossScope::each_tick;
    }
    double loss(const sdk::LossWindow& at) const {
        const flow::Flow estimate(at, of_mean_);
        return focus(at, estimate, false) + focus(at, estimate, true) + rough(estimate);
    }

  private:
    // An event that has been carried: the pixel up and left of it, how far it is from there, its
    // age, and by how much it moves with its flow.
    struct Carried {
        std::uint32_t pixel, corner, polarity;
        float right, down, age, along;
    };
    // The corners of a cell: right, down.
    static constexpr std::array<std::array<std::uint32_t, 2>, 4> corners{
        {{0, 0}, {1, 0}, {0, 1}, {1, 1}}};

    static float weight(std::uint32_t far, float part) { return far ? part : 1 - part; }

    double focus(const sdk::LossWindow& at, const flow::Flow& estimate, bool to_start) const {
        const std::uint32_t pixels = map_.pixels();
        std::vector<float> ages(2 * pixels), weights(2 * pixels);  // by polarity
        std::vector<Carried> carried;
        for (std::uint32_t k = 0; k < at.event_count(); ++k) {
            const auto [neuron, tick] = at.event(k);
            const std::uint32_t pixel = neuron / channels_;
            const float t =
                (static_cast<float>(tick) + 0.5f) / static_cast<float>(at.sample_ticks());
            const float along = (to_start ? 0.0f : 1.0f) - t;
            const float x =
                static_cast<float>(pixel % map_.columns) + along * estimate.along_columns(pixel);
            const float y =
                static_cast<float>(pixel / map_.columns) + along * estimate.along_rows(pixel);
            const auto cell = map_.cell(x, y);
            if (!cell) continue;
            const Carried event{
                pixel,       cell->corner, channels_ > 1 ? neuron % channels_ % 2 : 0,
                cell->right, cell->down,   to_start ? 1 - t : t,
                along};
            for (const auto& [right, down] : corners) {
                const std::uint32_t place =
                    event.polarity * pixels + event.corner + down * map_.columns + right;
                const float part = weight(right, event.right) * weight(down, event.down);
                ages[place] += part * event.age;
                weights[place] += part;
            }
            carried.push_back(event);
        }
        double sum = 0;
        std::uint32_t met = 0;
        for (std::uint32_t p = 0; p < pixels; ++p) {
            met += weights[p] > 0 || weights[pixels + p] > 0;
            for (const std::uint32_t place : {p, pixels + p}) {
                ages[place] /= weights[place] + 1e-9f;  // a mean from here on
                sum += double{ages[place]} * ages[place];
            }
        }
        if (met == 0) return 0;
        for (const Carried& event : carried) {
            float to_columns = 0, to_rows = 0;
            for (const auto& [right, down] : corners) {
                const std::uint32_t place =
                    event.polarity * pixels + event.corner + down * map_.columns + right;
                // Of the loss to this event's weight there.
                const float slope = 2 * ages[place] * (event.age - ages[place]) /
                                    ((weights[place] + 1e-9f) * static_cast<float>(met));
                to_columns += slope * (right ? 1.0f : -1.0f) * weight(down, event.down);
                to_rows += slope * (down ? 1.0f : -1.0f) * weight(right, event.right);
            }
            estimate.add(event.pixel, event.along * to_columns, event.along * to_rows);
        }
        return sum / met;
    }

    double rough(const flow::Flow& estimate) const {
        std::uint32_t count = 0;
        flow::for_each_two(map_, [&](std::uint32_t, std::uint32_t) { count += 2; });
        if (count == 0 || smoothness_ == 0) return 0;
        const auto part = static_cast<float>(smoothness_ / count);
        double sum = 0;
        flow::for_each_two(map_, [&](std::uint32_t a, std::uint32_t b) {
            for (std::uint32_t k = 0; k < 2; ++k) {
                const float step = estimate.component(a, k) - estimate.component(b, k);
                const float length = std::sqrt(step * step + 1e-6f);
                sum += length;
                estimate.add_component(a, k, part * step / length);
                estimate.add_component(b, k, -part * step / length);
            }
        });
        return smoothness_ * sum / count;
    }

    flow::Map map_;
    std::uint32_t channels_;
    bool of_mean_;
    double smoothness_;
};

}  // namespace

SYNFIRE_LOSS_PLUGIN(Contrast)
