// Neurons that tell excitation and inhibition apart, trained: each weight feeds the input that its
// present sign names, has that input's gradient, and carries its derivative back. The reference is
// a network written out here in double precision, its spikes replaced by a smooth activation S with
// S' = Psi; gradients are its finite differences, weight by weight. What resets do with a spike
// stays as it was, as adjoints take it.
#include <doctest/doctest.h>

#include <cmath>

#include "learning/training_run.hpp"
#include "support/environment.hpp"
#include "support/trial.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

constexpr std::uint32_t signed_ticks = 16, signed_window = 12;

// camera (2 x 5 x 5) -> near (3 x 3 x 3, convolution) -> cells (10) -> out (3); cells -> cells with
// a delay, near -> near one to one with another, and from camera -> cells what does not learn.
json signed_experiment(const std::string& neuron, const std::string& rule,
                       const std::string& to_cells) {
    const json parameters = {{"tau_m", 8},       {"tau_syn_ex", 2}, {"tau_syn_in", 5}, {"C_m", 1},
                             {"E_L", 0},         {"V_reset", 0},    {"V_th", 1},       {"t_ref", 0},
                             {"psi", "sigmoid"}, {"psi_slope", 2.5}};
    json e = {{"seed", 11},
              {"network",
               {{"populations",
                 {{{"name", "camera"}, {"shape", {2, 5, 5}}, {"neuron", "input"}},
                  {{"name", "near"},
                   {"shape", {3, 3, 3}},
                   {"neuron", neuron},
                   {"parameters", parameters}},
                  {{"name", "cells"}, {"size", 10}, {"neuron", neuron}, {"parameters", parameters}},
                  {{"name", "out"},
                   {"size", 3},
                   {"neuron", "leaky_readout"},
                   {"parameters", {{"leak", 1}}}}}},
                {"projections",
                 {{{"source", "camera"}, {"target", "near"}, {"topology", "conv2d"}, {"kernel", 3}},
                  {{"source", "near"}, {"target", "cells"}},
                  {{"source", "near"},
                   {"target", "near"},
                   {"topology", "one_to_one"},
                   {"delay_ticks", 2}},
                  {{"source", "cells"}, {"target", "cells"}, {"delay_ticks", 1}},
                  {{"source", "near"},
                   {"target", "cells"},
                   {"name", "fixed"},
                   {"learn", false},
                   {"delay_ticks", 3},
                   {"weights", {{"distribution", "constant"}, {"value", -0.04}}}},
                  {{"source", "cells"}, {"target", "out"}}}}}},
              {"input",
               {{"format", "spikes"},
                {"population", "camera"},
                {"ticks", signed_ticks},
                {"events", {{0, 1}}}}},
              {"training",
               {{"rule", rule},
                {"readout", "out"},
                {"epochs", 3},
                {"batch", 9},
                {"window_ticks", signed_window},
                {"optimiser", {{"type", "adam"}, {"rate", 0.2}}}}}};
    auto& projections = e["network"]["projections"];
    auto between = [](double low, double high) {
        return json{{"distribution", "uniform"}, {"low", low}, {"high", high}};
    };
    projections[0]["weights"] = between(-0.25, 0.5);
    projections[2]["weights"] = between(-0.5, 0.5);
    for (const int p : {1, 3}) {
        projections[p]["topology"] = to_cells;
        projections[p]["weights"] = between(-0.3, 0.7);
        if (to_cells == "sparse") projections[p]["in_degree"] = 6;
    }
    if (rule == "stllr") projections[2]["learn"] = false;  // its signals pass no delay
    return e;
}

// The network in double precision. Weights are those of `network` and a change of one of them.
class SmoothNetwork {
  public:
    SmoothNetwork(const Network& network, bool alpha) : network_(network), alpha_(alpha) {}

