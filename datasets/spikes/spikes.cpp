#include "spikes/spikes.hpp"

#include <fmt/format.h>

#include "network/spike_schedule.hpp"

namespace synfire {
namespace {

InputData load(const InputRequest& request) {
    EventSet set;
    set.units = request.units;
    set.ticks = request.ticks;
    std::vector<std::uint32_t> keys;
    Problems problems;
    const auto& events = request.json->at("events");
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (const auto event = event_of(events[i], request.ticks, request.units))
            keys.push_back(static_cast<std::uint32_t>(event->tick) * request.units + event->neuron);
        else
            problems.push_back(
                {fmt::format("/input/events/{}", i),
                 fmt::format("{} is no event; expected [tick, unit] with a tick of 0 "
                             "to {} and a unit of 0 to {}.",
                             events[i].dump(), request.ticks - 1, request.units - 1),
                 "", 0});
    }
    if (!problems.empty()) throw InputError(problems);
    set.add(keys, request.json->at("label").get<std::uint32_t>());
    return {set, set};
}

}  // namespace

InputFormat spikes_format() {
    return {"spikes",
            "events listed in the experiment: one recording",
            {list("events", Field{}, "[tick, unit] of every spike").must(),
             integer("label", "class of the recording").otherwise(0).between(0, 4294967295.0)},
            &load};
}

}  // namespace synfire
