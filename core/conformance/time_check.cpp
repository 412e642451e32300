#include <ctime>

#include "conformance/cells.hpp"
#include "conformance/library.hpp"

namespace synfire::conformance {
namespace {

double thread_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

// The least of several measurements, in ns.
double nanoseconds_of(Subject& subject) {
    constexpr std::uint32_t neurons = 4096;
    constexpr std::int64_t ticks = 40;
    const Values values = subject.defaults();
    const double scale = scale_of(subject, values);
    const Instance instance = subject.create(values);
    Cells cells(subject, values, neurons);
    double least = 0;
    for (int round = 0; round < 5; ++round) {
        double spent = 0;
        for (std::int64_t t = 0; t < ticks; ++t) {
            cells.drive(t, scale);
            synfire_neuron_slice slice = cells.slice(t, {0, neurons}, false);
            const double begun = thread_seconds();
            subject.neuron().advance(instance.get(), &slice);
            spent += thread_seconds() - begun;
        }
        if (round == 0 || spent < least) least = spent;
    }
    return 1e9 * least / (static_cast<double>(neurons) * ticks);
}

}  // namespace

void check_time(Subject& subject) {
    subject.measure("ns_per_neuron_and_tick", nanoseconds_of(subject));
    for (const auto& folder : subject.shipped())
        if (const auto file = folder / "lif.so"; std::filesystem::exists(file)) {
            for (const Table& model : load_models(file)) {
                Subject lif(model, file, {});
                subject.measure("ns_of_lif", nanoseconds_of(lif));
            }
            return;
        }
}

}  // namespace synfire::conformance