    struct Change {
        std::size_t projection = 0, element = 0;
        double by = 0;
    };
    // What neurons did: spikes or S, by tick and population; the potential before the reset.
    struct Course {
        std::vector<std::vector<std::vector<double>>> output, above;
        double loss = 0;
    };

    // first: the course without a change, whose spikes reset; null: this is it.
    Course run(const SampleEvents& sample, const Change& change, const Course* first) const {
        const auto& populations = network_.populations();
        Course course;
        std::vector<std::vector<Neuron>> state;
        for (const Population& p : populations) state.emplace_back(p.size());
        for (std::uint32_t t = 0; t < signed_ticks; ++t) {
            course.output.emplace_back();
            course.above.emplace_back();
            for (const Population& p : populations) {
                course.output.back().emplace_back(p.size());
                course.above.back().emplace_back(p.size());
            }
            for (const std::uint32_t i : sample.at(t)) course.output[t][0][i] = 1;
            for (std::uint32_t p = 1; p < populations.size(); ++p) {
                std::vector<double> excitatory(populations[p].size()), inhibitory = excitatory;
                gather(course, t, p, change, excitatory, inhibitory);
                for (std::uint32_t i = 0; i < populations[p].size(); ++i) {
                    Neuron& n = state[p][i];
                    double& output = course.output[t][p][i];
                    if (p == 3) {
                        n.v = n.v / (1 + std::exp(-1.0)) + excitatory[i] + inhibitory[i];
                        output = n.v;
                        continue;
                    }
                    n.advance(excitatory[i], inhibitory[i], alpha_);
                    const double above = n.v - 1;
                    course.above[t][p][i] = above;
                    const bool fired = (first ? first->above[t][p][i] : above) >= 0;
                    output = fired;
                    if (first) output += s(above) - s(first->above[t][p][i]);
                    if (fired) n.v = 0;
                }
            }
            if (signed_ticks - t > signed_window) continue;
            double sum = 0;
            for (const double y : course.output[t][3]) sum += std::exp(y);
            course.loss += std::log(sum) - course.output[t][3][sample.label];
        }
        return course;
    }

  private:
    static double s(double above) { return 1 / (1 + std::exp(-2.5 * above)); }

    struct Neuron {
        double v = 0, current[2] = {}, slope[2] = {};

        // Exact propagators by fine steps would do as well; these are those of the equations.
        void advance(double excitatory, double inhibitory, bool alpha) {
            const double tau_m = 8, dt = 1;
            double next = v * std::exp(-dt / tau_m);
            for (const int x : {0, 1}) {
                const double tau = x ? 5 : 2, input = x ? inhibitory : excitatory;
                const double keeps = std::exp(-dt / tau), leaks = std::exp(-dt / tau_m);
                const double rate = 1 / tau - 1 / tau_m;  // of what is left of the current
                const double brings = leaks * (1 - std::exp(-rate * dt)) / rate;
                next += brings * current[x];
                if (!alpha) {
                    current[x] = keeps * current[x] + input;
                    continue;
                }
                next += slope[x] * leaks *
                        ((1 - std::exp(-rate * dt)) / rate - dt * std::exp(-rate * dt)) / rate;
                current[x] = keeps * (dt * slope[x] + current[x]);
                slope[x] = keeps * slope[x] + std::exp(1.0) / tau * input;
            }
            v = next;
        }
    };

    void gather(const Course& course, std::uint32_t t, std::uint32_t target, const Change& change,
                std::vector<double>& excitatory, std::vector<double>& inhibitory) const {
        for (std::size_t q = 0; q < network_.projections().size(); ++q) {
            const Projection& projection = network_.projections()[q];
            if (projection.target != target || t < projection.delay) continue;
            const auto& source = course.output[t - projection.delay][projection.source];
            for (std::uint32_t j = 0; j < source.size(); ++j) {
                if (source[j] == 0) continue;
                projection.topology->for_each_synapse(
                    j, [&](std::uint32_t i, std::uint32_t row, std::uint32_t column) {
                        const std::size_t element = row * projection.weights.stride + column;
                        double w = projection.weights.data[element];
                        if (change.projection == q && change.element == element) w += change.by;
                        (w < 0 ? inhibitory : excitatory)[i] += w * source[j];
                    });
            }
        }
    }

