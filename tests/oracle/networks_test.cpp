// The golden cases of the S-TLLR authors' code: rec_* (one recurrent layer), ff_* (two feed-forward
// layers), conv_* (convolutions and pooling), and bptt_* (their back-propagation through time).
// Conventions: the README of the folder with the cases.
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <numeric>

#include "kernels/standardise.hpp"
#include "oracle/golden_network.hpp"
#include "support/environment.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

// Values of one quantity in the order of the reference: time, batch, unit.
class Course {
  public:
    Course(std::size_t ticks, std::size_t batch) : batch_(batch), rows_(ticks * batch) {}
    void add(std::size_t t, std::size_t b, std::vector<double> values) {
        rows_[t * batch_ + b] = std::move(values);
    }
    std::vector<double> flat() const {
        std::vector<double> all;
        for (const auto& row : rows_) all.insert(all.end(), row.begin(), row.end());
        return all;
    }

  private:
    std::size_t batch_;
    std::vector<std::vector<double>> rows_;
};

// Presents the samples of a case and keeps what the reference printed.
class Presentation {
  public:
    Presentation(const GoldenCase& c, GoldenNetwork& golden, Learner& learner, Gradients& gradients)
        : case_(c),
          golden_(golden),
          learner_(learner),
          gradients_(gradients),
          ticks_(c.size("T")),
          batch_(c.size("batch")) {}

    std::map<std::string, Course> courses;  // by the reference's path: "l1.spikes"
    std::vector<double> losses;

    void run() {
        const std::uint32_t window = golden_.training.window;
        const bool each_tick = golden_.training.loss.model->id() == "cross_entropy";
        losses.assign(each_tick ? window : 1, 0.0);
        gradients_.begin();
        for (std::uint32_t b = 0; b < batch_; ++b) {
            SampleEvents sample;
            sample.assign(golden_.set.recording(b), golden_.set.units, ticks_);
            sample.label = golden_.set.labels[b];
            learner_.begin(sample, batch_);
            for (std::uint32_t t = 0; t < ticks_; ++t) {
                learner_.tick(t);
                note_tick(t, b);
                if (each_tick && ticks_ - t <= window)
                    losses[t - (ticks_ - window)] += learner_.tick_loss() / batch_;
            }
            const SampleOutcome outcome = learner_.end();
            if (!each_tick) losses[0] += *outcome.loss / batch_;
        }
        gradients_.flush();
    }

  private:
    void note(const std::string& name, std::size_t t, std::size_t b, std::vector<double> values) {
        courses.try_emplace(name, ticks_, batch_).first->second.add(t, b, std::move(values));
    }
    static std::vector<double> doubles(const float* values, std::size_t count) {
        return {values, values + count};
    }

    void note_tick(std::uint32_t t, std::uint32_t b) {
        const Engine& engine = learner_.engine();
        for (const GoldenLayer& layer : golden_.layers) {
            const auto p = static_cast<std::uint32_t>(golden_.description.find(layer.name));
            const std::size_t size = golden_.network->populations()[p].size();
            std::vector<double> u, spikes(size);
            engine.read(p, 0, u);
            for (const std::uint32_t i : engine.spikes(p)) spikes[i] = 1;
            note(layer.name + ".u_after_reset", t, b, golden_.in_order(p, u));
            note(layer.name + ".spikes", t, b, golden_.in_order(p, spikes));
            if (case_.rule() == "stllr") note_traces(layer, p, t, b);
        }
        note("logits", t, b,
             doubles(engine.output(*golden_.training.readout), case_.size("n_out")));
    }

    void note_traces(const GoldenLayer& layer, std::uint32_t p, std::uint32_t t, std::uint32_t b) {
        const auto& projections = golden_.description.projections;
        for (std::size_t s = 0; s < learner_.sites().size(); ++s)
            for (const auto [q, first] : learner_.sites()[s].members) {
                if (projections[q].target != p) continue;
                const float* pre = learner_.rule_state(s).column<float>(0) + first;
                if (projections[q].name == layer.input_projection) {
                    const float* post = learner_.rule_state(s).column<float>(1);
                    note(layer.name + ".trace_in", t, b,
                         golden_.in_order(projections[q].source, trace_of_source(q, pre)));
                    note(layer.name + ".trace_out", t, b,
                         golden_.in_order(p,
                                          doubles(post, golden_.network->populations()[p].size())));
                } else if (t > 0) {
                    // The reference adds a tick's spikes to this trace at that tick's end, for use
                    // at the next; here they arrive at the next tick. Its value after t is ours
                    // after t+1.
                    note(layer.name + ".trace_in_rec", t - 1, b,
                         doubles(pre, golden_.network->populations()[p].size()));
                }
            }
    }

