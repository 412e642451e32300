// What formats of recorded sequences with a true flow have in common: the middle of the sensor is
// the population's map, and a split is the samples of some sequences, kept in the cache.
#pragma once

#include <string>
#include <vector>

#include "cached_set.hpp"
#include "flow/window.hpp"
#include "learning/input.hpp"

namespace synfire {

// "binning".
Field flow_binning_field();

// Throws InputError where the population's map is no part of the sensor.
FlowWindow flow_window(const InputRequest& request, std::uint32_t sensor_rows,
                       std::uint32_t sensor_columns);

// open(name): a sequence, whose size() is a number of samples and whose add_to(set, k) adds sample
// k where it has events.
template <class Open>
void take_sequences(const std::vector<std::string>& names, const SetForm& form,
                    const InputRequest& request, const std::function<void(const EventSet&)>& take,
                    Open&& open) {
    std::uint64_t made = 0;
    for (const std::string& name : names) {
        auto sequence = open(name);
        for (std::size_t k = 0; k < sequence.size() && made < request.limit; ++k) {
            EventSet one = form.empty_set();
            sequence.add_to(one, k);
            made += one.size();
            take(one);
            if (request.progress) request.progress(k + 1, sequence.size());
        }
    }
}

}  // namespace synfire
