// Every loss against finite differences of itself, and through a whole training: readouts that
// spike and readouts that never do, rules that learn forward and backward, and what is refused.
#include "learning/loss.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "base/random.hpp"
#include "formats.hpp"
#include "json/document.hpp"
#include "plugins/cell.hpp"
#include "support/environment.hpp"
#include "support/trial.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

// Those of tests beside the shipped ones.
const PluginRegistry& with_test_losses() {
    static const PluginRegistry registry({SYNFIRE_PLUGIN_FOLDER, SYNFIRE_FIXTURE_FOLDER});
    return registry;
}

Experiment read_with_test_losses(const json& e) {
    return read_experiment(Document::from_text(e.dump(), "e.json"), with_test_losses(),
                           input_formats());
}

std::string problems_with_test_losses(const json& e) {
    try {
        read_with_test_losses(e);
        return "";
    } catch (const InputError& error) {
        return error.what();
    }
}

constexpr std::uint32_t loss_outputs = 5, loss_ticks = 7;

// A window with outputs and targets of its own.
class Judged {
  public:
    Judged(const LossModel& model, const Parameters& parameters, bool spikes, bool to_class)
        : loss_(model.table, values_of(*model.table->description, parameters),
                {sizeof(synfire_loss_site), loss_outputs, loss_ticks, spikes, 1.0, 0, 0, 0, 0}),
          to_class_(to_class),
          rows_(loss_.scope() == SYNFIRE_LOSS_OF_WINDOW ? loss_ticks : 1) {
        Random random(3, Stream::weights, 0, 0);
        for (std::uint32_t k = 0; k < rows_ * stride; ++k) {
            output.push_back(random.uniform(-1, 3));
            target_.push_back(random.uniform(-1, 1));
        }
        error.resize(output.size());
    }

    static constexpr std::size_t stride = loss_outputs + 2;
    std::vector<float> output, error;
    std::uint32_t rows() const { return rows_; }

    double evaluate() {
        synfire_loss_window window{};
        window.size = sizeof window;
        window.outputs = loss_outputs;
        window.ticks = loss_.scope() == SYNFIRE_LOSS_EACH_TICK ? 1 : loss_ticks;
        window.rows = rows_;
        window.stride = stride;
        window.output = output.data();
        window.target = to_class_ ? nullptr : target_.data();
        window.label = to_class_ ? 2 : UINT32_MAX;
        window.error = error.data();
        loss_.evaluate(window);
        return window.loss;
    }

  private:
    LossInstance loss_;
    bool to_class_;
    std::uint32_t rows_;
    std::vector<float> target_;
};

// small_experiment, by that rule and loss; with a readout that spikes where asked for.
json with_loss(const std::string& rule, const json& loss, bool spikes) {
    json e = small_experiment();
    e["training"]["rule"] = rule;
    e["training"]["loss"] = loss;
    e["training"].erase("augmentation");
    e["network"]["populations"][1]["size"] = 24;
    if (!spikes) return e;
    e["network"]["populations"][2] = {
        {"name", "out"},
        {"size", 3},
        {"neuron", "lif"},
        {"parameters", {{"leak", 2}, {"threshold", 1}, {"psi", "triangular_0.3"}}}};
    return e;
}

struct Lesson {
    json loss;
    bool spikes;
};

// Class k: only units 2k and 2k + 1 are active.
EventSet separable(std::uint32_t count) {
    EventSet set;
    set.units = 6;
    set.ticks = 20;
    for (std::uint32_t i = 0; i < count; ++i) {
        std::vector<std::uint32_t> keys;
        for (std::uint32_t t = i % 2; t < 20; t += 2)
            keys.push_back(t * 6 + 2 * (i % 3) + t / 2 % 2);
        set.add(keys, i % 3);
    }
    return set;
}

}  // namespace

