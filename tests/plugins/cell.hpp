// One neuron of a shipped plugin, stepped by hand.
#pragma once

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "engine/state.hpp"
#include "plugins/instance.hpp"
#include "support/environment.hpp"

namespace synfire::testing {

using Parameters = std::map<std::string, double>;

// A value for each parameter; those that are not given have their defaults.
inline std::vector<double> values_of(const synfire_description& description, Parameters given) {
    std::vector<double> values;
    for (std::uint32_t p = 0; p < description.parameter_count; ++p) {
        const synfire_parameter& parameter = description.parameters[p];
        const auto found = given.find(parameter.name);
        values.push_back(found == given.end() ? parameter.default_value : found->second);
        if (found != given.end()) given.erase(found);
    }
    if (!given.empty()) throw std::logic_error("no parameter " + given.begin()->first);
    return values;
}

// A choice's number.
inline double choice(const synfire_description& description, std::string_view parameter,
                     std::string_view word) {
    for (std::uint32_t p = 0; p < description.parameter_count; ++p)
        for (std::uint32_t c = 0; c < description.parameters[p].choice_count; ++c)
            if (parameter == description.parameters[p].name &&
                word == description.parameters[p].choices[c])
                return c;
    throw std::logic_error("no such choice: " + std::string(word));
}

class Cell {
  public:
    using Parameters = testing::Parameters;

    // Parameters that are not given have their defaults.
    Cell(const std::string& neuron, const Parameters& given, double dt_ms)
        : model_(*plugins().neuron(neuron)),
          values_(values_of(*model_.table->description, given)),
          instance_(model_.table, values_, dt_ms),
          state_(*model_.table->description, values_, {.neurons = 1}) {
        state_.reset();
    }

    // One tick; inhibitory: what came through negative weights, where the model tells it apart.
    bool step(double input = 0, double inhibitory = 0) {
        if (!model_.input_is_signed()) input += inhibitory;
        const auto single = static_cast<float>(input);
        std::uint32_t spike = 0;
        synfire_neuron_slice slice{sizeof slice, 1,      tick_++,    nullptr, state_.columns(),
                                   &single,      &psi_,  &spike,     0,       0,
                                   seed,         &input, &inhibitory};
        instance_.advance(slice);
        return slice.spike_count > 0;
    }
    float psi() const { return psi_; }  // of the last tick
    double operator[](std::string_view variable) const {
        return state_.value(
            static_cast<std::size_t>(find_variable(*model_.table->description, variable)), 0);
    }

    static constexpr std::uint64_t seed = 3;

  private:
    const NeuronModel& model_;
    std::vector<double> values_;
    NeuronInstance instance_;
    StateColumns state_;
    std::int64_t tick_ = 0;
    float psi_ = 0;
};

}  // namespace synfire::testing
