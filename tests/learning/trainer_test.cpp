#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "learning/input.hpp"
#include "learning/training_run.hpp"
#include "support/environment.hpp"
#include "support/experiments.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

struct Session {
    Experiment experiment;
    Network network;
    Trainer trainer;
    InputData data;
    std::string folder = scratch_folder();

    explicit Session(unsigned threads, const json& e = small_experiment())
        : experiment(synfire::testing::experiment(e)),
          network(experiment.network, experiment.seed, trained_populations(experiment.network)),
          trainer(network, *experiment.training, 0, experiment.seed, threads),
          data{random_recordings(37, 6, 20, 1), random_recordings(10, 6, 20, 2)} {}

    // Stops after that many batches.
    TrainingResult run(Progress progress = {}, int batches = -1) {
        int done = 0;
        TrainingHooks hooks;
        hooks.stop = [&] { return batches >= 0 && done >= batches; };
        hooks.report = [&](const TrainingReport& report) { done += report.finished == nullptr; };
        return run_training(experiment, network, trainer, data, folder, std::move(progress), hooks);
    }
    std::string checkpoint() const { return folder + "/checkpoint.h5"; }
};

json rows(const std::vector<CurveRow>& curves) {
    json list = json::array();
    for (const CurveRow& r : curves)
        list.push_back(
            {r.epoch, r.train_loss, r.train_accuracy, r.test_loss, r.test_accuracy, r.rate});
    return list;
}

}  // namespace

TEST_CASE("weights are bit-identical for 1, 2 and 4 threads") {
    Session one(1), two(2), four(4);
    const auto untrained = one.network.fingerprint();
    const json curves = rows(one.run().progress.curves);
    CHECK(curves.size() == 4);
    CHECK(rows(two.run().progress.curves) == curves);
    CHECK(rows(four.run().progress.curves) == curves);
    CHECK(one.network.fingerprint() != untrained);
    CHECK(two.network.fingerprint() == one.network.fingerprint());
    CHECK(four.network.fingerprint() == one.network.fingerprint());
}

TEST_CASE("so are those of a network whose weights are worth grouping, also when it stops") {
    json e = small_experiment();
    e["network"]["populations"][1]["size"] = 160;
    e["network"]["populations"][1]["parameters"]["threshold"] = 0.2;
    e["training"]["batch"] = 37;
    Session one(1, e), four(4, e), first(2, e), second(2, e);
    const json curves = rows(one.run().progress.curves);
    CHECK(one.network.projections()[1].grouped.bytes() > 0);  // of hidden -> hidden
    CHECK(one.network.projections()[1].grouped.empty());      // only while a batch lasts
    CHECK(rows(four.run().progress.curves) == curves);
    CHECK(four.network.fingerprint() == one.network.fingerprint());
    first.run({}, 2);
    second.run(
        load_checkpoint(first.checkpoint(), second.experiment, second.network, second.trainer));
    CHECK(second.network.fingerprint() == one.network.fingerprint());
}

TEST_CASE("a training that stopped, wherever, goes on bit by bit as if it had not") {
    Session whole(2);
    const json curves = rows(whole.run().progress.curves);
    for (const int batches : {1, 4, 6, 9}) {
        CAPTURE(batches);
        Session first(2);
        const TrainingResult stopped = first.run({}, batches);
        CHECK(stopped.interrupted);
        CHECK(first.network.fingerprint() != whole.network.fingerprint());
        Session second(1);
        Progress progress =
            load_checkpoint(first.checkpoint(), second.experiment, second.network, second.trainer);
        CHECK(second.network.fingerprint() == first.network.fingerprint());
        const TrainingResult finished = second.run(std::move(progress));
        CHECK_FALSE(finished.interrupted);
        CHECK(rows(finished.progress.curves) == curves);
        CHECK(second.network.fingerprint() == whole.network.fingerprint());
        CHECK(second.trainer.counters().macs_learning == whole.trainer.counters().macs_learning);
    }
}

TEST_CASE("another seed gives other weights") {
    json e = small_experiment();
    e["seed"] = 4;
    Session a(1), b(1, e);
    a.run();
    b.run();
    CHECK(a.network.fingerprint() != b.network.fingerprint());
}

TEST_CASE("a projection that does not learn keeps its weights") {
    json e = small_experiment();
    e["network"]["projections"][1]["learn"] = false;
    Session s(1, e);
    const AlignedVector<float> frozen = s.network.projections()[1].weights.data;
    const AlignedVector<float> learned = s.network.projections()[0].weights.data;
    s.run();
    CHECK(s.network.projections()[1].weights.data == frozen);
    CHECK(s.network.projections()[0].weights.data != learned);
}

TEST_CASE("a checkpoint of another network or of other settings is refused with the difference") {
    Session s(1);
    s.run({}, 2);
    auto refusal = [&](auto change) {
        json e = small_experiment();
        change(e);
        Session other(1, e);
        const auto before = other.network.fingerprint();
        std::string text;
        try {
            load_checkpoint(s.checkpoint(), other.experiment, other.network, other.trainer);
        } catch (const InputError& error) {
            text = error.what();
        }
        CHECK((other.network.fingerprint() == before) == !text.empty());
        return text;
    };
    CHECK(
        refusal([](json& e) {
            e["network"]["populations"][1]["size"] = 9;
        }).find("belongs to another network: /network/populations/1/size is 8 there and 9 here") !=
        std::string::npos);
    CHECK(refusal([](json& e) {
              e["training"]["batch"] = 11;
          }).find("other settings: /training/batch is 10 there and 11 here") != std::string::npos);
    CHECK(refusal([](json& e) { e["training"]["epochs"] = 40; }).empty());
}

TEST_CASE("what is no checkpoint is refused and left alone") {
    Session s(1);
    CHECK_THROWS_WITH_AS(load_parameters(s.folder + "/none.h5", s.experiment, s.network),
                         doctest::Contains("there is no such file"), InputError);
    const std::string path = s.folder + "/text.h5";
    std::ofstream(path) << "no HDF5";
    CHECK_THROWS_WITH_AS(load_parameters(path, s.experiment, s.network),
                         doctest::Contains("no HDF5 file, or it is truncated"), InputError);
    CHECK(std::filesystem::file_size(path) == 7);
    s.run({}, 2);
    std::filesystem::resize_file(s.checkpoint(), std::filesystem::file_size(s.checkpoint()) / 2);
    CHECK_THROWS_AS(load_parameters(s.checkpoint(), s.experiment, s.network), InputError);
}

TEST_CASE("training on separable recordings reaches them") {
    json e = small_experiment();
    e["training"]["epochs"] = 60;
    e["training"].erase("augmentation");
    Session s(2, e);
    // Class k: only units 2k and 2k + 1 are active.
    EventSet set;
    set.units = 6;
    set.ticks = 20;
    for (std::uint32_t i = 0; i < 30; ++i) {
        std::vector<std::uint32_t> keys;
        for (std::uint32_t t = i % 2; t < 20; t += 2)
            keys.push_back(t * 6 + 2 * (i % 3) + t / 2 % 2);
        set.add(keys, i % 3);
    }
    s.data = {set, set};
    CHECK(s.run().test.accuracy() > 0.95);
}
