// Losses of a flow: their errors are finite differences; what masks, pictures and events say; and
// how far flows are from the true ones.
#include <doctest/doctest.h>

#include <cmath>

#include "base/random.hpp"
#include "learning/flow_error.hpp"
#include "plugins/instance.hpp"
#include "support/environment.hpp"
#include "support/experiments.hpp"

namespace flow_losses {

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

constexpr std::uint32_t rows = 5, columns = 6, pixels = rows * columns, outputs = 2 * pixels;
constexpr std::uint32_t window_ticks = 4;

// A sample that is judged, with everything that a loss may ask for.
class Judged {
  public:
    std::vector<float> output, error, target, mask, frames;
    std::vector<std::uint32_t> neurons, ticks;

    Judged(const char* id, const json& parameters) : model_(*plugins().loss(id)) {
        Form form = parameter_form(*model_.table->description);
        json completed = parameters;
        Problems problems;
        check_and_complete(form, completed, "", problems);
        REQUIRE(problems.empty());
        const synfire_loss_site site{
            sizeof(synfire_loss_site), outputs, window_ticks, 0, 1.0, 2, rows, columns, 2};
        loss_.emplace(model_.table, parameter_values(*model_.table->description, completed), site);
        Random random(5, Stream::weights, 0, 0);
        for (std::uint32_t k = 0; k < outputs; ++k) {
            output.push_back(random.uniform(-1.7f, 1.7f));
            target.push_back(random.uniform(-1, 1));
        }
        for (std::uint32_t p = 0; p < pixels; ++p) {
            mask.push_back(random.below(4) > 0 ? 1.0f : 0.0f);
            frames.push_back(random.uniform());
            frames.push_back(random.uniform());
        }
        for (std::uint32_t t = 0; t < 8; ++t)
            for (std::uint32_t n = 0; n < outputs; ++n)
                if (random.below(5) == 0) {
                    neurons.push_back(n);
                    ticks.push_back(t);
                }
        error.resize(outputs);
    }
    double evaluate() {
        synfire_loss_window window{};
        window.size = sizeof window;
        window.outputs = outputs;
        window.ticks = loss_->scope() == SYNFIRE_LOSS_EACH_TICK ? 1 : window_ticks;
        window.rows = 1;
        window.stride = outputs;
        window.output = output.data();
        window.target = target.data();
        window.label = UINT32_MAX;
        window.error = error.data();
        window.mask = mask.data();
        window.frames = frames.data();
        window.event_neurons = neurons.data();
        window.event_ticks = ticks.data();
        window.event_count = static_cast<std::uint32_t>(neurons.size());
        window.sample_ticks = 8;
        loss_->evaluate(window);
        return window.loss;
    }

  private:
    const LossModel& model_;
    std::optional<LossInstance> loss_;
};

struct Case {
    const char* id;
    json parameters;
};
const Case cases[] = {{"endpoint_error", json::object()},
                      {"endpoint_error", {{"of", "mean"}}},
                      {"mse", json::object()},
                      {"mse", {{"of", "mean"}}},
                      {"photometric", {{"smoothness", 0}, {"epsilon", 0.1}}},
                      {"photometric", {{"of", "mean"}, {"smoothness", 3}, {"epsilon", 0.1}}},
                      {"contrast", {{"smoothness", 0}}},
                      {"contrast", {{"of", "mean"}, {"smoothness", 2}}}};

}  // namespace

TEST_CASE("errors of losses of a flow are finite differences of them") {
    for (const Case& c : cases) {
        CAPTURE(c.id);
        CAPTURE(c.parameters.dump());
        Judged judged(c.id, c.parameters);
        judged.evaluate();
        const std::vector<float> error = judged.error;
        double largest = 0;
        int apart = 0;
        for (std::uint32_t k = 0; k < outputs; ++k) {
            const float there = judged.output[k];
            const float step = 1.0f / 512;
            judged.output[k] = there + step;
            const double up = judged.evaluate();
            judged.output[k] = there - step;
            const double down = judged.evaluate();
            judged.output[k] = there;
            const double slope = (up - down) / (2.0 * step);
            largest = std::max(largest, std::fabs(slope));
            // At the border between pixels, where a derivative jumps, a difference is neither
            // side's.
            apart += std::fabs(slope - double{error[k]}) > 0.02 * std::fabs(slope) + 1e-3;
        }
        CHECK(largest > 1e-3);
        CHECK(apart <= 3);
    }
}

TEST_CASE("what the mask leaves out changes no loss of true values") {
    for (const char* id : {"endpoint_error", "mse"}) {
        CAPTURE(id);
        Judged judged(id, json::object());
        const double before = judged.evaluate();
        for (std::uint32_t p = 0; p < pixels; ++p)
            if (judged.mask[p] == 0) judged.target[2 * p] = judged.output[2 * p + 1] = 1e6f;
        CHECK(judged.evaluate() == before);
        for (std::uint32_t p = 0; p < pixels; ++p)
            if (judged.mask[p] == 0) CHECK(judged.error[2 * p] == 0);
        std::ranges::fill(judged.mask, 0.0f);
        CHECK(judged.evaluate() == 0);  // and no division by the number of pixels
        for (const float e : judged.error) CHECK(e == 0);
    }
}

TEST_CASE("a picture that has moved is explained by its displacement, and events by theirs") {
    Judged pictures("photometric", {{"smoothness", 0}});
    // A slope, moved by one pixel to the right.
    for (std::uint32_t p = 0; p < pixels; ++p) {
        pictures.frames[2 * p] = 0.1f * static_cast<float>(p % columns);
        pictures.frames[2 * p + 1] = 0.1f * (static_cast<float>(p % columns) - 1);
        pictures.output[2 * p] = 1;
        pictures.output[2 * p + 1] = 0;
    }
    const double moved = pictures.evaluate();
    for (std::uint32_t p = 0; p < pixels; ++p) pictures.output[2 * p] = 0;
    CHECK(moved < 0.05 * pictures.evaluate());

    // An edge that runs along a row, a pixel a tick.
    Judged events("contrast", {{"smoothness", 0}});
    events.neurons.clear();
    events.ticks.clear();
    for (std::uint32_t t = 1; t + 1 < columns; ++t) {
        events.neurons.push_back((2 * columns + t) * 2 + 1);
        events.ticks.push_back(t);
    }
    std::ranges::fill(events.output, 0.0f);
    const double still = events.evaluate();
    for (std::uint32_t p = 0; p < pixels; ++p) events.output[2 * p] = 8;  // in 8 ticks
    // Brought together, all events lie on one pixel, by which one sum of squares is divided.
    const double together = events.evaluate();
    for (std::uint32_t p = 0; p < pixels; ++p) events.output[2 * p] = -8;
    CHECK(together < still);
    CHECK(together < events.evaluate());
}

TEST_CASE("endpoint errors and outliers are those of the pixels that count") {
    const TargetKind kind{{2, 1, 3}, false};
    const std::vector<float> floats = {3, 4, 0, 0, 10, 0, /* mask */ 1, 1, 0};
    const std::vector<float> estimate = {0, 0, 0, 1, 99, 99};
    const auto error = flow_error(Target(kind, floats.data()), estimate);
    REQUIRE(error);
    CHECK(error->endpoint == doctest::Approx((5.0 + 1.0) / 2));
    CHECK(error->outliers == doctest::Approx(0.5));  // 5 pixels off is one, 1 pixel is none
    std::vector<float> none = floats;
    for (std::size_t k = 6; k < 9; ++k) none[k] = 0;
    CHECK_FALSE(flow_error(Target(kind, none.data()), estimate));
}

}  // namespace flow_losses
