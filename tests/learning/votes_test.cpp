// Classes from neurons that learn without labels: what votes are, what training by them needs and
// reaches, and that they are the same for any number of threads and after a stop.
#include <doctest/doctest.h>

#include <fstream>

#include "learning/input.hpp"
#include "learning/training_run.hpp"
#include "support/environment.hpp"
#include "support/experiments.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

constexpr std::uint32_t groups = 4, units = 24, voting_ticks = 30;

// 24 inputs, a quarter of which belong to each class; 12 neurons compete for them.
json competing() {
    return json::parse(R"({
        "name": "competing", "seed": 2,
        "network": {
            "populations": [
                {"name": "in", "size": 24, "neuron": "input"},
                {"name": "cells", "size": 12, "neuron": "lif_homeostatic",
                 "parameters": {"tau_m": 10, "V_th": -60, "theta_plus": 0.5, "tau_theta": 2000}},
                {"name": "out", "size": 4, "neuron": "leaky_readout"}
            ],
            "projections": [
                {"source": "in", "target": "cells",
                 "weights": {"distribution": "uniform", "low": 0.3, "high": 0.7}},
                {"source": "cells", "target": "cells", "delay_ticks": 1, "learn": false,
                 "weights": {"distribution": "constant", "value": -20}},
                {"source": "cells", "target": "out"}
            ]
        },
        "input": {"format": "spikes", "population": "in", "ticks": 30, "events": [[0, 1]]},
        "training": {
            "rule": "stdp",
            "rules": {"stdp": {"tau_plus": 10, "lambda": 0.02, "alpha": 0, "w_max": 2,
                               "weight_sum": 12}},
            "decoder": {"type": "votes", "population": "cells"}, "epochs": 4, "batch": 4
        }
    })");
}

// Recording i is of class i % 4: its own inputs fire often, the others seldom.
EventSet patterns(std::uint32_t count, std::uint64_t seed) {
    EventSet set;
    set.units = units;
    set.ticks = voting_ticks;
    for (std::uint32_t i = 0; i < count; ++i) {
        Random random(seed, Stream::scene, i, 0);
        std::vector<std::uint32_t> keys;
        for (std::uint32_t key = 0; key < units * voting_ticks; ++key) {
            const bool own = key % units * groups / units == i % groups;
            if (random.uniform() < (own ? 0.3f : 0.1f)) keys.push_back(key);
        }
        set.add(keys, i % groups);
    }
    return set;
}

struct Voting {
    Experiment experiment;
    Network network;
    Trainer trainer;
    InputData data;
    json provenance;
    std::string folder = scratch_folder();

    explicit Voting(unsigned threads, const json& e = competing())
        : experiment(synfire::testing::experiment(e)),
          network(experiment.network, experiment.seed, trained_populations(experiment.network)),
          trainer(network, *experiment.training, *experiment.input, experiment.seed, threads),
          data{patterns(61, 1), patterns(40, 2)},
          provenance(*synfire::provenance(experiment, data)) {}

    TrainingResult run(Progress progress = {}, int batches = -1) {
        int done = 0;
        TrainingHooks hooks;
        hooks.stop = [&] { return batches >= 0 && done >= batches; };
        hooks.report = [&](const TrainingReport& report) { done += report.finished == nullptr; };
        return run_training(experiment, provenance, network, trainer, data, folder,
                            std::move(progress), hooks);
    }
    std::string checkpoint() const { return folder + "/checkpoint.h5"; }
};

Votes counted(VoteKind kind) {
    Votes votes(3, kind);
    // Two recordings of class 0 and one of class 1; the last neuron never fired.
    votes.set({{2, 1}, {6, 1, 2, 3, 0, 0}});
    return votes;
}

std::string voting_problems(const std::function<void(json&)>& change) {
    json e = competing();
    change(e);
    return problems_of(e);
}

}  // namespace

