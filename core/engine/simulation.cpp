#include "engine/simulation.hpp"

#include <algorithm>

namespace synfire {

std::int64_t simulate(Engine& engine, const InputStream* input, std::int64_t ticks,
                      const SimulationHooks& hooks) {
    std::int64_t last = -1;
    for (;;) {
        std::int64_t next = engine.next_tick();
        if (input) next = std::min(next, input->next_tick(last));
        if (hooks.next_tick) next = std::min(next, hooks.next_tick(last));
        if (next >= ticks) {
            engine.counters().ticks_skipped += static_cast<std::uint64_t>(ticks - 1 - last);
            return ticks;
        }
        if (hooks.stop && hooks.stop()) return next;
        InputSpikes spikes{0, {}};
        if (input) spikes = {input->population(), input->at(next)};
        engine.step(next, {&spikes, input ? std::size_t{1} : std::size_t{0}});
        if (hooks.visited) hooks.visited(engine, next);
        last = next;
    }
}

}  // namespace synfire
