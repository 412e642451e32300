// A rule that makes weights outside the range that it names.
#include <synfire/rule.hpp>

namespace sdk = synfire::sdk;

class LeavesRange {
  public:
    static constexpr auto id = "leaves_range";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc = "For tests.";
    static constexpr std::array<sdk::Parameter, 0> parameters{};
    static constexpr std::array<sdk::Variable, 0> variables{};
    LeavesRange(const sdk::Values&, const synfire_rule_site&) {}
    sdk::WeightRange weight_range() const { return {0, 1}; }
    std::uint32_t memory() const { return 1; }
    void row(synfire_plastic_row& given) const {
        const sdk::SynapseRow row(given);
        for (std::uint32_t k = 0; row.spike() && k < row.count(); ++k) row.weight(k) += 0.1f;
    }
};
SYNFIRE_RULE_PLUGIN(LeavesRange)