TEST_CASE("votes are spread by mean responses, or go to the class of the largest") {
    // Responses: neuron 0: 3 and 1, neuron 1: 1 and 3.
    const Votes spread = counted(VoteKind::spread), one = counted(VoteKind::one),
                likely = counted(VoteKind::likelihood);
    const std::vector<Response> first{{0, 1}}, second{{1, 1}}, both{{0, 2}, {1, 3}};
    for (const Votes* votes : {&spread, &one, &likely}) {
        CHECK(votes->winner(first) == 0u);
        CHECK(votes->winner(second) == 1u);
        CHECK(votes->winner(both) == 1u);
        CHECK(votes->winner(std::vector<Response>{{2, 5}}) == std::nullopt);
        CHECK(votes->winner({}) == std::nullopt);
    }
    for (const Votes* votes : {&spread, &one})
        CHECK(votes->winner(std::vector<Response>{{0, 1}, {1, 1}}) == 0u);  // the first of equals
    // (6 + 1)/(8 + 3) (2 + 1)/(8 + 3) = 0.1736 of class 0, (1 + 1)/(4 + 3) (3 + 1)/(4 + 3) =
    // 0.1633.
    CHECK(likely.winner(std::vector<Response>{{0, 1}, {1, 1}}) == 0u);
    // 0.6364 0.2727^2 = 0.0473 and 0.2857 0.5714^2 = 0.0933.
    CHECK(likely.winner(std::vector<Response>{{0, 1}, {1, 2}}) == 1u);
    CHECK(likely.voters() == 2);
    // Where two neurons stand for a class, their mean counts.
    Votes means(3, VoteKind::one);
    means.set({{1, 1}, {5, 0, 5, 0, 0, 5}});
    CHECK(means.winner(std::vector<Response>{{0, 2}, {1, 2}, {2, 3}}) == 1u);
    Votes sums(3, VoteKind::spread);
    sums.set({{1, 1}, {5, 0, 5, 0, 0, 5}});
    CHECK(sums.winner(std::vector<Response>{{0, 2}, {1, 2}, {2, 3}}) == 0u);
}

TEST_CASE("a network learns classes without labels and is judged by votes") {
    Voting voting(2);
    const TrainingResult result = voting.run();
    CHECK(result.test.accuracy().value() > 0.9);  // chance is 0.25
    CHECK_FALSE(result.test.mean_loss().has_value());
    REQUIRE(result.progress.curves.size() == 4);
    const CurveRow& last = result.progress.curves.back();
    CHECK(last.train_accuracy.value() > 0.9);
    CHECK_FALSE(last.train_loss.has_value());
    CHECK_FALSE(last.test_loss.has_value());
    std::ifstream curves(voting.folder + "/curves.csv");
    std::string row;
    std::getline(curves, row);
    std::getline(curves, row);
    CHECK(row.starts_with("1,,0."));
    // Labels change what is voted for, and nothing that is learned.
    Voting other(2);
    for (std::uint32_t& label : other.data.train.labels) label = (label + 1) % groups;
    other.provenance = *provenance(other.experiment, other.data);
    CHECK(other.run().test.accuracy().value() < 0.1);
    CHECK(other.network.fingerprint() == voting.network.fingerprint());
}

TEST_CASE("before votes are counted, no recording is judged") {
    Voting voting(1);
    CHECK_FALSE(voting.trainer.evaluate(voting.data.test).accuracy().has_value());
    const std::vector<std::uint32_t> order{0, 1, 2, 3};
    const Score batch = voting.trainer.train_batch(voting.data.train, order, 0, 0, 1);
    CHECK(batch.samples == 4);
    CHECK_FALSE(batch.accuracy().has_value());
    CHECK_FALSE(batch.mean_loss().has_value());
}

TEST_CASE("weights that a batch has changed sum to the rule's weight_sum") {
    Voting voting(2);
    const Matrix before = voting.network.projections()[0].weights;
    const std::vector<std::uint32_t> order{0, 1, 2, 3};
    voting.trainer.train_batch(voting.data.train, order, 0, 0, 1);
    const Matrix& after = voting.network.projections()[0].weights;
    int changed = 0;
    for (std::uint32_t c = 0; c < after.columns; ++c) {
        double sum = 0;
        bool same = true;
        for (std::uint32_t r = 0; r < after.rows; ++r) {
            sum += after.row(r)[c];
            same = same && after.row(r)[c] == before.row(r)[c];
        }
        if (same) continue;
        ++changed;
        CHECK(sum == doctest::Approx(12).epsilon(1e-5));
    }
    CHECK(changed > 0);
}

