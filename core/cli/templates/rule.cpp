// @ID@: the simplest rule that learns: signal times Psi for each spike of the tick. Say here what
// yours is: its equations, and where they are from.
//
//   gradient_ij = scale  sum over t of signal_i[t] Psi_i[t] x_j[t]
#include <synfire/rule.hpp>

namespace {

namespace sdk = synfire::sdk;

class @CLASS@ {
  public:
    // What an experiment says: "rule": "@ID@". Results record the version; raise it when they
    // change.
    static constexpr auto id = "@ID@";
    static constexpr auto version = "0.1.0";
    static constexpr auto doc = "Gradient of each tick by itself.";

    // Name, unit, default, allowed range, one line: the JSON schema, error messages and
    // `synfire plugins` are made of these.
    static constexpr sdk::Parameter parameters[] = {
        sdk::real("scale", "", 1, sdk::any(), "of the gradient")};
    // A rule's own state, which the host owns and resets with each sample: columns over source
    // neurons (SYNFIRE_PER_PRE), over target neurons (SYNFIRE_PER_POST), or single values.
    static constexpr sdk::Variable variables[] = {
        sdk::column<float>(SYNFIRE_PER_PROJECTION, "ticks", 0, "that taught")};
    // What it does for a source depends on that source's spikes, Psi and the signal alone: all
    // dense projections onto a population are then one site.
    static constexpr bool joins = true;

    // Made once for a site, and never changed after. Whatever is wrong with a combination of
    // parameters: throw std::invalid_argument, and the user reads your words.
    @CLASS@(const sdk::Values& values, const synfire_rule_site& site)
        : post_(site.post_count), scale_(values.real("scale")) {}

    // One tick, after all neurons have been advanced: the sources whose spikes arrive, Psi of the
    // targets (null in front of a readout, where it is 1), and the learning signal (null outside
    // the learning window).
    void on_tick(sdk::RuleState state, const synfire_rule_tick& tick) const {
        if (!tick.signal) return;
        *state.column<float>(0) += 1;
        // A row over the targets, to be filled; add_row ends its life.
        float* row = state.new_row();
        for (std::uint32_t i = 0; i < post_; ++i)
            row[i] = scale_ * tick.signal[i] * (tick.psi ? tick.psi[i] : 1.0f);
        state.add_bias(row);
        state.add_row(tick.arrivals, tick.arrival_count, row);
    }
    // After a sample's last tick: what is still held back is to be written now.
    void on_window_end(sdk::RuleState) const {}

  private:
    std::uint32_t post_;
    float scale_;
};

}  // namespace

SYNFIRE_RULE_PLUGIN(@CLASS@)