    const Network& network_;
    bool alpha_;
};

// Compares the gradients of everything that learns with finite differences.
void compare_gradients(Trial& trial, bool alpha, const SampleEvents& sample) {
    trial.gradients.begin();
    trial.learner.present(sample, 1);
    trial.gradients.flush();
    const SmoothNetwork smooth(trial.network, alpha);
    const auto course = smooth.run(sample, {}, nullptr);
    double spikes = 0;
    for (const auto& tick : course.output)
        for (const double fired : tick[2]) spikes += fired;
    CHECK(spikes > signed_ticks / 4);
    for (std::size_t q = 0; q < trial.network.projections().size(); ++q) {
        const Projection& projection = trial.network.projections()[q];
        if (!projection.learn) continue;
        CAPTURE(projection.name);
        const Matrix& gradient = trial.gradients.arrays()[q].weights;
        const float largest = std::fabs(*std::ranges::max_element(
            gradient.data, [](float a, float b) { return std::fabs(a) < std::fabs(b); }));
        CHECK(largest > 0);
        int signs[2] = {};
        for (std::uint32_t r = 0; r < gradient.rows; ++r)
            for (std::uint32_t c = 0; c < gradient.columns; ++c) {
                const std::size_t element = r * gradient.stride + c;
                const double w = projection.weights.data[element], step = 1e-4;
                ++signs[w < 0];
                REQUIRE((w == 0 || std::fabs(w) > step));
                // A weight of 0 feeds the input of weights above it.
                const double below = w == 0 ? 0 : -step;
                const double up = smooth.run(sample, {q, element, step}, &course).loss;
                const double down = smooth.run(sample, {q, element, below}, &course).loss;
                const double tolerance = (w == 0 ? 2e-3 : 1e-4) * largest;
                CHECK(std::fabs(gradient.data[element] - (up - down) / (step - below)) <=
                      tolerance);
            }
        CHECK(signs[0] > 0);
        CHECK(signs[1] > 0);
    }
}

struct SignedSession {
    Experiment experiment;
    Network network;
    Trainer trainer;
    InputData data{random_recordings(23, 50, signed_ticks, 1),
                   random_recordings(6, 50, signed_ticks, 2)};
    json provenance;
    std::string folder = scratch_folder();

    SignedSession(unsigned threads, const json& e)
        : experiment(synfire::testing::experiment(e)),
          network(experiment.network, experiment.seed, trained_populations(experiment.network)),
          trainer(network, *experiment.training, 0, experiment.seed, threads),
          provenance(*synfire::provenance(experiment, data)) {}

    void run(Progress progress = {}, int batches = -1) {
        int done = 0;
        TrainingHooks hooks;
        hooks.stop = [&] { return batches >= 0 && done >= batches; };
        hooks.report = [&](const TrainingReport& report) { done += report.finished == nullptr; };
        run_training(experiment, provenance, network, trainer, data, folder, std::move(progress),
                     hooks);
    }
};

}  // namespace

TEST_CASE(
    "gradients of weights of both signs are finite differences, also once signs have changed") {
    for (const char* neuron : {"iaf_psc_exp", "iaf_psc_alpha"})
        for (const char* topology : {"dense", "sparse"}) {
            CAPTURE(neuron);
            CAPTURE(topology);
            const bool alpha = std::string(neuron) == "iaf_psc_alpha";
            Trial trial(signed_experiment(neuron, "bptt", topology));
            const EventSet set = random_recordings(1, 50, signed_ticks, 4);
            const SampleEvents sample = sample_of(set, 0);
            trial.network.projections()[1].weights.data[3] = 0;
            trial.network.refresh();
            compare_gradients(trial, alpha, sample);
            // As a step of training does: some signs change, what was 0 is below it.
            for (const std::size_t q : {0, 1, 3}) {
                AlignedVector<float>& weights = trial.network.projections()[q].weights.data;
                for (std::size_t k = 0; k < weights.size(); k += 4) weights[k] = -weights[k];
            }
            trial.network.projections()[1].weights.data[3] = -0.1f;
            trial.network.refresh();
            compare_gradients(trial, alpha, sample);
        }
}

