// Heads of a flow at several scales: what they are compared with, and what they teach.
#include <doctest/doctest.h>

#include "learning/coarse_target.hpp"
#include "support/trial.hpp"

namespace heads {

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

constexpr std::uint32_t side = 16, coarse = 4;

json convolution(const char* source, const char* target, std::uint32_t stride) {
    return {{"source", source},
            {"target", target},
            {"topology", "conv2d"},
            {"kernel", stride},
            {"stride", stride}};
}
json experiment_of(const std::string& rule, const std::string& loss) {
    json e = small_experiment();
    e["network"]["populations"] = {
        {{"name", "in"}, {"shape", {2, side, side}}, {"neuron", "input"}},
        {{"name", "hidden"},
         {"shape", {4, side, side}},
         {"neuron", "lif"},
         {"parameters", {{"leak", 1}, {"psi", "triangular_0.3"}}}},
        {{"name", "flow"}, {"shape", {2, side, side}}, {"neuron", "leaky_readout"}},
        {{"name", "head"}, {"shape", {2, coarse, coarse}}, {"neuron", "leaky_readout"}}};
    e["network"]["projections"] = {convolution("in", "hidden", 1), convolution("hidden", "flow", 1),
                                   convolution("hidden", "head", side / coarse)};
    e["input"] = {{"format", "moving_scenes"}, {"population", "in"}, {"ticks", 6}};
    e["training"] = {{"rule", rule}, {"readout", "flow"}, {"heads", {"head"}}, {"loss", loss}};
    return e;
}

// Random events with a random flow, mask and pictures.
struct Sample {
    EventSet set = random_recordings(1, 2 * side * side, 6, 3);
    std::vector<float> floats;
    SampleEvents events = sample_of(set, 0);

    Sample() {
        const TargetKind kind{{2, side, side}, true};
        Random random(1, Stream::weights, 0, 0);
        for (std::size_t i = 0; i < kind.floats(); ++i) floats.push_back(random.uniform(-2, 2));
        for (std::size_t p = 0; p < kind.pixels(); ++p)
            floats[kind.shape.size() + p] = random.uniform() < 0.3f ? 1.0f : 0.0f;
        events.target = Target(kind, floats.data());
    }
};

Matrix gradient(Trial& trial, std::size_t projection, const Sample& sample) {
    trial.gradients.begin();
    trial.learner.present(sample.events, 1);
    trial.gradients.flush();
    return trial.gradients.arrays()[projection].weights;
}

}  // namespace

TEST_CASE("a coarse target is the mean of what counts, in its own pixels") {
    const Sample sample;
    const MapShape input{2, side, side}, map{2, coarse, coarse};
    constexpr std::uint32_t factor = side / coarse;
    CoarseTarget target(input, factor);
    target.make(sample.events, true);
    std::uint32_t counted = 0;
    for (std::uint32_t row = 0; row < coarse; ++row)
        for (std::uint32_t column = 0; column < coarse; ++column) {
            double sums[2] = {}, count = 0, frames[2] = {};
            for (std::uint32_t p = 0; p < side * side; ++p) {
                const std::uint32_t y = p / side, x = p % side;
                if (y / factor != row || x / factor != column) continue;
                for (int f = 0; f < 2; ++f)
                    frames[f] += sample.events.target.frames[f * side * side + p];
                if (sample.events.target.mask[p] == 0) continue;
                ++count;
                for (std::uint32_t c = 0; c < 2; ++c)
                    sums[c] += sample.events.target.values[input.neuron(c, y, x)];
            }
            const std::uint32_t pixel = row * coarse + column;
            CHECK(target.target().mask[pixel] == (count > 0 ? 1.0f : 0.0f));
            for (std::uint32_t c = 0; c < 2; ++c)
                CHECK(target.target().values[map.neuron(c, row, column)] ==
                      doctest::Approx(count > 0 ? sums[c] / count / factor : 0));
            for (int f = 0; f < 2; ++f)
                CHECK(target.target().frames[f * coarse * coarse + pixel] ==
                      doctest::Approx(frames[f] / (factor * factor)));
            counted += count > 0;
        }
    CHECK(counted > 0);
    REQUIRE(target.events().size() == sample.events.units.size());
    for (std::size_t k = 0; k < target.events().size(); ++k) {
        const std::uint32_t fine = sample.events.units[k], pixel = fine / 2;
        CHECK(target.events()[k] ==
              map.neuron(fine % 2, pixel / side / factor, pixel % side / factor));
    }
}

