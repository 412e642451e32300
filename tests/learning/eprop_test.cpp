// e-prop as the engine runs it, backward through each neuron, against e-prop as its authors write
// it: eligibility traces a synapse, forward in time, filtered by the readout's leak.
#include <doctest/doctest.h>

#include <cmath>

#include "support/trial.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

constexpr std::uint32_t eprop_inputs = 6, eprop_cells = 8, eprop_classes = 3, eprop_ticks = 20;

json eprop_experiment(const char* neuron, const char* reset, const char* feedback) {
    json e = small_experiment();
    json& hidden = e["network"]["populations"][1];
    hidden["neuron"] = neuron;
    hidden["parameters"] = {{"leak", 2}, {"reset", reset}};
    auto& projections = e["network"]["projections"];
    for (auto& p : projections) p["standardise"] = false;
    projections[0]["delay_ticks"] = 2;
    projections[1]["delay_ticks"] = 3;
    projections[0]["weights"] = {{"distribution", "uniform"}, {"low", -0.4}, {"high", 0.9}};
    e["training"]["rule"] = "eprop";
    e["training"]["rules"] = json::object();
    e["training"]["feedback"] = feedback;
    e["training"]["window_ticks"] = 15;
    e["training"].erase("augmentation");
    return e;
}

// The traces of one synapse onto a neuron, by the neuron's dynamics.
struct Eligibility {
    double of_u = 0, of_a = 0, filtered = 0;

    void step(double arrives, double psi, bool reset, double decay, double beta, double rho,
              double kappa) {
        of_u = decay * of_u + arrives;
        const double e = psi * (of_u - beta * of_a);
        of_a = rho * of_a + e;
        if (reset) of_u = 0;
        filtered = kappa * filtered + e;
    }
};

}  // namespace

TEST_CASE("gradients of eprop are sums of learning signals times filtered eligibility traces") {
    for (const char* neuron : {"lif", "alif"})
        for (const char* reset : {"soft", "hard"})
            for (const char* feedback : {"bp", "dfa", "adaptive"}) {
                CAPTURE(neuron);
                CAPTURE(reset);
                CAPTURE(feedback);
                Trial trial(eprop_experiment(neuron, reset, feedback));
                const bool adapts = std::string(neuron) == "alif";
                const double decay = 1 / (1 + std::exp(-2.0)), kappa = 1 / (1 + std::exp(-5.0));
                auto parameter = [&](const char* name) {
                    const auto& p = trial.experiment.network.populations[1];
                    const auto& d = *p.model->table->description;
                    for (std::uint32_t i = 0; i < d.parameter_count; ++i)
                        if (std::string(d.parameters[i].name) == name) return p.parameters[i];
                    return 0.0;
                };
                const double beta = adapts ? parameter("beta") : 0, rho = parameter("rho");
                if (adapts) REQUIRE(beta > 0);
                std::vector<Eligibility> input(eprop_inputs * eprop_cells),
                    recurrent(eprop_cells * eprop_cells);
                std::vector<double> trace(eprop_cells);  // of hidden spikes, at the readout
                std::vector<std::vector<double>> gradient = {
                    std::vector<double>(eprop_inputs * eprop_cells),
                    std::vector<double>(eprop_cells * eprop_cells),
                    std::vector<double>(eprop_cells * eprop_classes)};
                const EventSet set = random_recordings(1, eprop_inputs, eprop_ticks, 4);
                const SampleEvents sample = sample_of(set, 0);
                std::vector<std::vector<bool>> fired;
                int spikes = 0;
                trial.learner.begin(sample, 1);
                for (std::uint32_t t = 0; t < eprop_ticks; ++t) {
                    trial.learner.tick(t);
                    const Engine& engine = trial.learner.engine();
                    fired.emplace_back(eprop_cells);
                    for (const std::uint32_t i : engine.spikes(1)) fired[t][i] = true;
                    spikes += static_cast<int>(engine.spikes(1).size());
                    std::vector<double> arriving(eprop_inputs);
                    if (t >= 2)
                        for (const std::uint32_t j : sample.at(t - 2)) arriving[j] = 1;
                    for (std::uint32_t i = 0; i < eprop_cells; ++i) {
                        auto step = [&](Eligibility& e, double arrives) {
                            e.step(arrives, double{engine.psi(1)[i]},
                                   fired[t][i] && std::string(reset) == "hard", decay, beta, rho,
                                   kappa);
                        };
                        for (std::uint32_t j = 0; j < eprop_inputs; ++j)
                            step(input[j * eprop_cells + i], arriving[j]);
                        for (std::uint32_t j = 0; j < eprop_cells; ++j)
                            step(recurrent[j * eprop_cells + i], t >= 3 && fired[t - 3][j] ? 1 : 0);
                        trace[i] = kappa * trace[i] + (fired[t][i] ? 1 : 0);
                    }
                    if (eprop_ticks - t > 15) continue;
                    double sum = 0;
                    std::vector<double> error(eprop_classes);
                    for (std::uint32_t k = 0; k < eprop_classes; ++k)
                        sum += error[k] = std::exp(double{engine.output(2)[k]});
                    for (std::uint32_t k = 0; k < eprop_classes; ++k)
                        error[k] = error[k] / sum - (k == sample.label);
                    for (std::uint32_t i = 0; i < eprop_cells; ++i) {
                        double signal = 0;
                        for (std::uint32_t k = 0; k < eprop_classes; ++k) {
                            const double b = std::string(feedback) == "bp"
                                                 ? trial.network.projections()[2].weights.row(i)[k]
                                                 : trial.feedback.of[1].row(k)[i];
                            signal += b * error[k];
                            gradient[2][i * eprop_classes + k] += error[k] * trace[i];
                        }
                        for (std::uint32_t j = 0; j < eprop_inputs; ++j)
                            gradient[0][j * eprop_cells + i] +=
                                signal * input[j * eprop_cells + i].filtered;
                        for (std::uint32_t j = 0; j < eprop_cells; ++j)
                            gradient[1][j * eprop_cells + i] +=
                                signal * recurrent[j * eprop_cells + i].filtered;
                    }
                }
                trial.learner.end();
                trial.gradients.flush();
                CHECK(spikes > static_cast<int>(eprop_ticks));
                for (std::size_t p = 0; p < 3; ++p) {
                    CAPTURE(p);
                    const Matrix& found = trial.gradients.arrays()[p].weights;
                    double largest = 0;
                    for (const double g : gradient[p]) largest = std::max(largest, std::fabs(g));
                    CHECK(largest > 0.01);
                    for (std::uint32_t j = 0; j < found.rows; ++j)
                        for (std::uint32_t i = 0; i < found.columns; ++i)
                            CHECK(std::fabs(double{found.row(j)[i]} -
                                            gradient[p][j * found.columns + i]) <= 1e-5 * largest);
                }
            }
}

