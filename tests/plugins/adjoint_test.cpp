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
// Of neurons in mV.
std::vector<Shape> wide_shapes() {
    return {{"fast_sigmoid", {{"psi_slope", 0.3}}, fast_sigmoid(0.3)},
            {"triangular", {}, triangular(0.02, 15)},
            {"triangular", {{"psi_width", 10}, {"psi_height", 0.5}}, triangular(0.5, 10)},
            {"sigmoid", {{"psi_slope", 0.5}}, sigmoid(0.5)}};
}

struct Range {
    float low, high;
};
struct Subject {
    std::string name;
    std::string neuron;
    Parameters parameters;
    Activation activation;  // none: a readout
    Range input{-0.3f, 0.9f}, inhibitory{0, 0};
    // What a spike adds to state variables, other than by the reset: variable, and how much.
    std::vector<std::pair<std::size_t, double>> adds = {};
};

using Series = std::vector<float>;
// What a neuron receives at each tick; inhibitory where it tells the two apart.
struct Inputs {
    Series input, inhibitory;
};

// One neuron over some ticks, with all that a backward pass is told.
struct Course {
    Series psi, fired;
    std::vector<double> activation;
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
            inputs_.input.push_back(random.uniform(subject.input.low, subject.input.high));
            signal_.push_back(random.uniform(-1, 1));
        }
        for (std::size_t v = 0; v < variables(); ++v) final_.push_back(random.uniform(-1, 1));
        for (std::size_t t = 0; t < ticks; ++t)
            inputs_.inhibitory.push_back(
                random.uniform(subject.inhibitory.low, subject.inhibitory.high));
    }

    bool is_signed() const { return model_.input_is_signed(); }
    std::size_t variables() const { return model_.table->description->variable_count; }
    const Inputs& inputs() const { return inputs_; }

    // loss = sum over t of signal[t] output[t] + final . state after the last tick. first: the
    // course without a change, from which this one's activations differ smoothly.
    Course run(const Inputs& inputs, const Course* first = nullptr) const {
        Course course;
        StateColumns state(*model_.table->description, values_, {.neurons = 1});
        for (std::size_t t = 0; t < ticks; ++t) {
            course.before.push_back(state);
            float psi = 0;
            std::uint32_t spike = 0;
            const double input64 = inputs.input[t], inhibitory64 = inputs.inhibitory[t];
            synfire_neuron_slice slice{};
            slice.size = sizeof slice;
            slice.count = 1;
            slice.tick = static_cast<std::int64_t>(t);
            slice.state = state.columns();
            slice.psi = &psi;
            slice.spikes = &spike;
            if (!model_.input_is_double()) slice.input = &inputs.input[t];
            if (model_.input_is_double()) slice.input64 = &input64;
            if (model_.input_is_signed()) slice.inhibitory64 = &inhibitory64;
            instance_.advance(slice);
            const bool fired = slice.spike_count > 0;
            course.psi.push_back(psi);
            course.fired.push_back(fired ? 1.0f : 0.0f);
            course.activation.push_back(subject_.activation ? subject_.activation(psi, fired)
                                                            : state.value(0, 0));
            course.loss += signal_[t] * course.activation[t];
            if (!first) continue;
            for (const auto& [variable, much] : subject_.adds)
                add(state, variable, much * (course.activation[t] - first->activation[t]));
        }
        for (std::size_t v = 0; v < variables(); ++v) course.loss += final_[v] * state.value(v, 0);
        return course;
    }

    // dloss / dinput of every tick, by the adjoint.
    Inputs gradient(const Course& course) const {
        Inputs gradient{Series(ticks), Series(ticks)};
        Series carry = final_;
        std::vector<float*> pointers;
        for (float& c : carry) pointers.push_back(&c);
        for (std::size_t t = ticks; t-- > 0;) {
            synfire_neuron_adjoint slice{
                sizeof slice,
                1,
                static_cast<std::int64_t>(t),
                &signal_[t],
                model_.has_psi() ? &course.psi[t] : nullptr,
                model_.spikes() ? &course.fired[t] : nullptr,
                model_.input_is_double() ? nullptr : &inputs_.input[t],
                model_.adjoint_reads_state() ? course.before[t].columns() : nullptr,
                pointers.data(),
                &gradient.input[t],
                is_signed() ? &gradient.inhibitory[t] : nullptr};
            instance_.adjoint(slice);
        }
        return gradient;
    }

  private:
    static void add(const StateColumns& state, std::size_t variable, double much) {
        if (state.element_bytes(variable) == 8)
            *state.column<double>(variable) += much;
        else
            *state.column<float>(variable) += static_cast<float>(much);
    }

    const Subject& subject_;
    const NeuronModel& model_;
    std::vector<double> values_;
    NeuronInstance instance_;
    Inputs inputs_;
    Series signal_, final_;
};