TEST_CASE(
    "weights onto a head have the derivative of its loss, others the sum of what heads teach") {
    constexpr std::size_t onto_hidden = 0, onto_flow = 1, onto_head = 2;
    const Sample sample;
    for (const std::string rule : {"bptt", "stllr"})
        for (const std::string loss : {"mse", "photometric"}) {
            CAPTURE(rule);
            CAPTURE(loss);
            json e = experiment_of(rule, loss);
            e["training"]["window_ticks"] = 1;
            if (rule == "stllr") e["training"]["rules"]["stllr"]["readout_trace"] = 0.9;
            Trial trial(e);
            const Matrix of_hidden = gradient(trial, onto_hidden, sample);
            const Matrix of_head = gradient(trial, onto_head, sample);
            const auto without = [&](std::size_t projection) {
                Trial other(e);
                std::ranges::fill(other.network.projections()[projection].weights.data, 0.0f);
                other.network.refresh();
                return gradient(other, onto_hidden, sample);
            };
            const Matrix by_flow = without(onto_head), by_head = without(onto_flow);
            double largest = 0;
            for (std::uint32_t r = 0; r < of_hidden.rows; ++r)
                for (std::uint32_t c = 0; c < of_hidden.columns; ++c) {
                    CHECK(of_hidden.row(r)[c] ==
                          doctest::Approx(by_flow.row(r)[c] + by_head.row(r)[c])
                              .epsilon(1e-3)
                              .scale(1e-3));
                    largest = std::max<double>(largest, std::abs(by_head.row(r)[c]));
                }
            CHECK(largest > 1e-5);
            if (rule != "bptt" || loss != "mse") continue;  // a smooth one
            Matrix& weights = trial.network.projections()[onto_head].weights;
            for (const std::uint32_t r : {0u, 17u, 40u}) {
                constexpr float step = 1e-2f;
                const float before = weights.row(r)[1];
                double losses[2];
                for (const int side_of : {0, 1}) {
                    weights.row(r)[1] = before + (side_of ? step : -step);
                    trial.network.refresh();
                    losses[side_of] = *trial.learner.present(sample.events, 0).loss;
                }
                weights.row(r)[1] = before;
                trial.network.refresh();
                CHECK((losses[1] - losses[0]) / (2 * step) ==
                      doctest::Approx(of_head.row(r)[1]).epsilon(0.02).scale(1e-3));
            }
        }
}

TEST_CASE("heads that nothing could judge are refused with the reason") {
    const auto refusal = [](auto change) {
        json e = experiment_of("bptt", "mse");
        change(e);
        return problems_of(e);
    };
    const auto holds = [](const std::string& text, const char* part) {
        CAPTURE(text);
        CHECK(text.find(part) != std::string::npos);
    };
    CHECK(refusal([](json&) {}) == "");
    holds(refusal([](json& e) { e["training"]["heads"] = {"nobody"}; }),
          "There is no population 'nobody'");
    holds(refusal([](json& e) { e["training"]["heads"] = {"flow"}; }), "'flow' is judged already");
    holds(refusal([](json& e) {
              e["training"]["loss"] = "photometric";
              e["training"]["heads"] = {"hidden"};
          }),
          "'hidden' is no readout for the loss 'photometric'");
    holds(refusal([](json& e) { e["training"]["feedback"] = "dfa"; }),
          "Errors of heads are carried back by the network's own weights");
    holds(refusal([](json& e) {
              e["network"]["populations"][3]["shape"] = {2, 4, 2};
              e["network"]["projections"][2] = {{"source", "hidden"}, {"target", "head"}};
          }),
          "a head has a \"shape\" of [2, 16 / n, 16 / n]");
    holds(refusal([](json& e) { e["network"]["projections"].erase(2); }),
          "Nothing feeds the head 'head'");
    holds(refusal([](json& e) {
              e["input"] = {{"format", "gestures"}, {"population", "in"}, {"ticks", 6}};
              e["training"]["loss"] = "cross_entropy";
          }),
          "Heads are of a flow");
}

}  // namespace heads