    // Behind an averaging pooling the rule sees the events of the pooling's source, each of which
    // counts for its part of a window.
    std::vector<double> trace_of_source(std::uint32_t q, const float* pre) const {
        const auto& d = golden_.description;
        const std::uint32_t source = d.projections[q].source;
        if (!d.hands_on(source)) return doubles(pre, d.populations[source].size);
        const auto& pooling = d.projections[d.poolings[source].front()];
        const MapShape &fine = *d.populations[pooling.source].shape,
                       &coarse = *d.populations[source].shape;
        const std::uint32_t size = pooling.json->at("size");
        std::vector<double> trace(coarse.size());
        for (std::uint32_t row = 0; row < coarse.rows * size; ++row)
            for (std::uint32_t column = 0; column < coarse.columns * size; ++column)
                for (std::uint32_t k = 0; k < fine.channels; ++k)
                    trace[coarse.neuron(k, row / size, column / size)] +=
                        pre[fine.neuron(k, row, column)] / (size * size);
        return trace;
    }

    const GoldenCase& case_;
    GoldenNetwork& golden_;
    Learner& learner_;
    Gradients& gradients_;
    std::uint32_t ticks_, batch_;
};

void check_courses(const GoldenCase& c, const Presentation& presentation) {
    for (const auto& entry : presentation.courses) {
        const std::string& name = entry.first;
        CAPTURE(name);
        json expected = json::array();
        for (const json& step : c.json.at("steps")) {
            const auto dot = name.find('.');
            expected.push_back(dot == std::string::npos
                                   ? step.at(name)
                                   : step.at(name.substr(0, dot)).at(name.substr(dot + 1)));
        }
        if (name.ends_with(".trace_in_rec")) expected.erase(expected.size() - 1);
        const double allowed = name.ends_with(".spikes") ? 0.0 : c.tolerance();
        CHECK(deviation(entry.second.flat(), flattened(expected)) <= allowed);
    }
    CHECK(deviation(presentation.losses, flattened(c.json.at("losses"))) <= c.tolerance());
}

// Gradients with respect to the parameters: of the weights as they are learned.
void check_gradients(const GoldenCase& c, const GoldenNetwork& golden, Gradients& gradients) {
    std::size_t found = 0;
    auto check = [&](const std::string& ours, const Matrix& gradient) {
        CAPTURE(ours);
        const std::string theirs = golden.reference_name(ours);
        REQUIRE(c.json.at("gradients").contains(theirs));
        ++found;
        CHECK(deviation(golden.taken(ours, gradient),
                        flattened(c.json.at("gradients").at(theirs))) <= c.tolerance());
    };
    for (std::size_t p = 0; p < golden.network->projections().size(); ++p) {
        const Projection& projection = golden.network->projections()[p];
        if (!projection.learn) continue;
        ProjectionGradient& g = gradients.arrays()[p];
        for (float& value : g.weights.data) value *= projection.topology->amplitude();
        if (projection.standardises()) {
            Matrix gain(1, projection.gain.columns);
            standardise_backward(projection.weights, projection.gain, g.weights, gain, 0,
                                 static_cast<std::uint32_t>(g.weights.stride));
            check(projection.name + " gain", gain);
        }
        check(projection.name + " weight", g.weights);
        if (projection.has_bias()) check(projection.name + " bias", g.bias);
    }
    CHECK(found == c.json.at("gradients").size());
}

// One step of each optimiser, through the trainer, with one and with two threads.
void check_steps(const GoldenCase& c) {
    if (!c.json.contains("after_one_step")) return;
    for (const auto& item : c.json.at("after_one_step").items())
        for (const unsigned threads : {1u, 2u}) {
            const std::string& step_name = item.key();
            const json& expected = item.value();
            CAPTURE(step_name);
            GoldenNetwork fresh(c, step_name.starts_with("adam") ? "adam" : "sgd");
            Trainer trainer(*fresh.network, fresh.training, 0, 1, threads);
            fresh.put_feedback(trainer.feedback());
            std::vector<std::uint32_t> order(c.size("batch"));
            std::iota(order.begin(), order.end(), 0u);
            trainer.train_batch(fresh.set, order, 0, 0, 1);
            std::size_t found = 0;
            for (const Parameter& parameter : fresh.network->parameters()) {
                const std::string theirs = fresh.reference_name(parameter.name);
                if (!expected.contains(theirs)) continue;
                CAPTURE(theirs);
                ++found;
                CHECK(deviation(fresh.taken(parameter.name, *parameter.value),
                                flattened(expected.at(theirs))) <= c.tolerance());
            }
            CHECK(found == expected.size());
        }
}

void check_case(const GoldenCase& c) {
    CAPTURE(c.name);
    GoldenNetwork golden(c, "sgd");
    const RuleInstances rules(*golden.network);
    FeedbackWeights feedback(*golden.network, golden.training, 1);
    golden.put_feedback(feedback);
    Gradients gradients(*golden.network, rules.sites());
    Learner learner(*golden.network, golden.training, rules, feedback, 0, gradients);
    Presentation presentation(c, golden, learner, gradients);
    presentation.run();
    check_courses(c, presentation);
    check_gradients(c, golden, gradients);
    check_steps(c);
}

}  // namespace

TEST_CASE("networks agree with the reference on every golden case") {
    const auto cases = golden_cases(Golden::network);
    REQUIRE(!cases.empty());
    for (const GoldenCase& c : cases) check_case(c);
    MESSAGE(fmt::format("{} golden cases", cases.size()));
}