TEST_CASE("adaptive feedback comes to agree with the weights of the readout") {
    json e = eprop_experiment("lif", "soft", "adaptive");
    e["training"]["optimiser"] = {{"type", "sgd"}, {"rate", 0.05}, {"weight_decay", 0.1}};
    const Experiment experiment = synfire::testing::experiment(e);
    Network network(experiment.network, 1, trained_populations(experiment.network));
    Trainer trainer(network, *experiment.training, 0, 1, 1);
    auto distance = [&] {
        double sum = 0;
        for (std::uint32_t i = 0; i < eprop_cells; ++i)
            for (std::uint32_t k = 0; k < eprop_classes; ++k)
                sum += std::fabs(trainer.feedback().of[1].row(k)[i] -
                                 network.projections()[2].weights.row(i)[k]);
        return sum;
    };
    const double before = distance();
    const EventSet set = random_recordings(4, eprop_inputs, eprop_ticks, 4);
    const std::vector<std::uint32_t> order = {0, 1, 2, 3};
    for (std::uint64_t step = 0; step < 200; ++step) trainer.train_batch(set, order, 0, step, 200);
    // Both follow the same gradients, so their difference is left to the decay: (1 - 0.005)^200.
    CHECK(distance() < 0.4 * before);
    CHECK(distance() > 0.3 * before);
}

TEST_CASE("rules that learn backward, through the network and within neurons, go side by side") {
    json e = eprop_experiment("alif", "soft", "bp");
    e["network"]["projections"][1]["rule"] = "bptt";
    Trial mixed(e);
    e["network"]["projections"][1].erase("rule");
    Trial local(e);
    e["training"]["rule"] = "bptt";
    Trial global(e);
    const SampleEvents sample = sample_of(random_recordings(1, eprop_inputs, eprop_ticks, 4), 0);
    for (Trial* trial : {&mixed, &local, &global}) {
        trial->learner.present(sample, 1);
        trial->gradients.flush();
    }
    for (std::size_t p = 0; p < 3; ++p) {
        Trial& same = p == 1 ? global : local;
        CHECK(mixed.gradients.arrays()[p].weights.data == same.gradients.arrays()[p].weights.data);
    }
    CHECK(local.gradients.arrays()[0].weights.data != global.gradients.arrays()[0].weights.data);
}