TEST_CASE("signs change while it trains, with the same bits for any threads and after a stop") {
    for (const char* rule : {"bptt", "stllr"}) {
        CAPTURE(rule);
        const json e = signed_experiment("iaf_psc_exp", rule, "sparse");
        SignedSession one(1, e), two(2, e), four(4, e), first(2, e), second(1, e);
        std::vector<AlignedVector<float>> before;
        for (const Projection& p : one.network.projections()) before.push_back(p.weights.data);
        one.run();
        for (const std::size_t q : {0, 1, 3}) {
            int changed = 0;
            for (std::size_t k = 0; k < before[q].size(); ++k)
                changed += before[q][k] * one.network.projections()[q].weights.data[k] < 0;
            CHECK(changed > 0);
        }
        two.run();
        four.run();
        CHECK(two.network.fingerprint() == one.network.fingerprint());
        CHECK(four.network.fingerprint() == one.network.fingerprint());
        first.run({}, 5);
        CHECK(first.network.fingerprint() != one.network.fingerprint());
        second.run(load_checkpoint(first.folder + "/checkpoint.h5", second.experiment,
                                   second.provenance, second.network, second.trainer));
        CHECK(second.network.fingerprint() == one.network.fingerprint());
    }
}

TEST_CASE("a network with weights of both signs runs as one whose signs stand apart") {
    auto experiment_of = [](bool apart) {
        json cells = {{"name", "cells"},
                      {"size", 3},
                      {"neuron", "iaf_psc_exp"},
                      {"parameters", {{"tau_syn_ex", 2}, {"tau_syn_in", 5}}}};
        const json synapses = {{0, 0, 900.0},  {0, 1, -400.0}, {1, 1, 800.0},
                               {1, 2, -300.0}, {1, 0, -200.0}, {0, 2, 700.0}};
        json projections = json::array();
        for (const int sign : apart ? std::vector{1, -1} : std::vector{0}) {
            json list = json::array();
            for (const json& s : synapses)
                if (sign * s[2].get<double>() >= 0) list.push_back(s);
            projections.push_back({{"source", "in"},
                                   {"target", "cells"},
                                   {"topology", "sparse"},
                                   {"delay_ticks", 1},
                                   {"synapses", list},
                                   {"name", sign < 0 ? "in" : "ex"}});
        }
        return json{{"populations",
                     {{{"name", "in"},
                       {"size", 2},
                       {"neuron", "spike_source"},
                       {"events", {{0, 0}, {2, 1}, {3, 0}, {9, 1}}}},
                      cells}},
                    {"projections", projections}};
    };
    auto potentials = [&](bool apart) {
        const Network net(synfire::testing::network(experiment_of(apart)), 1);
        CHECK(net.projections()[0].both_signs == !apart);
        Engine engine(net);
        std::vector<double> all, now;
        for (std::int64_t t = 0; t < 20; ++t) {
            engine.step(t, {});
            engine.read(1, 0, now);
            all.insert(all.end(), now.begin(), now.end());
        }
        return all;
    };
    const auto together = potentials(false), apart = potentials(true);
    for (std::size_t k = 0; k < together.size(); ++k)
        CHECK(together[k] == doctest::Approx(apart[k]).epsilon(1e-12));
    CHECK(std::ranges::max(together) > 0);
    CHECK(std::ranges::min(together) < 0);
}
