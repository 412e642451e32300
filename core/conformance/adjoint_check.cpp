// The adjoint of a neuron against finite differences of its own ticks.
//
// With Psi set to 0 what is left is the derivative of the state with spikes taken as constants,
// which differences of two ticks give where no spike comes or goes between them. With a signal
// alone, what goes back is the signal times Psi times the slope of the potential; and that slope is
// what Psi itself changes with, up to one factor for all of the neuron's arguments.
#include <fmt/format.h>

#include <array>
#include <cmath>

#include "conformance/cells.hpp"

namespace synfire::conformance {
namespace {

constexpr std::uint32_t adjoint_count = 64;

// Something that a tick depends on: its input, or a state variable.
struct Argument {
    enum { input, inhibitory, state } kind;
    std::size_t variable;
    double step;
};

class Trial {
  public:
    Trial(Subject& subject, const Values& values)
        : subject_(subject),
          neuron_(subject.neuron()),
          instance_(subject.create(values)),
          scale_(scale_of(subject, values)),
          course_(subject, values, adjoint_count),
          before_(subject, values, adjoint_count),
          more_(subject, values, adjoint_count),
          less_(subject, values, adjoint_count),
          signal_("'signal'", adjoint_count),
          psi_("'psi'", adjoint_count),
          fired_("'fired'", adjoint_count),
          input_("'input'", adjoint_count),
          input_gradient_("'input_gradient'", adjoint_count),
          inhibitory_gradient_("'inhibitory_gradient'", adjoint_count) {
        for (std::size_t v = 0; v < course_.state().count(); ++v) {
            carry_.push_back(std::make_unique<GuardedArray<float>>(
                fmt::format("'carry' of '{}'", course_.state().name(v)), adjoint_count));
            pointers_.push_back(carry_.back()->data());
        }
    }

    void run() {
        find_counters();
        for (std::int64_t t = 0; t < 40; ++t) {
            before_.state().copy(course_.state());
            course_.drive(t, scale_);
            course_.advance(instance_, t);
            if (t % 5 != 4) continue;
            tick_ = t;
            compare_state();
            if (neuron_.flags & SYNFIRE_NEURON_PSI) compare_signal();
        }
        if (compared_ == 0) throw Fault("no tick was found at which differences could be formed");
    }

  private:
    // Variables that only ever hold whole numbers are counters, which have no derivative.
    void find_counters() {
        counts_.assign(course_.state().count(), true);
        for (std::int64_t t = 0; t < 60; ++t) {
            course_.drive(t, scale_);
            course_.advance(instance_, t);
            for (std::size_t v = 0; v < counts_.size(); ++v)
                for (std::uint32_t i = 0; i < adjoint_count; ++i) {
                    const double x = course_.state().value(v, i);
                    if (x != std::round(x)) counts_[v] = false;
                }
        }
        course_.reset();
    }
    bool spikes() const { return neuron_.flags & SYNFIRE_NEURON_SPIKES; }
    bool is_signed() const { return neuron_.flags & SYNFIRE_NEURON_SIGNED_INPUT; }

    std::vector<Argument> arguments() const {
        std::vector<Argument> all = {{Argument::input, 0, 2e-3 * scale_}};
        if (is_signed()) all.push_back({Argument::inhibitory, 0, 2e-3 * scale_});
        for (std::size_t v = 0; v < before_.state().count(); ++v) {
            if (counts_[v]) continue;
            double low = 0, high = 0;
            for (std::uint32_t i = 0; i < adjoint_count; ++i) {
                low = std::min(low, before_.state().value(v, i));
                high = std::max(high, before_.state().value(v, i));
            }
            all.push_back({Argument::state, v, 2e-3 * (high > low ? high - low : 1)});
        }
        return all;
    }
    std::string name_of(const Argument& a) const {
        return a.kind == Argument::state   ? fmt::format("'{}'", before_.state().name(a.variable))
               : a.kind == Argument::input ? "the input"
                                           : "the inhibitory input";
    }

    // The tick again, with an argument changed.
    void advance_changed(Cells& cells, const Argument& a, double by) {
        cells.state().copy(before_.state());
        cells.drive(tick_, scale_);
        if (a.kind == Argument::state)
            for (std::uint32_t i = 0; i < adjoint_count; ++i)
                cells.state().set(a.variable, i, before_.state().value(a.variable, i) + by);
        else
            cells.add_input(a.kind == Argument::input ? by : 0,
                            a.kind == Argument::inhibitory ? by : 0);
        cells.advance(instance_, tick_);
    }