TEST_CASE("errors of every loss are finite differences of it") {
    int compared = 0;
    for (const LossModel& model : with_test_losses().losses()) {
        const bool of_flow = model.takes_frames() || model.takes_events();
        if (of_flow || model.id() == "endpoint_error") continue;  // flow_losses_test.cpp
        if (model.id() == "no_number") continue;
        std::vector<Parameters> settings = {{}};
        if (model.id() == "mse")
            settings = {{{"of", 0}, {"right", 2}, {"wrong", -1}}, {{"of", 1}, {"right", 0.5}}};
        if (model.id() == "spike_count") settings = {{{"right", 6}, {"wrong", 1}}};
        for (const Parameters& parameters : settings)
            for (const bool spikes : {false, true})
                for (const bool to_class : {false, true}) {
                    const bool takes_values = model.table->flags & SYNFIRE_LOSS_TAKES_VALUES;
                    if (!model.judges(spikes)) continue;
                    if (to_class ? !model.takes_class() : !takes_values) continue;
                    CAPTURE(model.id());
                    CAPTURE(to_class);
                    Judged judged(model, parameters, spikes, to_class);
                    judged.evaluate();
                    const std::vector<float> error = judged.error;
                    for (std::uint32_t r = 0; r < judged.rows(); ++r)
                        for (std::uint32_t k = 0; k < loss_outputs; ++k) {
                            const std::size_t at = r * Judged::stride + k;
                            const float there = judged.output[at], step = 1.0f / 64;
                            judged.output[at] = there + step;
                            const double up = judged.evaluate();
                            judged.output[at] = there - step;
                            const double down = judged.evaluate();
                            judged.output[at] = there;
                            CHECK(
                                error[at] ==
                                doctest::Approx((up - down) / (2 * step)).epsilon(2e-3).scale(0.1));
                            ++compared;
                        }
                }
    }
    CHECK(compared > 100);
}

TEST_CASE("cross-entropy of large outputs is finite and exact") {
    Judged judged(*plugins().loss("cross_entropy"), {}, false, true);
    judged.output = {1001, 1000, 1000, 999, -1e9f, 0, 0};
    CHECK(judged.evaluate() == doctest::Approx(std::log(1 + 2 * std::exp(-1) + std::exp(-2)) + 1));
    CHECK(std::accumulate(judged.error.begin(), judged.error.begin() + loss_outputs, 0.0) ==
          doctest::Approx(0).scale(1));
}

TEST_CASE("a prediction is the largest output, the first of equals") {
    const float outputs[] = {1000, 1001, 999}, equal[] = {2, 2};
    CHECK(argmax(outputs) == 1);
    CHECK(argmax(equal) == 0);
}

TEST_CASE("losses teach readouts that spike and readouts that never do, forward and backward") {
    const json mean = {{"name", "mse"}, {"parameters", {{"of", "mean"}}}};
    const json count = {{"name", "spike_count"}, {"parameters", {{"right", 8}, {"wrong", 1}}}};
    const EventSet set = separable(30);
    for (const char* rule : {"stllr", "bptt"})
        for (const Lesson& lesson : std::vector<Lesson>{{"cross_entropy", false},
                                                        {"cross_entropy_of_sum", false},
                                                        {"cross_entropy_of_sum", true},
                                                        {"mse", false},
                                                        {mean, false},
                                                        {mean, true},
                                                        {count, true},
                                                        {"late", false},
                                                        {"late", true}}) {
            CAPTURE(rule);
            CAPTURE(lesson.loss);
            CAPTURE(lesson.spikes);
            const Experiment e = read_with_test_losses(with_loss(rule, lesson.loss, lesson.spikes));
            std::vector<std::uint32_t> order(set.size());
            std::iota(order.begin(), order.end(), 0u);
            auto trained = [&](unsigned threads, std::uint32_t steps) {
                Network network(e.network, 3, trained_populations(e.network));
                Trainer trainer(network, *e.training, *e.input, 3, threads);
                Score first, last;
                for (std::uint32_t step = 0; step < steps; ++step) {
                    last = trainer.train_batch(set, order, 0, step, 200);
                    if (step == 0) first = last;
                }
                CHECK(last.mean_loss() <= first.mean_loss());
                return std::pair(network.fingerprint(), trainer.evaluate(set).accuracy());
            };
            CHECK(trained(2, 120).second.value() > 0.6);  // chance: 1 in 3
            CHECK(trained(1, 3).first == trained(4, 3).first);
        }
}

