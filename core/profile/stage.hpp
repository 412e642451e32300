// The kinds of work that a profile tells apart.
#pragma once

#include <cstddef>
#include <cstdint>

namespace synfire {

// What a span's place is.
enum class PlaceKind { population, projection, whole };

enum class Stage : std::uint8_t {
    queue,
    input,
    noise,
    deliver,
    neurons,
    plasticity,
    loss,
    feedback,
    rule,
    gradients,
    tape,
    adjoint,
    backproject,
    samples,
    sum,
    optimiser,
    weights,
    exchange,
};
inline constexpr std::size_t stage_count = 18;

struct StageInfo {
    const char* name;
    PlaceKind place;
    const char* doc;
};

inline constexpr StageInfo stage_infos[stage_count] = {
    {"queue", PlaceKind::population, "spikes put into and taken out of the event queue"},
    {"input", PlaceKind::population, "sums cleared, biases added, external spikes taken"},
    {"noise", PlaceKind::population, "Poisson input drawn"},
    {"deliver", PlaceKind::projection, "rows of weights added for the spikes that arrive"},
    {"neurons", PlaceKind::population, "neurons advanced and those that fired listed"},
    {"plasticity", PlaceKind::projection, "spikes of targets recorded for plastic synapses"},
    {"loss", PlaceKind::population, "error at the readout"},
    {"feedback", PlaceKind::whole, "learning signals carried to hidden populations"},
    {"rule", PlaceKind::population, "traces and rows of a learning rule"},
    {"gradients", PlaceKind::population, "waiting rows added to the gradient"},
    {"tape", PlaceKind::whole, "ticks kept for going back"},
    {"adjoint", PlaceKind::population, "derivatives carried through neurons"},
    {"backproject", PlaceKind::projection, "derivatives carried through weights"},
    {"samples", PlaceKind::whole, "recordings augmented and sorted by tick"},
    {"sum", PlaceKind::whole, "gradients of lanes added up"},
    {"optimiser", PlaceKind::projection, "weights changed"},
    {"weights", PlaceKind::projection, "standardisation and its derivative, transposition"},
    {"exchange", PlaceKind::whole, "spikes of parts put together, counted and recorded"},
};

constexpr const StageInfo& info(Stage stage) {
    return stage_infos[static_cast<std::size_t>(stage)];
}

}  // namespace synfire
