// The adjoint of every shipped neuron against finite differences of its own forward run, in which
// spikes are replaced by a smooth activation S with S' = Psi. What the reset does with a spike
// stays as it was in the unperturbed run, as adjoints take it.
#include <doctest/doctest.h>

#include <array>
#include <cmath>
#include <functional>

#include "base/random.hpp"
#include "plugins/cell.hpp"
#include "plugins/registry.hpp"

using namespace synfire;
using synfire::testing::Parameters;

namespace {

constexpr std::size_t ticks = 12;

// S as a function of what advance tells: Psi and whether the neuron fired (v > 0). |v| follows from
// Psi.
using Activation = std::function<double(double psi, bool fired)>;

double signed_by(bool fired, double value) {
    return fired ? value : -value;
}
Activation sigmoid(double slope) {  // S = sigmoid(slope v)
    return [=](double psi, bool fired) {
        return 0.5 + signed_by(fired, 0.5 * std::sqrt(1 - 4 * psi / slope));
    };
}
Activation triangular(double height, double width) {  // S = height (|v| - v^2 / (2 width))
    return [=](double psi, bool fired) {
        const double x = 1 - psi / height;
        return signed_by(fired, height * width * (x - x * x / 2));
    };
}
Activation fast_sigmoid(double slope) {  // S = (1 - 1 / (slope |v| + 1)) / slope
    return [=](double psi, bool fired) { return signed_by(fired, (1 - std::sqrt(psi)) / slope); };
}

struct Shape {
    const char* name;
    Parameters constants;
    Activation activation;
};
std::vector<Shape> shapes() {
    return {{"fast_sigmoid_100", {}, fast_sigmoid(100)},
            {"triangular_0.3", {}, triangular(0.3, 1)},
            {"sigmoid_4", {}, sigmoid(4)},
            {"fast_sigmoid", {{"psi_slope", 2.5}}, fast_sigmoid(2.5)},
            {"triangular", {{"psi_width", 0.7}, {"psi_height", 1.3}}, triangular(1.3, 0.7)},
            {"sigmoid", {{"psi_slope", 6}}, sigmoid(6)}};
}

struct Subject {
    std::string name;
    std::string neuron;
    Parameters parameters;
    Activation activation;  // none: a readout
    std::pair<float, float> input{-0.3f, 0.9f};
};

using Series = std::vector<float>;

// One neuron over some ticks, with all that a backward pass is told.
struct Course {
    Series psi, fired;
    std::vector<StateColumns> before;
    double loss = 0;
};

class Trial {
  public:
    explicit Trial(const Subject& subject)
        : subject_(subject),
          model_(*synfire::testing::plugins().neuron(subject.neuron)),
          values_(synfire::testing::values_of(*model_.table->description, subject.parameters)),
          instance_(model_.table, values_, 1.0) {
        Random random(5, Stream::weights, 0, 0);
        for (std::size_t t = 0; t < ticks; ++t) {
            input_.push_back(random.uniform(subject.input.first, subject.input.second));
            signal_.push_back(random.uniform(-1, 1));
        }
        for (std::size_t v = 0; v < variables(); ++v) final_.push_back(random.uniform(-1, 1));
    }

    std::size_t variables() const { return model_.table->description->variable_count; }
    const Series& input() const { return input_; }

    // loss = sum over t of signal[t] output[t] + final . state after the last tick
    Course run(const Series& input) const {
        Course course;
        StateColumns state(*model_.table->description, values_, {.neurons = 1});
        for (std::size_t t = 0; t < ticks; ++t) {
            course.before.push_back(state);
            float psi = 0;
            std::uint32_t spike = 0;
            synfire_neuron_slice slice{};
            slice.size = sizeof slice;
            slice.count = 1;
            slice.tick = static_cast<std::int64_t>(t);
            slice.state = state.columns();
            slice.input = &input[t];
            slice.psi = &psi;
            slice.spikes = &spike;
            instance_.advance(slice);
            const bool fired = slice.spike_count > 0;
            course.psi.push_back(psi);
            course.fired.push_back(fired ? 1.0f : 0.0f);
            course.loss += signal_[t] * (subject_.activation ? subject_.activation(psi, fired)
                                                             : state.value(0, 0));
        }
        for (std::size_t v = 0; v < variables(); ++v) course.loss += final_[v] * state.value(v, 0);
        return course;
    }

    // dloss / dinput of every tick, by the adjoint.
    Series gradient(const Course& course) const {
        Series gradient(ticks), carry = final_;
        std::vector<float*> pointers;
        for (float& c : carry) pointers.push_back(&c);
        for (std::size_t t = ticks; t-- > 0;) {
            synfire_neuron_adjoint slice{sizeof slice,
                                         1,
                                         static_cast<std::int64_t>(t),
                                         &signal_[t],
                                         model_.has_psi() ? &course.psi[t] : nullptr,
                                         model_.spikes() ? &course.fired[t] : nullptr,
                                         &input_[t],
                                         course.before[t].columns(),
                                         pointers.data(),
                                         &gradient[t]};
            instance_.adjoint(slice);
        }
        return gradient;
    }

  private:
    const Subject& subject_;
    const NeuronModel& model_;
    std::vector<double> values_;
    NeuronInstance instance_;
    Series input_, signal_, final_;
};

std::vector<Subject> subjects() {
    std::vector<Subject> all = {{"leaky_readout", "leaky_readout", {{"leak", 1.5}}, {}},
                                {"linear_readout", "linear_readout", {}, {}}};
    auto add = [&](const char* neuron, const Shape& shape, const char* variant, Parameters given) {
        const auto& description = *synfire::testing::plugins().neuron(neuron)->table->description;
        given["psi"] = synfire::testing::choice(description, "psi", shape.name);
        given.insert(shape.constants.begin(), shape.constants.end());
        all.push_back({std::string(neuron) + " " + variant + shape.name, neuron, std::move(given),
                       shape.activation});
    };
    for (const Shape& shape : shapes()) {
        add("lif", shape, "soft ", {{"leak", 1}, {"reset", 0}});
        add("lif", shape, "hard ", {{"leak", 1}, {"reset", 1}});
    }
    return all;
}

}  // namespace

TEST_CASE("adjoints agree with finite differences of a smooth forward run") {
    for (const Subject& subject : subjects()) {
        CAPTURE(subject.name);
        const Trial trial(subject);
        const Course course = trial.run(trial.input());
        const Series gradient = trial.gradient(course);
        int compared = 0, fired = 0;
        for (std::size_t t = 0; t < ticks; ++t) {
            CAPTURE(t);
            fired += course.fired[t] > 0;
            constexpr float step = 1.0f / 2048;
            Series more = trial.input(), less = trial.input();
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
