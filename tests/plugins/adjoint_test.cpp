// The adjoint of every shipped neuron against finite differences of its own forward run, in which
// spikes are replaced by a smooth activation S with S' = Psi. What the reset does with a spike
// stays as it was in the unperturbed run, as adjoints take it.
#include <doctest/doctest.h>

#include <cmath>
#include <functional>

#include "base/random.hpp"
#include "engine/state.hpp"
#include "plugins/instance.hpp"
#include "plugins/registry.hpp"
#include "support/environment.hpp"

using namespace synfire;

namespace {

constexpr std::size_t ticks = 12;

// S as a function of what advance tells: Psi and whether the neuron fired (v > 0). For each Psi of
// lif, |v| follows from Psi.
using Activation = std::function<double(double psi, bool fired)>;

double signed_by(bool fired, double value) {
    return fired ? value : -value;
}
double sigmoid_4(double psi, bool fired) {  // S = sigmoid(4v), Psi = 4 S (1 - S)
    return 0.5 + signed_by(fired, 0.5 * std::sqrt(1 - psi));
}
double triangular_03(double psi, bool fired) {  // S = 0.3 (|v| - v^2 / 2)
    const double v = 1 - psi / 0.3;
    return signed_by(fired, 0.3 * (v - v * v / 2));
}
double fast_sigmoid_100(double psi, bool fired) {  // S = (1 - 1 / (100 |v| + 1)) / 100
    return signed_by(fired, (1 - std::sqrt(psi)) / 100);
}

struct Subject {
    std::string name;
    std::string neuron;
    std::vector<double> parameters;
    Activation activation;  // none: a readout
};

// One neuron over some ticks, with all that a backward pass is told.
struct Course {
    std::vector<float> psi, fired, input;
    std::vector<StateColumns> before;
    double loss = 0;
};

class Trial {
  public:
    explicit Trial(const Subject& subject)
        : subject_(subject),
          model_(*synfire::testing::plugins().neuron(subject.neuron)),
          instance_(model_.table, subject.parameters, 1.0) {
        Random random(5, Stream::weights, 0, 0);
        for (std::size_t t = 0; t < ticks; ++t) {
            input_.push_back(random.uniform(-0.3f, 0.9f));
            signal_.push_back(random.uniform(-1, 1));
        }
        for (std::size_t v = 0; v < variables(); ++v) final_.push_back(random.uniform(-1, 1));
    }

    std::size_t variables() const { return model_.table->description->variable_count; }
    const std::vector<float>& input() const { return input_; }

    // loss = sum over t of signal[t] output[t] + final . state after the last tick
    Course run(const std::vector<float>& input) const {
        Course course;
        StateColumns state(*model_.table->description, subject_.parameters, {.neurons = 1});
        for (std::size_t t = 0; t < ticks; ++t) {
            course.before.push_back(state);
            float psi = 0;
            std::uint32_t spike = 0;
            synfire_neuron_slice slice{sizeof slice,
                                       1,
                                       static_cast<std::int64_t>(t),
                                       nullptr,
                                       state.columns(),
                                       &input[t],
                                       &psi,
                                       &spike,
                                       0,
                                       0,
                                       0,
                                       nullptr,
                                       nullptr};
            instance_.advance(slice);
            const bool fired = slice.spike_count > 0;
            course.psi.push_back(psi);
            course.fired.push_back(fired ? 1.0f : 0.0f);
            course.input.push_back(input[t]);
            course.loss += signal_[t] * (subject_.activation ? subject_.activation(psi, fired)
                                                             : state.value(0, 0));
        }
        for (std::size_t v = 0; v < variables(); ++v) course.loss += final_[v] * state.value(v, 0);
        return course;
    }

    // dloss / dinput of every tick, by the adjoint.
    std::vector<double> gradient(const Course& course) const {
        std::vector<double> gradient(ticks);
        std::vector<float> carry = final_;
        std::vector<float*> pointers;
        for (float& c : carry) pointers.push_back(&c);
        for (std::size_t t = ticks; t-- > 0;) {
            float input_gradient = 0;
            synfire_neuron_adjoint slice{sizeof slice,
                                         1,
                                         static_cast<std::int64_t>(t),
                                         &signal_[t],
                                         model_.has_psi() ? &course.psi[t] : nullptr,
                                         model_.spikes() ? &course.fired[t] : nullptr,
                                         &course.input[t],
                                         course.before[t].columns(),
                                         pointers.data(),
                                         &input_gradient};
            instance_.adjoint(slice);
            gradient[t] = input_gradient;
        }
        return gradient;
    }

  private:
    const Subject& subject_;
    const NeuronModel& model_;
    NeuronInstance instance_;
    std::vector<float> input_, signal_, final_;
};

std::vector<Subject> subjects() {
    std::vector<Subject> all = {{"leaky_readout", "leaky_readout", {1.5}, {}},
                                {"linear_readout", "linear_readout", {}, {}}};
    const std::pair<const char*, Activation> activations[] = {
        {"fast_sigmoid_100", fast_sigmoid_100},
        {"triangular_0.3", triangular_03},
        {"sigmoid_4", sigmoid_4}};
    for (const double reset : {0.0, 1.0})
        for (int psi = 0; psi < 3; ++psi)
            all.push_back(
                {std::string("lif ") + (reset > 0 ? "hard " : "soft ") + activations[psi].first,
                 "lif",
                 {1.0, 0.6, reset, static_cast<double>(psi)},
                 activations[psi].second});
    return all;
}

}  // namespace

TEST_CASE("adjoints agree with finite differences of a smooth forward run") {
    for (const Subject& subject : subjects()) {
        CAPTURE(subject.name);
        const Trial trial(subject);
        const Course course = trial.run(trial.input());
        const std::vector<double> gradient = trial.gradient(course);
        int compared = 0, fired = 0;
        for (std::size_t t = 0; t < ticks; ++t) {
            CAPTURE(t);
            fired += course.fired[t] > 0;
            constexpr float step = 1.0f / 2048;
            std::vector<float> more = trial.input(), less = trial.input();
            more[t] += step;
            less[t] -= step;
            const Course up = trial.run(more), down = trial.run(less);
            // Where a spike comes or goes between the two, or Psi has its kink, there is no slope.
            if (up.fired != course.fired || down.fired != course.fired) continue;
            ++compared;
            const double slope = (up.loss - down.loss) / (double{more[t]} - double{less[t]});
            CHECK(gradient[t] == doctest::Approx(slope).epsilon(2e-3).scale(0.2));
        }
        CHECK(compared >= 9);
        if (subject.activation) CHECK(fired >= 2);
    }
}

TEST_CASE("every shipped neuron that can be trained has an adjoint that is tested here") {
    for (const NeuronModel& model : synfire::testing::plugins().neurons()) {
        if (!model.has_adjoint() && model.spikes() && !model.has_psi()) continue;
        CAPTURE(model.id());
        CHECK(model.has_adjoint());
        CHECK(std::ranges::any_of(subjects(),
                                  [&](const Subject& s) { return s.neuron == model.id(); }));
    }
}
