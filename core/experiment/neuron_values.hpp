// A parameter, or an initial value of a state variable, that differs from neuron to neuron of a
// population: given one by one, or drawn from a distribution.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/problem.hpp"
#include "base/random.hpp"
#include "json/json_part.hpp"

namespace synfire {

struct Form;

struct NeuronValues {
    std::uint32_t index = 0;     // of the parameter or the variable
    std::vector<double> listed;  // one a neuron; or empty, and they are drawn:
    JsonPart distribution;

    // The values of so many neurons. Throws InputError, without a pointer, where no value between
    // the distribution's bounds can be drawn.
    std::vector<double> values(std::uint32_t count, Random random) const;
};

// What may stand in place of a number: a distribution, or a file's column.
std::shared_ptr<const Form> neuron_values_form();

// Reads what the form, or a list of numbers, has been completed as. Adds what is wrong beyond that:
// a list or column of another length than `count`, numbers that are not `whole` where they have to
// be, a distribution without values. Nothing where it is a single number.
std::optional<NeuronValues> read_neuron_values(const nlohmann::json& completed, std::uint32_t index,
                                               std::uint32_t count, bool whole,
                                               const std::string& pointer, Problems& problems);

}  // namespace synfire
