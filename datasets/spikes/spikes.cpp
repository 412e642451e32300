#include "spikes/spikes.hpp"

#include <fmt/format.h>

#include "experiment/spike_schedule.hpp"
#include "json/form.hpp"

namespace synfire {
namespace {

// The recording's keys in the order of the list; adds a problem for each event that is none.
std::vector<std::uint32_t> keys_of(const nlohmann::json& events, std::uint32_t units,
                                   std::uint32_t ticks, const std::string& pointer,
                                   Problems& problems) {
    constexpr std::size_t most = 20;  // problems; a long list may be wrong throughout
    const std::size_t before = problems.size();
    std::vector<std::uint32_t> keys;
    for (std::size_t i = 0; i < events.size() && problems.size() < before + most; ++i) {
        if (const auto event = event_of(events[i], ticks, units))
            keys.push_back(static_cast<std::uint32_t>(event->tick) * units + event->neuron);
        else
            problems.push_back({fmt::format("{}/{}", pointer, i),
                                fmt::format("{} is no event; expected [tick, unit] with a tick of "
                                            "0 to {} and a unit of 0 to {}.",
                                            shown(events[i]), ticks - 1, units - 1),
                                "", 0});
    }
    if (problems.size() == before + most)
        problems.push_back({pointer,
                            fmt::format("Only the first {} events that are none are named.", most),
                            "", 0});
    return keys;
}

void check(const nlohmann::json& input, std::uint32_t units, std::uint32_t ticks,
           const std::string& pointer, Problems& problems) {
    keys_of(input.at("events"), units, ticks, pointer + "/events", problems);
}

InputData load_spikes(const InputRequest& request) {
    EventSet set;
    set.units = request.units;
    set.ticks = request.ticks;
    Problems problems;
    std::vector<std::uint32_t> keys = keys_of(request.json->at("events"), request.units,
                                              request.ticks, "/input/events", problems);
    if (!problems.empty()) throw InputError(problems);
    set.add(keys, request.json->at("label").get<std::uint32_t>());
    EventSet test = set;
    test.merged = 0;  // of the same recording
    return {std::move(set), std::move(test)};
}

}  // namespace

InputFormat spikes_format() {
    return {"spikes",
            "events listed in the experiment: one recording",
            {list("events", Field{},
                  "[tick, unit] of every spike; those at \"ticks\" or later are refused")
                 .must(),
             integer("label", "class of the recording").otherwise(0).fits<std::uint32_t>()},
            &load_spikes,
            &check};
}

}  // namespace synfire
