// A rule that goes on using a row that it has handed over.
#include <synfire/rule.hpp>

namespace sdk = synfire::sdk;

class StaleRow {
  public:
    static constexpr auto id = "stale_row";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc = "For tests.";
    static constexpr std::array<sdk::Parameter, 0> parameters{};
    static constexpr std::array<sdk::Variable, 0> variables{};
    StaleRow(const sdk::Values&, const synfire_rule_site& site) : post_(site.post_count) {}
    void on_tick(sdk::RuleState state, const synfire_rule_tick& tick) const {
        float* const row = state.new_row();
        for (std::uint32_t i = 0; i < post_; ++i) row[i] = 1;
        state.add_row(tick.arrivals, tick.arrival_count, row);
        state.add_bias(row);
    }
    void on_window_end(sdk::RuleState) const {}

  private:
    std::uint32_t post_;
};
SYNFIRE_RULE_PLUGIN(StaleRow)