TEST_CASE("stretches each have the loss of their part of the window") {
    // Of a window's loss the parts are told apart: a truncated training follows other errors.
    auto gradient = [](int truncation) {
        json e = with_loss("bptt", "late", false);
        e["training"]["rules"]["bptt"] = {{"truncation_ticks", truncation}};
        const Experiment read = read_with_test_losses(e);
        Network network(read.network, 3, trained_populations(read.network));
        const RuleInstances rules(network);
        const FeedbackWeights feedback(network, *read.training, 1);
        Gradients gradients(network, rules.sites());
        Learner learner(network, *read.training, rules, feedback, 0, gradients);
        const SampleOutcome outcome = learner.present(sample_of(separable(3), 1), 1);
        gradients.flush();
        return std::pair(outcome.loss, gradients.arrays()[2].bias.row(0)[0]);
    };
    const auto whole = gradient(0), same = gradient(20), halves = gradient(10);
    CHECK(whole == same);
    CHECK(halves.second != whole.second);
    CHECK(halves.first < whole.first);  // the mean of two parts, each shorter
}

TEST_CASE("a loss that gives no number ends the run with a word about the plugin") {
    for (const char* rule : {"stllr", "bptt"}) {
        const Experiment e = read_with_test_losses(with_loss(rule, "no_number", false));
        Network network(e.network, 3, trained_populations(e.network));
        Trainer trainer(network, *e.training, *e.input, 3, 2);
        const std::vector<std::uint32_t> order = {0, 1, 2};
        CHECK_THROWS_WITH_AS(trainer.train_batch(separable(3), order, 0, 0, 1),
                             doctest::Contains("plugin 'no_number' failed: it gives a loss or an "
                                               "error that is no number"),
                             PluginError);
    }
}

TEST_CASE("losses that cannot judge a readout, or are set wrongly, are refused") {
    auto refused = [](const json& loss, bool spikes, const char* words) {
        const std::string text = problems_with_test_losses(with_loss("stllr", loss, spikes));
        CAPTURE(text);
        CHECK(text.find(words) != std::string::npos);
    };
    refused("spike_count", false,
            "/training/readout: 'out' is no readout for the loss 'spike_count': its neuron "
            "'leaky_readout' never spikes; a population of a neuron that spikes is expected");
    refused("cross_entropy", true, "its neuron 'lif' spikes; a population of a neuron that never");
    refused("values_only", false,
            "/training/loss: 'values_only' is judged by target values, which recordings of");
    refused("hinge", false, "/training/loss/name: ");
    refused({{"name", "mse"}, {"parameters", {{"of", "count"}}}}, false,
            "/training/loss/parameters/of: ");
    refused({{"name", "spike_count"}, {"parameters", {{"right", 16}}}}, true,
            "/training/loss/parameters: plugin 'spike_count' failed: right is 16 spikes, and a "
            "neuron fires once in each of the window's 15 ticks at most");
    refused({{"name", "spike_count"}, {"parameters", {{"right", 2}, {"wrong", 2}}}}, true,
            "right has to be more spikes than wrong");
    const std::string local =
        problems_with_test_losses(with_loss("eprop", "cross_entropy_of_sum", true));
    CHECK(local.find("/training/readout: 'in->hidden' learns by 'eprop', which brings errors back "
                     "from a readout that never spikes, and 'out' does") != std::string::npos);
    json relay = with_loss("stllr", "mse", false);
    relay["training"]["readout"] = "in";
    CHECK(problems_with_test_losses(relay).find("'in' is no readout: it has no neurons") !=
          std::string::npos);
}