TEST_CASE("votes are the same for any number of threads, and after a stop") {
    Voting one(1);
    const TrainingResult whole = one.run();
    for (const unsigned threads : {2u, 4u}) {
        Voting other(threads);
        CHECK(other.run().test.correct == whole.test.correct);
        CHECK(other.network.fingerprint() == one.network.fingerprint());
        CHECK(other.trainer.votes()->counts().spikes == one.trainer.votes()->counts().spikes);
    }
    for (const int batches : {3, 16}) {  // in the first epoch, and where it ends
        Voting first(2), second(1);
        first.run({}, batches);
        Progress progress = load_checkpoint(first.checkpoint(), second.experiment,
                                            second.provenance, second.network, second.trainer);
        CHECK(second.trainer.votes()->counts().spikes == first.trainer.votes()->counts().spikes);
        const TrainingResult finished = second.run(std::move(progress));
        CHECK(finished.test.correct == whole.test.correct);
        CHECK(finished.progress.curves[0].train_accuracy ==
              whole.progress.curves[0].train_accuracy);
        CHECK(second.network.fingerprint() == one.network.fingerprint());
        CHECK(second.trainer.votes()->counts().spikes == one.trainer.votes()->counts().spikes);
    }
}

TEST_CASE("a checkpoint brings its votes, and one without them is refused") {
    Voting trained(2), tested(1);
    const TrainingResult result = trained.run();
    load_parameters(trained.checkpoint(), tested.experiment, tested.network);
    load_votes(trained.checkpoint(), tested.experiment, *tested.trainer.votes());
    CHECK(tested.trainer.evaluate(tested.data.test).correct == result.test.correct);
    json e = competing();
    e["training"]["readout"] = "out";
    e["training"]["decoder"] = "readout";
    Voting by_readout(1, e);
    by_readout.run({}, 1);
    CHECK_THROWS_WITH_AS(
        load_votes(by_readout.checkpoint(), tested.experiment, *tested.trainer.votes()),
        doctest::Contains("the checkpoint has no votes of 'cells'"), InputError);
}

TEST_CASE("with a readout beside the votes, rules that follow a gradient learn") {
    for (const char* rule : {"stllr", "bptt"}) {
        CAPTURE(rule);
        json e = competing();
        e["training"]["rule"] = rule;
        e["training"]["readout"] = "out";
        e["training"]["epochs"] = 1;
        Voting voting(2, e);
        const std::uint64_t before = voting.network.fingerprint();
        const TrainingResult result = voting.run();
        CHECK(voting.network.fingerprint() != before);
        CHECK(result.test.accuracy().has_value());
        CHECK(result.progress.curves[0].train_loss.has_value());
    }
}

TEST_CASE("votes that nobody can cast, or that a rule cannot learn from, are refused") {
    auto says = [](const std::function<void(json&)>& change, const char* words) {
        const std::string problems = voting_problems(change);
        const bool found = problems.find(words) != std::string::npos;
        if (!found) MESSAGE(problems);
        return found;
    };
    auto of = [](const char* population) {
        return [=](json& e) { e["training"]["decoder"]["population"] = population; };
    };
    CHECK(voting_problems([](json&) {}) == "");
    CHECK(says(of("in"), "/training/decoder/population: 'in' is an input"));
    CHECK(says(of("out"), "'out' never spikes (neuron 'leaky_readout')"));
    CHECK(says(of("cell"), "There is no population 'cell'; did you mean 'cells'?"));
    CHECK(says([](json& e) { e["training"]["decoder"] = "votes"; }, "'population' is missing"));
    CHECK(says([](json& e) { e["training"]["decoder"] = "vote"; }, "'vote' is unknown"));
    CHECK(says([](json& e) { e["training"].erase("decoder"); }, "'readout' is missing"));
    CHECK(says([](json& e) { e["training"]["rule"] = "stllr"; },
               "'in->cells' cannot learn by 'stllr', which follows the gradient of an error: votes "
               "have none"));
    CHECK(says([](json& e) { e["training"]["rule"] = "r_stdp"; }, "votes are counted after"));
    CHECK(says(
        [](json& e) {
            e["network"]["populations"].push_back(
                {{"name", "aside"}, {"size", 2}, {"neuron", "lif"}});
            e["training"]["decoder"]["population"] = "aside";
        },
        "Nothing feeds the voting population 'aside'"));
}
