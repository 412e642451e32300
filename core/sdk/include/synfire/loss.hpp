// Writing a loss: a class that says how far a readout's output is from what it should be, and the
// derivative.
//
//   class Halfway {
//    public:
//       static constexpr auto id = "halfway";  // and version, doc, parameters, as for neurons
//       static constexpr bool of_spikes = true;  // which readouts it can judge: those that
//       static constexpr bool of_values = true;  // spike, and those that never do; one at least
//       static constexpr bool takes_class = true;   // which targets: the number of an output,
//       static constexpr bool takes_values = true;  // and a value an output and tick; one at least
//       Halfway(const synfire::sdk::Values& values, const synfire_loss_site& site);
//       synfire::sdk::LossScope scope() const;  // what it looks at
//       // The loss; fills window.error(row).
//       double loss(const synfire::sdk::LossWindow& window) const;
//   };
//   SYNFIRE_LOSS_PLUGIN(Halfway)
//
// Learning follows the error alone; the loss is what curves and summaries show. What is no number
// for outputs that are finite ends the run with a word about the plugin.
#pragma once

#include <cstdint>

#include "plugin.hpp"

namespace synfire::sdk {

// Each tick by itself, the outputs summed over the window, or the whole window.
enum class LossScope : std::uint32_t {
    each_tick = SYNFIRE_LOSS_EACH_TICK,
    of_sum = SYNFIRE_LOSS_OF_SUM,
    of_window = SYNFIRE_LOSS_OF_WINDOW
};

// synfire_loss_window, row by row.
class LossWindow {
  public:
    explicit LossWindow(const synfire_loss_window& window) : window_(window) {}

    std::uint32_t outputs() const { return window_.outputs; }
    // One a tick; of_sum: one, whatever the number of ticks.
    std::uint32_t rows() const { return window_.rows; }
    std::uint32_t ticks() const { return window_.ticks; }
    const float* output(std::uint32_t row) const { return window_.output + row * window_.stride; }
    float* error(std::uint32_t row) const { return window_.error + row * window_.stride; }
    // Whether the target is an output's number, and which.
    bool has_class() const { return !window_.target; }
    std::uint32_t label() const { return window_.label; }
    // Of a target of values, one an output.
    const float* target(std::uint32_t row) const {
        return window_.target + row * window_.target_stride;
    }
    // Whether the target's values count at a pixel.
    bool counts(std::uint32_t pixel) const { return !window_.mask || window_.mask[pixel] != 0; }
    // The grey picture before and after at a pixel; and whether there are any.
    bool has_frames() const { return window_.frames; }
    float before(std::uint32_t pixel) const { return window_.frames[2 * pixel]; }
    float after(std::uint32_t pixel) const { return window_.frames[2 * pixel + 1]; }
    // The sample's events, by tick.
    struct Event {
        std::uint32_t neuron, tick;  // of the input; from 0 on
    };
    std::uint32_t event_count() const { return window_.event_count; }
    Event event(std::uint32_t k) const {
        return {window_.event_neurons[k], window_.event_ticks[k]};
    }
    std::uint32_t sample_ticks() const { return window_.sample_ticks; }
    // What output k should be: a value or, of a class, `right` or `wrong`.
    float target(std::uint32_t row, std::uint32_t k, float right, float wrong) const {
        if (!has_class()) return target(row)[k];
        return k == label() ? right : wrong;
    }

  private:
    const synfire_loss_window& window_;
};

namespace detail {

template <class Model>
struct LossAdapter {
    static synfire_status create(const synfire_host* host, const double* values,
                                 const synfire_loss_site* site, void** instance) noexcept {
        return guarded(host, [&] {
            *instance = new Instance<Model>{host, Model(Values(Model::parameters, values), *site)};
        });
    }
    static std::uint32_t scope(const void* instance) noexcept {
        return static_cast<std::uint32_t>(
            static_cast<const Instance<Model>*>(instance)->model.scope());
    }
    static synfire_status evaluate(const void* instance, synfire_loss_window* window) noexcept {
        const auto& self = *static_cast<const Instance<Model>*>(instance);
        return guarded(self.host, [&] { window->loss = self.model.loss(LossWindow(*window)); });
    }
};

// A loss keeps nothing, so it has no variables.
template <class Model>
inline constexpr synfire_description loss_description = {
    sizeof(synfire_description),
    static_cast<std::uint32_t>(std::size(Model::parameters)),
    0,
    0,
    Model::id,
    Model::version,
    Model::doc,
    std::data(Model::parameters),
    nullptr};

template <class Model>
constexpr synfire_loss make_loss_table() {
    synfire_loss table{};
    table.size = sizeof(synfire_loss);
    if constexpr (requires { requires Model::of_values; }) table.flags |= SYNFIRE_LOSS_OF_VALUES;
    if constexpr (requires { requires Model::of_spikes; }) table.flags |= SYNFIRE_LOSS_OF_SPIKES;
    if constexpr (requires { requires Model::takes_class; })
        table.flags |= SYNFIRE_LOSS_TAKES_CLASS;
    if constexpr (requires { requires Model::takes_values; })
        table.flags |= SYNFIRE_LOSS_TAKES_VALUES;
    if constexpr (requires { requires Model::takes_frames; })
        table.flags |= SYNFIRE_LOSS_TAKES_FRAMES;
    if constexpr (requires { requires Model::takes_events; })
        table.flags |= SYNFIRE_LOSS_TAKES_EVENTS;
    table.description = &loss_description<Model>;
    table.create = &LossAdapter<Model>::create;
    table.destroy = &destroy<Model>;
    table.scope = &LossAdapter<Model>::scope;
    table.evaluate = &LossAdapter<Model>::evaluate;
    return table;
}

}  // namespace detail

template <class Model>
inline constexpr synfire_loss loss_table = detail::make_loss_table<Model>();

// The losses of a library, for SYNFIRE_PLUGIN.
template <class... Models>
struct Losses {
    static constexpr const synfire_loss* tables[] = {&loss_table<Models>...};
    static constexpr void add_to(synfire_plugin& plugin) {
        if (plugin.losses) throw std::logic_error("one list of losses is enough");
        plugin.loss_count = sizeof...(Models);
        plugin.losses = tables;
    }
};

}  // namespace synfire::sdk