    void go_back() {
        for (std::uint32_t i = 0; i < adjoint_count; ++i) {
            fired_[i] = course_.fired(i) ? 1.0f : 0.0f;
            input_[i] = static_cast<float>(course_.input_of(i));
            input_gradient_[i] = inhibitory_gradient_[i] = std::nanf("");
        }
        synfire_neuron_adjoint slice{};
        slice.size = sizeof slice;
        slice.count = adjoint_count;
        slice.tick = tick_;
        slice.signal = signal_.data();
        if (neuron_.flags & SYNFIRE_NEURON_PSI) slice.psi = psi_.data();
        if (spikes()) slice.fired = fired_.data();
        if (!(neuron_.flags & SYNFIRE_NEURON_INPUT_F64)) slice.input = input_.data();
        if (neuron_.flags & SYNFIRE_NEURON_ADJOINT_STATE) slice.before = before_.state().pointers();
        slice.carry = pointers_.data();
        slice.input_gradient = input_gradient_.data();
        if (is_signed()) slice.inhibitory_gradient = inhibitory_gradient_.data();
        std::vector<std::byte> held, after;
        before_.state().append_to(held);
        for (GuardedArray<float>* array : {&signal_, &psi_, &fired_, &input_}) array->seal();
        subject_.require(
            "adjoint", within("adjoint", [&] { return neuron_.adjoint(instance_.get(), &slice); }));
        for (GuardedArray<float>* array : {&signal_, &psi_, &fired_, &input_}) array->open();
        before_.state().append_to(after);
        if (held != after) throw Fault("'adjoint' changes the state before the tick");
        for (const GuardedArray<float>* array : {&input_gradient_, &inhibitory_gradient_})
            array->require_margins();
        for (const auto& array : carry_) array->require_margins();
    }
    double gone_back(const Argument& a, std::uint32_t i) const {
        return a.kind == Argument::state   ? (*carry_[a.variable])[i]
               : a.kind == Argument::input ? input_gradient_[i]
                                           : inhibitory_gradient_[i];
    }

    void compare_state() {
        Random random = random_of(5, static_cast<std::uint32_t>(tick_));
        std::vector<std::vector<double>> weights(course_.state().count());
        for (std::size_t v = 0; v < weights.size(); ++v)
            for (std::uint32_t i = 0; i < adjoint_count; ++i) {
                const float weight = counts_[v] ? 0.0f : random.normal();
                weights[v].push_back(weight);
                (*carry_[v])[i] = weight;
            }
        for (std::uint32_t i = 0; i < adjoint_count; ++i) {
            psi_[i] = 0;
            signal_[i] = spikes() ? 0.0f : random.normal();
            if (!spikes()) weights[0][i] += signal_[i];  // its output is its first variable
        }
        go_back();
        const auto value = [&](const Cells& cells, std::uint32_t i, double& size) {
            double sum = 0;
            for (std::size_t v = 0; v < weights.size(); ++v) {
                const double part = weights[v][i] * cells.state().value(v, i);
                sum += part;
                size += std::fabs(part) * (cells.state().bytes_of(v) == 8 ? 1e-15 : 1e-7);
            }
            return sum;
        };
        for (const Argument& a : arguments()) {
            advance_changed(more_, a, a.step);
            advance_changed(less_, a, -a.step);
            for (std::uint32_t i = 0; i < adjoint_count; ++i) {
                if (more_.fired(i) != course_.fired(i) || less_.fired(i) != course_.fired(i))
                    continue;
                double noise = 0;
                const double slope =
                    (value(more_, i, noise) - value(less_, i, noise)) / width_of(a, i);
                const double given = gone_back(a, i);
                ++compared_;
                noise = 4 * noise / (2 * a.step);
                // A kink between the two, as of a potential that is held at 0, has no slope.
                if (std::fabs(slope - given) <=
                    4e-3 * std::max(std::fabs(slope), std::fabs(given)) + noise)
                    continue;
                if (has_kink(a, i, slope, value)) continue;
                throw Fault(fmt::format(
                    "'adjoint' gives {:.6g} for the derivative to {} of a neuron that {}, and "
                    "finite differences give {:.6g}",
                    given, name_of(a), course_.fired(i) ? "fires" : "does not fire", slope));
            }
        }
    }
    // By how much the argument really differs between the two, after rounding.
    double width_of(const Argument& a, std::uint32_t i) const {
        // State has been advanced since, so it is formed anew.
        const auto rounded = [&](double x) {
            const bool single = a.kind == Argument::state
                                    ? before_.state().bytes_of(a.variable) == 4
                                    : !(neuron_.flags & SYNFIRE_NEURON_INPUT_F64);
            return single ? double{static_cast<float>(x)} : x;
        };
        const double from = a.kind == Argument::state   ? before_.state().value(a.variable, i)
                            : a.kind == Argument::input ? course_.input_of(i)
                                                        : course_.inhibitory_of(i);
        return rounded(from + a.step) - rounded(from - a.step);
    }
    template <class Value>
    bool has_kink(const Argument& a, std::uint32_t i, double slope, const Value& value) const {
        double ignored = 0;
        const double middle = value(course_, i, ignored);
        const double up = (value(more_, i, ignored) - middle) / a.step,
                     down = (middle - value(less_, i, ignored)) / a.step;
        return std::fabs(up - down) > 0.05 * std::fabs(slope) + 1e-12;
    }