std::vector<Subject> subjects() {
    std::vector<Subject> all = {{"leaky_readout", "leaky_readout", {{"leak", 1.5}}, {}},
                                {"linear_readout", "linear_readout", {}, {}}};
    auto add = [&](const char* neuron, const Shape& shape, const char* variant, Parameters given,
                   Range input = {-0.3f, 0.9f}, Range inhibitory = {0, 0},
                   std::vector<std::pair<std::size_t, double>> adds = {}) {
        const auto& description = *synfire::testing::plugins().neuron(neuron)->table->description;
        given["psi"] = synfire::testing::choice(description, "psi", shape.name);
        given.insert(shape.constants.begin(), shape.constants.end());
        all.push_back({std::string(neuron) + " " + variant + shape.name, neuron, std::move(given),
                       shape.activation, input, inhibitory, std::move(adds)});
    };
    for (const Shape& shape : shapes()) {
        add("lif", shape, "soft ", {{"leak", 1}, {"reset", 0}});
        add("lif", shape, "hard ", {{"leak", 1}, {"reset", 1}});
        for (const double hard : {0.0, 1.0})
            add("alif", shape, hard > 0 ? "hard " : "soft ",
                {{"leak", 1}, {"rho", 0.8}, {"beta", 0.3}, {"reset", hard}}, {-0.2f, 1.1f}, {},
                {{1, 1.0}});
    }
    for (const Shape& shape : wide_shapes())
        for (const double t_ref : {0.0, 2.0}) {
            const Parameters p = {{"t_ref", t_ref}, {"V_reset", -67}, {"I_e", 100}};
            add("iaf_psc_delta", shape, "", p, {-3, 12});
            add("lif_homeostatic", shape, "",
                {{"t_ref", t_ref}, {"tau_m", 10}, {"theta_plus", 2}, {"tau_theta", 20}}, {-3, 12},
                {}, {{1, 2.0}});
            add("iaf_psc_exp", shape, "", p, {0, 2500}, {-800, 0});
            add("iaf_psc_alpha", shape, "", p, {0, 2000}, {-600, 0});
        }
    return all;
}

}  // namespace

TEST_CASE("adjoints agree with finite differences of a smooth forward run") {
    for (const Subject& subject : subjects()) {
        CAPTURE(subject.name);
        const Trial trial(subject);
        const Course course = trial.run(trial.inputs());
        const Inputs gradient = trial.gradient(course);
        int compared = 0, fired = 0;
        auto compare = [&](Series Inputs::*which, std::size_t t, float step) {
            Inputs more = trial.inputs(), less = trial.inputs();
            (more.*which)[t] += step;
            (less.*which)[t] -= step;
            const Course up = trial.run(more, &course), down = trial.run(less, &course);
            // Where a spike comes or goes between the two, or Psi has its kink, there is no slope.
            if (up.fired != course.fired || down.fired != course.fired) return;
            ++compared;
            // Both in units of the input.
            const double unit = step * 2048;
            const double slope = unit * (up.loss - down.loss) /
                                 (double{(more.*which)[t]} - double{(less.*which)[t]});
            CHECK(unit * (gradient.*which)[t] == doctest::Approx(slope).epsilon(2e-3).scale(0.2));
        };
        const float step = std::max(1.0f, subject.input.high) / 2048;
        for (std::size_t t = 0; t < ticks; ++t) {
            CAPTURE(t);
            fired += course.fired[t] > 0;
            compare(&Inputs::input, t, step);
            if (trial.is_signed()) compare(&Inputs::inhibitory, t, step);
        }
        CHECK(compared >= (trial.is_signed() ? 18 : 9));
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
