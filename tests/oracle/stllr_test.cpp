// The golden cases of the S-TLLR authors' code with dense layers: rec_* (one recurrent layer) and
// ff_* (two feed-forward layers). Conventions: the README of the folder with the cases.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "learning/trainer.hpp"
#include "network/standardise.hpp"
#include "oracle/golden_case.hpp"
#include "support/environment.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

// The network of a case, described as a user would.
json network_of(const GoldenCase& c) {
    const json& config = c.config();
    const json lif = {{"leak", config.at("leak")},
                      {"threshold", std::max(0.5, config.at("threshold").get<double>())},
                      {"reset", config.at("reset")},
                      {"psi", c.json.at("psi")}};
    auto layer = [&](const char* name, const char* size) {
        return json{
            {"name", name}, {"size", config.at(size)}, {"neuron", "lif"}, {"parameters", lif}};
    };
    auto dense = [](const char* source, const char* target, bool standardise) {
        return json{
            {"source", source}, {"target", target}, {"bias", true}, {"standardise", standardise}};
    };
    json n = {{"populations",
               {{{"name", "in"}, {"size", config.at("n_in")}, {"neuron", "input"}},
                layer("l1", "n_hid")}},
              {"projections", {dense("in", "l1", true)}}};
    std::string last = "l1";
    if (config.contains("n_hid2")) {
        n["populations"].push_back(layer("l2", "n_hid2"));
        n["projections"].push_back(dense("l1", "l2", true));
        last = "l2";
    } else {
        n["projections"].push_back(
            {{"source", "l1"}, {"target", "l1"}, {"delay_ticks", 1}, {"standardise", true}});
    }
    n["populations"].push_back({{"name", "out"},
                                {"size", config.at("n_out")},
                                {"neuron", "leaky_readout"},
                                {"parameters", {{"leak", config.at("leak_out")}}}});
    n["projections"].push_back(dense(last.c_str(), "out", false));
    return n;
}

json training_of(const GoldenCase& c, const char* optimiser) {
    const json& config = c.config();
    const auto factors = config.at("factors").get<std::vector<double>>();
    const std::string feedback = config.at("feedback");
    return {{"rule", "stllr"},
            {"rules",
             {{"stllr",
               {{"lambda_post", factors[0]},
                {"lambda_pre", factors[1]},
                {"alpha_post", factors[2]},
                {"alpha_pre", factors[3]},
                {"readout_trace", config.at("readout_trace")}}}}},
            {"readout", "out"},
            {"feedback", feedback == "BP"    ? "bp"
                         : feedback == "DFA" ? "dfa"
                                             : "sdfa"},
            {"window_ticks", config.at("delay_ls")},
            {"batch", config.at("batch")},
            {"optimiser", {{"type", optimiser}, {"rate", 0.01}}}};
}

// Which of our arrays each of the reference's parameters is.
std::map<std::string, std::string> parameter_names(const GoldenCase& c) {
    std::map<std::string, std::string> names = {
        {"l1.weight", "in->l1 weight"}, {"l1.bias", "in->l1 bias"}, {"l1.gain", "in->l1 gain"}};
    if (c.config().contains("n_hid2")) {
        names.insert({{"l2.weight", "l1->l2 weight"},
                      {"l2.bias", "l1->l2 bias"},
                      {"l2.gain", "l1->l2 gain"},
                      {"out.weight", "l2->out weight"},
                      {"out.bias", "l2->out bias"}});
    } else {
        names.insert({{"l1.weight_rec", "l1->l1 weight"},
                      {"l1.gain_rec", "l1->l1 gain"},
                      {"out.weight", "l1->out weight"},
                      {"out.bias", "l1->out bias"}});
    }
    return names;
}

// [out][in] there, [in][out] here; vectors are rows.
void put(Matrix& matrix, const std::vector<double>& values, bool transposed) {
    REQUIRE(values.size() == std::size_t{matrix.rows} * matrix.columns);
    for (std::uint32_t r = 0; r < matrix.rows; ++r)
        for (std::uint32_t k = 0; k < matrix.columns; ++k)
            matrix.row(r)[k] = static_cast<float>(
                values[transposed ? k * matrix.rows + r : r * matrix.columns + k]);
}
std::vector<double> taken(const Matrix& matrix, bool transposed) {
    std::vector<double> values(std::size_t{matrix.rows} * matrix.columns);
    for (std::uint32_t r = 0; r < matrix.rows; ++r)
        for (std::uint32_t k = 0; k < matrix.columns; ++k)
            values[transposed ? k * matrix.rows + r : r * matrix.columns + k] = matrix.row(r)[k];
    return values;
}
bool is_weight(const std::string& name) {
    return name.find("weight") != std::string::npos;
}