    void compare_signal() {
        for (const auto& array : carry_)
            for (float& c : *array) c = 0;
        for (std::uint32_t i = 0; i < adjoint_count; ++i) {
            psi_[i] = course_.psi(i);
            signal_[i] = 1;
        }
        go_back();
        const std::vector<Argument> all = arguments();
        std::vector<std::array<double, adjoint_count>> back(all.size()), slope(all.size());
        for (std::size_t k = 0; k < all.size(); ++k) {
            for (std::uint32_t i = 0; i < adjoint_count; ++i)
                back[k][i] = gone_back(all[k], i) * all[k].step;
            advance_changed(more_, all[k], all[k].step);
            advance_changed(less_, all[k], -all[k].step);
            for (std::uint32_t i = 0; i < adjoint_count; ++i) {
                // Where Psi bends between the two, it has no one slope.
                const double up = double{more_.psi(i)} - course_.psi(i),
                             down = double{course_.psi(i)} - less_.psi(i);
                const bool straight = more_.fired(i) == less_.fired(i) &&
                                      std::fabs(up - down) <= 0.05 * std::fabs(up + down);
                slope[k][i] = straight ? (up + down) / 2 : std::nan("");
            }
        }
        for (std::uint32_t i = 0; i < adjoint_count; ++i) compare_directions(all, back, slope, i);
    }
    void compare_directions(const std::vector<Argument>& all, const auto& back, const auto& slope,
                            std::uint32_t i) const {
        double size_back = 0, size_slope = 0;
        for (std::size_t k = 0; k < all.size(); ++k) {
            if (std::isnan(slope[k][i])) return;
            size_back = std::max(size_back, std::fabs(back[k][i]));
            size_slope = std::max(size_slope, std::fabs(slope[k][i]));
        }
        if (course_.psi(i) == 0 && size_back > 0)
            throw Fault("'adjoint' carries a signal back through a spike whose Psi is 0");
        if (!(size_slope > 1e-3 * std::fabs(course_.psi(i)))) return;
        for (std::size_t k = 0; k < all.size(); ++k)
            for (std::size_t m = 0; m < k; ++m) {
                const double difference = back[k][i] * slope[m][i] - back[m][i] * slope[k][i];
                if (std::fabs(difference) > 0.08 * size_back * size_slope)
                    throw Fault(fmt::format(
                        "'adjoint' carries a signal back to {} and {} in another proportion "
                        "({:.4g} to {:.4g}) than Psi changes with them ({:.4g} to {:.4g})",
                        name_of(all[k]), name_of(all[m]), back[k][i], back[m][i], slope[k][i],
                        slope[m][i]));
            }
    }

    Subject& subject_;
    const synfire_neuron& neuron_;
    Instance instance_;
    double scale_;
    Cells course_, before_, more_, less_;
    GuardedArray<float> signal_, psi_, fired_, input_, input_gradient_, inhibitory_gradient_;
    std::vector<std::unique_ptr<GuardedArray<float>>> carry_;
    std::vector<float*> pointers_;
    std::vector<bool> counts_;  // by variable
    std::int64_t tick_ = 0;
    std::size_t compared_ = 0;
};

void check_adjoint(Subject& subject) {
    if (!subject.neuron().adjoint) throw NotAsked("it has no adjoint");
    for (const Values& values : subject.near_defaults(8)) {
        try {
            Trial(subject, values).run();
        } catch (const Fault& fault) {
            throw Fault(fmt::format("{} (with {})", fault.what(), subject.words_of(values)));
        }
    }
}

constexpr std::array<Check, 1> checks_of_adjoint = {{
    {"adjoint", "the adjoint agrees with finite differences", &check_adjoint},
}};

}  // namespace

std::span<const Check> adjoint_checks() {
    return checks_of_adjoint;
}

}  // namespace synfire::conformance
