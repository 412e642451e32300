// endpoint_error: the distance, in pixels, between a flow and the true one (AEE: average endpoint
// error), over the pixels that the target's mask has.
//
//   loss = 1 / N sum over pixels of |f - g|,   error = (f - g) / (N |f - g|)
//
// f: the flow, along columns and rows; g: the target's; N: pixels that count. Without one, the loss
// is 0.
#include "../flow.hpp"

namespace {

namespace sdk = synfire::sdk;
namespace flow = synfire::flow_losses;

class EndpointError {
  public:
    static constexpr auto id = "endpoint_error";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc =
        "Average endpoint error (AEE) of a flow, in pixels, where the target's mask is not 0.";
    static constexpr sdk::Parameter parameters[] = {flow::of_parameter()};
    static constexpr bool of_values = true, takes_values = true;

    EndpointError(const sdk::Values& values, const synfire_loss_site& site)
        : map_(site), of_mean_(values.chosen("of") == "mean") {}

    sdk::LossScope scope() const {
        return of_mean_ ? sdk::LossScope::of_sum : sdk::LossScope::each_tick;
    }
    double loss(const sdk::LossWindow& at) const {
        const flow::Flow estimate(at, of_mean_);
        float count = 0;
        for (std::uint32_t p = 0; p < map_.pixels(); ++p) count += at.counts(p) ? 1.0f : 0.0f;
        if (count == 0) return 0;
        double sum = 0;
        for (std::uint32_t p = 0; p < map_.pixels(); ++p) {
            if (!at.counts(p)) continue;
            const float x = estimate.along_columns(p) - at.target(0)[2 * p];
            const float y = estimate.along_rows(p) - at.target(0)[2 * p + 1];
            const float distance = std::sqrt(x * x + y * y);
            sum += distance;
            if (distance > 0) estimate.add(p, x / (count * distance), y / (count * distance));
        }
        return sum / double{count};
    }

  private:
    flow::Map map_;
    bool of_mean_;
};

}  // namespace

SYNFIRE_LOSS_PLUGIN(EndpointError)