// Everything that a case needs, built anew for each thing that is checked.
struct Setup {
    NetworkDescription description;
    std::unique_ptr<Network> network;
    TrainingDescription training;
    EventSet set;

    Setup(const GoldenCase& c, const char* optimiser) {
        Problems problems;
        json completed = network_of(c);
        check_and_complete(network_form(plugins()), completed, "/network", problems);
        description = read_network(completed, plugins(), "/network", problems);
        json training_json = training_of(c, optimiser);
        check_and_complete(training_form(plugins()), training_json, "/training", problems);
        for (const Problem& problem : problems) FAIL(to_text(problem));
        training =
            read_training(training_json, plugins(), description, c.size("T"), 0, "", problems);
        for (const Problem& problem : problems) FAIL(to_text(problem));
        network = std::make_unique<Network>(description, 1, trained_populations(description));
        const auto names = parameter_names(c);
        for (const Parameter& parameter : network->parameters())
            for (const auto& [theirs, ours] : names)
                if (ours == parameter.name)
                    put(*parameter.value, flattened(c.json.at("parameters").at(theirs)),
                        is_weight(ours));
        network->refresh();
        read_events(c);
    }

    void read_events(const GoldenCase& c) {
        set.units = c.size("n_in");
        set.ticks = c.size("T");
        const json& input = c.json.at("input");
        for (std::size_t b = 0; b < c.size("batch"); ++b) {
            std::vector<std::uint32_t> keys;
            for (std::uint32_t t = 0; t < set.ticks; ++t)
                for (std::uint32_t i = 0; i < set.units; ++i)
                    if (input[t][b][i] != 0) keys.push_back(t * set.units + i);
            set.add(keys, c.json.at("labels")[b]);
        }
    }

    void put_feedback(const GoldenCase& c, FeedbackWeights& feedback) const {
        for (std::size_t p = 0; p < feedback.of.size(); ++p) {
            if (feedback.of[p].rows == 0) continue;
            // The reference's hook of layer l1 is h1 where there are two layers.
            const std::string layer = description.populations[p].name;
            const json& parameters = c.json.at("parameters");
            for (const std::string& key : {std::string("hook.fixed_fb_weights"),
                                           "h" + layer.substr(1) + ".fixed_fb_weights"})
                if (parameters.contains(key))
                    put(feedback.of[p], flattened(parameters.at(key)), false);
        }
    }
};

// Collects the values of one quantity in the order of the reference: time, batch, unit.
class Course {
  public:
    Course(std::size_t ticks, std::size_t batch) : ticks_(ticks), batch_(batch) {}
    void add(std::size_t t, std::size_t b, const std::vector<double>& values) {
        if (rows_.empty()) rows_.resize(ticks_ * batch_);
        rows_[t * batch_ + b] = values;
    }
    std::vector<double> flat() const {
        std::vector<double> all;
        for (const auto& row : rows_) all.insert(all.end(), row.begin(), row.end());
        return all;
    }

  private:
    std::size_t ticks_, batch_;
    std::vector<std::vector<double>> rows_;
};

