// bptt: back-propagation through time with surrogate gradients (Neftci et al., 2019). The host
// keeps the tape and carries derivatives back through neurons and synapses; what is left for the
// rule is
//
//   gradient_ij = sum over t of delta_i[t] x_j[t]        bias_i = sum over t of delta_i[t]
//
// with delta the derivative of the loss to the input of neuron i. Ticks arrive from the last to the
// first; the rows of a chunk of them are held and added at once, each row of the gradient loaded
// and stored once a chunk.
#include <algorithm>
#include <synfire/rule.hpp>

namespace {

namespace sdk = synfire::sdk;

class Bptt {
    enum Column { spikes, held, rows };
    static constexpr std::int32_t chunk_parameter = 1;

  public:
    static constexpr auto id = "bptt";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc = "Back-propagation through time with surrogate gradients.";
    static constexpr sdk::Parameter parameters[] = {
        sdk::integer("truncation_ticks", "ticks", 0, sdk::between(0, 4294967295.0),
                     "longest stretch that gradients go back through; 0: the whole sample"),
        sdk::integer("chunk_ticks", "ticks", 16, sdk::between(1, 32),
                     "ticks whose contributions are added at once: memory against speed"),
    };
    static constexpr sdk::Variable variables[] = {
        sdk::column<std::uint32_t>(SYNFIRE_PER_PRE, "spikes", 0,
                                   "spikes of the chunk, a bit a tick"),
        sdk::column<std::uint32_t>(SYNFIRE_PER_PROJECTION, "held", 0, "ticks held in the chunk"),
        sdk::column<float>(SYNFIRE_PER_POST, "rows", 0, "delta of each tick held", chunk_parameter),
    };

    Bptt(const sdk::Values& values, const synfire_rule_site& site)
        : pre_(site.pre_count),
          post_(site.post_count),
          stride_(sdk::padded(site.post_count)),
          truncation_(values.integer("truncation_ticks")),
          chunk_(values.integer("chunk_ticks")) {}

    std::uint32_t horizon() const { return truncation_; }

    void on_tick(sdk::RuleState state, const synfire_rule_tick& tick) const {
        state.add_bias(tick.signal);
        if (tick.arrival_count == 0) return;
        std::uint32_t& held = *state.column<std::uint32_t>(Column::held);
        auto* mask = state.column<std::uint32_t>(spikes);
        for (std::uint32_t k = 0; k < tick.arrival_count; ++k) mask[tick.arrivals[k]] |= 1u << held;
        std::copy_n(tick.signal, post_, state.column<float>(rows) + held * stride_);
        if (++held == chunk_) write_chunk(state);
    }
    void on_window_end(sdk::RuleState state) const {
        if (*state.column<std::uint32_t>(held) > 0) write_chunk(state);
    }

  private:
    void write_chunk(sdk::RuleState state) const {
        auto* mask = state.column<std::uint32_t>(spikes);
        state.add_rows(mask, state.column<float>(rows), stride_);
        std::fill_n(mask, pre_, 0u);
        *state.column<std::uint32_t>(held) = 0;
    }

    std::uint32_t pre_, post_;
    std::size_t stride_;
    std::uint32_t truncation_, chunk_;
};

}  // namespace

SYNFIRE_RULE_PLUGIN(Bptt)
