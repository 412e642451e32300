// A loss whose error is half of what its loss says.
#include <synfire/loss.hpp>

namespace sdk = synfire::sdk;

class WrongError {
  public:
    static constexpr auto id = "wrong_error";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc = "For tests.";
    static constexpr std::array<sdk::Parameter, 0> parameters{};
    static constexpr bool of_values = true, takes_values = true;
    WrongError(const sdk::Values&, const synfire_loss_site&) {}
    sdk::LossScope scope() const { return sdk::LossScope::each_tick; }
    double loss(const sdk::LossWindow& window) const {
        double sum = 0;
        for (std::uint32_t k = 0; k < window.outputs(); ++k) {
            const float away = window.output(0)[k] - window.target(0)[k];
            sum += away * away;
            window.error(0)[k] = away;
        }
        return sum;
    }
};
SYNFIRE_LOSS_PLUGIN(WrongError)