void check_case(const GoldenCase& c) {
    CAPTURE(c.name);
    Setup setup(c, "sgd");
    const Network& network = *setup.network;
    const RuleInstances rules(network, setup.training);
    FeedbackWeights feedback(network, setup.training, 1);
    setup.put_feedback(c, feedback);
    Learner learner(network, setup.training, rules, feedback, 0);
    const std::uint32_t ticks = c.size("T"), batch = c.size("batch");
    const bool recurrent = !c.config().contains("n_hid2");
    const std::vector<std::string> layers =
        recurrent ? std::vector<std::string>{"l1"} : std::vector<std::string>{"l1", "l2"};

    std::map<std::string, Course> courses;
    auto note = [&](const std::string& name, std::size_t t, std::size_t b,
                    const std::vector<double>& values) {
        courses.try_emplace(name, ticks, batch).first->second.add(t, b, values);
    };
    auto floats = [](const float* values, std::size_t count) {
        return std::vector<double>(values, values + count);
    };
    std::vector<double> losses(setup.training.window);
    for (ProjectionGradient& gradient : learner.gradients()) gradient.clear();
    for (std::uint32_t b = 0; b < batch; ++b) {
        SampleEvents sample;
        sample.assign(setup.set.recording(b), setup.set.units, ticks);
        sample.label = setup.set.labels[b];
        learner.begin(sample, batch);
        for (std::uint32_t t = 0; t < ticks; ++t) {
            learner.tick(t);
            const Engine& engine = learner.engine();
            for (std::uint32_t l = 0; l < layers.size(); ++l) {
                const std::uint32_t population = l + 1;
                const std::size_t size = network.populations()[population].size();
                std::vector<double> u, spikes(size);
                engine.read(population, 0, u);
                for (const std::uint32_t i : engine.spikes(population)) spikes[i] = 1;
                const StateColumns& rule = learner.rule_state(l);
                const std::uint32_t inputs = network.projections()[l].topology->pre_count();
                note(layers[l] + ".u_after_reset", t, b, u);
                note(layers[l] + ".spikes", t, b, spikes);
                note(layers[l] + ".trace_in", t, b, floats(rule.column<float>(0), inputs));
                note(layers[l] + ".trace_out", t, b, floats(rule.column<float>(1), size));
            }
            // The reference adds a tick's spikes to this trace at that tick's end, for use at the
            // next; here they arrive at the next tick. Its value after t is ours after t + 1.
            if (recurrent && t > 0)
                note("l1.trace_in_rec", t - 1, b,
                     floats(learner.rule_state(1).column<float>(0), c.size("n_hid")));
            note("logits", t, b, floats(engine.output(setup.training.readout), c.size("n_out")));
            if (ticks - t <= setup.training.window)
                losses[t - (ticks - setup.training.window)] += learner.tick_loss() / batch;
        }
        learner.end();
    }

    // Forward dynamics and traces, tick by tick.
    for (const auto& entry : courses) {
        const std::string& name = entry.first;
        const Course& course = entry.second;
        CAPTURE(name);
        json expected = json::array();
        for (const json& step : c.json.at("steps")) {
            const auto dot = name.find('.');
            expected.push_back(dot == std::string::npos
                                   ? step.at(name)
                                   : step.at(name.substr(0, dot)).at(name.substr(dot + 1)));
        }
        if (name == "l1.trace_in_rec") expected.erase(expected.size() - 1);
        const double allowed = name.ends_with(".spikes") ? 0.0 : c.tolerance();
        CHECK(deviation(course.flat(), flattened(expected)) <= allowed);
    }
    CHECK(deviation(losses, flattened(c.json.at("losses"))) <= c.tolerance());

    // Gradients, carried back through the standardisation.
    std::map<std::string, Matrix> gradients;
    for (std::size_t p = 0; p < network.projections().size(); ++p) {
        const Projection& projection = network.projections()[p];
        ProjectionGradient& g = learner.gradients()[p];
        if (projection.standardises()) {
            Matrix gain(1, projection.gain.columns);
            standardise_backward(projection.weights, projection.gain, g.weights, gain, 0,
                                 static_cast<std::uint32_t>(g.weights.stride));
            gradients[projection.name + " gain"] = gain;
        }
        gradients[projection.name + " weight"] = g.weights;
        if (projection.has_bias()) gradients[projection.name + " bias"] = g.bias;
    }
    const auto names = parameter_names(c);
    for (const auto& item : c.json.at("gradients").items()) {
        const std::string& theirs = item.key();
        const json& expected = item.value();
        CAPTURE(theirs);
        const std::string ours = names.at(theirs);
        CHECK(deviation(taken(gradients.at(ours), is_weight(ours)), flattened(expected)) <=
              c.tolerance());
    }

    // One step of each optimiser, through the trainer, with one and with two threads.
    for (const auto& item : c.json.at("after_one_step").items())
        for (const unsigned threads : {1u, 2u}) {
            const std::string& step_name = item.key();
            const json& expected_parameters = item.value();
            CAPTURE(step_name);
            Setup fresh(c, step_name.starts_with("adam") ? "adam" : "sgd");
            Trainer trainer(*fresh.network, fresh.training, 0, 1, threads);
            fresh.put_feedback(c, trainer.feedback());
            std::vector<std::uint32_t> order(batch);
            for (std::uint32_t b = 0; b < batch; ++b) order[b] = b;
            trainer.train_batch(fresh.set, order, 0, 0, 1);
            for (const Parameter& parameter : fresh.network->parameters())
                for (const auto& pair : names) {
                    const std::string &theirs = pair.first, &ours = pair.second;
                    if (ours == parameter.name && expected_parameters.contains(theirs)) {
                        CAPTURE(theirs);
                        CHECK(deviation(taken(*parameter.value, is_weight(ours)),
                                        flattened(expected_parameters.at(theirs))) <=
                              c.tolerance());
                    }
                }
        }
}

}  // namespace

TEST_CASE("S-TLLR agrees with the reference on every golden case") {
    const auto cases = golden_cases(oracle_folder(), {"rec_", "ff_"});
    REQUIRE(!cases.empty());
    for (const GoldenCase& c : cases) check_case(c);
    MESSAGE(fmt::format("{} golden cases", cases.size()));
}

int main(int argc, char** argv) {
    if (oracle_folder().empty()) {
        fmt::print("skipped: no golden cases; set SYNFIRE_ORACLE to their folder\n");
        return skipped;
    }
    return doctest::Context(argc, argv).run();
}
