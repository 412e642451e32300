// A rule that counts how often a row is brought up to date, rather than what has happened.
#include <synfire/rule.hpp>

namespace sdk = synfire::sdk;

class MissesSilence {
  public:
    static constexpr auto id = "misses_silence";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc = "For tests.";
    static constexpr std::array<sdk::Parameter, 0> parameters{};
    static constexpr std::array<sdk::Variable, 0> variables{};
    MissesSilence(const sdk::Values&, const synfire_rule_site&) {}
    std::uint32_t memory() const { return 1; }
    void row(synfire_plastic_row& given) const {
        const sdk::SynapseRow row(given);
        for (std::uint32_t k = 0; k < row.count(); ++k) row.weight(k) *= 0.99f;
    }
};
SYNFIRE_RULE_PLUGIN(MissesSilence)
