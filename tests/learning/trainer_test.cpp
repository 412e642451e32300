#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include "base/hdf5.hpp"
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
    json provenance;
    std::string folder = scratch_folder();

    explicit Session(unsigned threads, const json& e = small_experiment())
        : experiment(synfire::testing::experiment(e)),
          network(experiment.network, experiment.seed, trained_populations(experiment.network)),
          trainer(network, *experiment.training, 0, experiment.seed, threads),
          data{random_recordings(37, 6, 20, 1), random_recordings(10, 6, 20, 2)},
          provenance(*synfire::provenance(experiment, data)) {}

    // Stops after that many batches.
    TrainingResult run(Progress progress = {}, int batches = -1) {
        int done = 0;
        TrainingHooks hooks;
        hooks.stop = [&] { return batches >= 0 && done >= batches; };
        hooks.report = [&](const TrainingReport& report) { done += report.finished == nullptr; };
        return run_training(experiment, provenance, network, trainer, data, folder,
                            std::move(progress), hooks);
    }
    std::string checkpoint() const { return folder + "/checkpoint.h5"; }
    Progress load(const std::string& path) {
        return load_checkpoint(path, experiment, provenance, network, trainer);
    }
};

json rows(const std::vector<CurveRow>& curves) {
    json list = json::array();
    for (const CurveRow& r : curves)
        list.push_back({r.epoch, r.train_loss.value(), r.train_accuracy.value(),
                        r.test_loss.value(), r.test_accuracy.value(), r.rate});
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
    second.run(second.load(first.checkpoint()));
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
        Progress progress = second.load(first.checkpoint());
        CHECK(second.network.fingerprint() == first.network.fingerprint());
        const TrainingResult finished = second.run(std::move(progress));
        CHECK_FALSE(finished.interrupted);
        CHECK(rows(finished.progress.curves) == curves);
        CHECK(second.network.fingerprint() == whole.network.fingerprint());
        CHECK(second.trainer.counters().macs_learning == whole.trainer.counters().macs_learning);
    }
}

TEST_CASE("so does one that is rewarded, with what rewards were expected") {
    json e = small_experiment();
    for (auto& projection : e["network"]["projections"]) projection.erase("standardise");
    for (const std::size_t p : {0, 1})
        e["network"]["projections"][p].update(
            {{"bias", false},
             {"weights", {{"distribution", "uniform"}, {"low", 0}, {"high", 1}}},
             {"rule",
              {{"name", "r_stdp"},
               {"modulator", "reward"},
               {"parameters", {{"A_plus", 0.1}, {"w_max", 2}}}}}});
    e["training"]["reward"] = {{"mean_over", 10}};
    Session whole(4, e), first(2, e), second(1, e);
    const json curves = rows(whole.run().progress.curves);
    CHECK(whole.trainer.expected_reward() != 0);
    first.run({}, 5);
    CHECK(rows(second.run(second.load(first.checkpoint())).progress.curves) == curves);
    CHECK(second.network.fingerprint() == whole.network.fingerprint());
    CHECK(second.trainer.expected_reward() == whole.trainer.expected_reward());
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
            other.load(s.checkpoint());
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
    CHECK(refusal([](json& e) {
              e["input"]["events"] = {{1, 0}, {2, 1}};
          }).find(" here;") != std::string::npos);
    CHECK(refusal([](json& e) {
              e["input"]["events"] = {{1, 0}, {2, 1}};
          }).find("absent here") == std::string::npos);
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

TEST_CASE("weights of a training with other plugins are used with a word about them") {
    Session s(1);
    auto notes = [&](const json& provenance) {
        save_checkpoint(s.checkpoint(), s.experiment, provenance, s.network, s.trainer, {});
        return load_parameters(s.checkpoint(), s.experiment, s.network);
    };
    CHECK(notes(s.provenance).empty());
    json other = s.provenance;
    for (json& p : other["plugins"])
        if (p["id"] == "lif") p["version"] = "9.9.9";
    REQUIRE(notes(other).size() == 1);
    const std::string version = plugins().neuron("lif")->table->description->version;
    CHECK(
        notes(other)[0].ends_with("was trained with version 9.9.9 of the neuron 'lif', and here "
                                  "is version " +
                                  version + ", which may give other results"));
    REQUIRE(notes(json()).size() == 1);
    CHECK(notes(json())[0].ends_with("does not say which plugins its training had"));
    for (const char* lost : {"recordings", "plugins"}) {
        json damaged = s.provenance;
        damaged.erase(lost);
        CHECK_THROWS_WITH_AS(notes(damaged), doctest::Contains("/provenance is damaged"),
                             InputError);
        CHECK_THROWS_WITH_AS(s.load(s.checkpoint()), doctest::Contains("/provenance is damaged"),
                             InputError);
    }
    json damaged = s.provenance;
    damaged["recordings"]["test"]["count"] = "many";
    CHECK_THROWS_WITH_AS(notes(damaged), doctest::Contains("/provenance is damaged"), InputError);
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

namespace {

std::string line(const std::string& path, int number) {
    std::ifstream file(path);
    std::string text;
    for (int i = 0; i < number; ++i) std::getline(file, text);
    return text;
}

// What running it reports.
std::string failure(Session& s, Progress progress = {}, const TrainingHooks& hooks = {}) {
    try {
        run_training(s.experiment, s.provenance, s.network, s.trainer, s.data, s.folder,
                     std::move(progress), hooks);
        return "";
    } catch (const std::runtime_error& error) {
        return error.what();
    }
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("training without test recordings has no test accuracy, before and after a stop") {
    Session first(1), second(1);
    for (Session* s : {&first, &second}) {
        s->data.test = {};
        s->provenance = *provenance(s->experiment, s->data);
    }
    const TrainingResult stopped = first.run({}, 5);
    REQUIRE(stopped.progress.curves.size() == 1);
    CHECK_FALSE(stopped.progress.curves[0].test_accuracy);
    CHECK_FALSE(stopped.progress.curves[0].test_loss);
    CHECK_FALSE(stopped.test.accuracy());
    CHECK(stopped.last_epoch().train_accuracy);
    Progress progress = second.load(first.checkpoint());
    REQUIRE(progress.curves.size() == 1);
    CHECK_FALSE(progress.curves[0].test_accuracy);
    CHECK(progress.curves[0].train_accuracy == stopped.progress.curves[0].train_accuracy);
    CHECK_FALSE(second.run(std::move(progress)).test.mean_loss());
    CHECK(contains(line(second.folder + "/curves.csv", 2), ",,,"));
    CHECK_FALSE(contains(line(second.folder + "/curves.csv", 2), "nan"));
}

TEST_CASE("training that stops before an epoch is over has no training accuracy") {
    Session s(1);
    const TrainingResult stopped = s.run({}, 2);
    CHECK_FALSE(stopped.last_epoch().train_accuracy);
    CHECK_FALSE(stopped.last_epoch().train_loss);
    CHECK(stopped.test.accuracy());
}

TEST_CASE("training that diverges says where it did") {
    json e = small_experiment();
    for (json& p : e["network"]["projections"]) p["standardise"] = false;
    e["training"]["optimiser"] = {{"type", "sgd"}, {"rate", 1e30}};
    e["training"].erase("augmentation");
    Session wild(2, e);
    const std::string text = failure(wild);
    CAPTURE(text);
    CHECK(contains(text, "The training diverged in epoch 1, batch "));
    CHECK(contains(text, "No epoch was finished, so there is no checkpoint."));
    CHECK_FALSE(std::filesystem::exists(wild.checkpoint()));
}

TEST_CASE("a weight that is no number ends a training, whose checkpoint stays good") {
    for (const std::size_t projection : {0, 1, 2}) {
        CAPTURE(projection);
        Session s(2);
        int batches = 0;
        TrainingHooks hooks;
        hooks.report = [&](const TrainingReport& report) {
            batches += report.finished == nullptr;
            if (batches != 9 || report.finished) return;
            s.network.projections()[projection].weights.row(1)[2] = NAN;
            s.network.refresh();
        };
        const std::string text = failure(s, {}, hooks);
        CAPTURE(text);
        CHECK(contains(text, "The training diverged in epoch 3, batch 2 of 4: "));
        CHECK(contains(text, "is that of the end of epoch 2."));
        Session again(1);
        const Progress kept = again.load(s.checkpoint());
        CHECK(kept.epoch == 2);
        CHECK(kept.curves.size() == 2);
        CHECK(again.run(Progress(kept)).progress.curves.size() == 4);
        CHECK(line(s.folder + "/curves.csv", 4).empty());
    }
}

TEST_CASE("weights that are not finite, or too large for what neurons hold, are noticed") {
    for (const float value : {3e38f, std::numeric_limits<float>::infinity()}) {
        json e = small_experiment();
        for (json& p : e["network"]["projections"]) p["standardise"] = false;
        Session s(1, e);
        for (std::uint32_t j = 0; j < 4; ++j)
            for (float& w : s.network.projections()[0].weights.values(j))
                w = j % 2 ? -value : value;
        s.network.refresh();
        CHECK(contains(failure(s), "The training diverged in epoch 1, batch 1 of 4: "));
    }
}

TEST_CASE("a checkpoint whose weights are not finite is refused") {
    Session s(1);
    s.network.projections()[2].weights.row(0)[0] = NAN;
    save_checkpoint(s.checkpoint(), s.experiment, s.provenance, s.network, s.trainer, {});
    CHECK_THROWS_WITH_AS(
        load_parameters(s.checkpoint(), s.experiment, s.network),
        doctest::Contains("is nan; finite numbers of single precision are expected"), InputError);
}

TEST_CASE("a checkpoint whose JSON is not what a training writes is refused") {
    Session s(1);
    for (const char* provenance :
         {"{}", "[]", R"({"recordings": {}, "plugins": []})",
          R"({"recordings": {"train": 1, "test": 2}, "plugins": []})",
          R"({"recordings": {"train": {"count": -1, "events": 2, "fingerprint": ""}, "test": {}},
              "plugins": []})"}) {
        CAPTURE(provenance);
        save_checkpoint(s.checkpoint(), s.experiment, json::parse(provenance), s.network, s.trainer,
                        {});
        CHECK_THROWS_WITH_AS(s.load(s.checkpoint()), doctest::Contains("/provenance is damaged"),
                             InputError);
    }
    json plugin = *provenance(s.experiment, s.data);
    plugin["plugins"][0]["version"] = 1;
    save_checkpoint(s.checkpoint(), s.experiment, plugin, s.network, s.trainer, {});
    CHECK_THROWS_WITH_AS(s.load(s.checkpoint()), doctest::Contains("/provenance is damaged"),
                         InputError);
    // Deeper than what walks it could return from.
    constexpr std::size_t deep = 1000000;
    Hdf5File file = Hdf5File::create(s.checkpoint());
    file.write_text("/format", "synfire checkpoint 1");
    file.write_text("/experiment",
                    R"({"network": )" + std::string(deep, '[') + std::string(deep, ']') + "}");
    file.close();
    CHECK_THROWS_WITH_AS(s.load(s.checkpoint()), doctest::Contains("/experiment is damaged"),
                         InputError);
}

TEST_CASE("a training goes on only with its recordings and with the versions of its plugins") {
    Session s(1);
    s.run({}, 2);
    auto refusal = [&](auto change) {
        Session other(1);
        other.provenance = *provenance(other.experiment, other.data);
        change(other);
        const auto before = other.network.fingerprint();
        try {
            const Progress progress = other.load(s.checkpoint());
            return progress.notes.empty() ? std::string() : "note: " + progress.notes[0];
        } catch (const InputError& error) {
            CHECK(other.network.fingerprint() == before);
            return std::string(error.what());
        }
    };
    CHECK(refusal([](Session&) {}).empty());
    auto with = [&](auto change) {
        return refusal([&](Session& other) {
            change(other.data);
            other.provenance = *provenance(other.experiment, other.data);
        });
    };
    CHECK(contains(with([](InputData& d) { d.train.limit(3); }),
                   "other recordings: its training split had 37 recordings"));
    CHECK(contains(with([](InputData& d) { d.train = random_recordings(37, 6, 20, 9); }),
                   "other recordings: its training split"));
    CHECK(contains(with([](InputData& d) { d.test.labels[4] ^= 1; }),
                   "other recordings: its test split"));
    auto plugin = [&](const char* member) {
        return refusal([&](Session& other) {
            for (json& p : other.provenance["plugins"])
                if (p["id"] == "lif") p[member] = "9.9.9";
        });
    };
    CHECK(contains(plugin("version"), "of the neuron 'lif', and here is version 9.9.9"));
    CHECK(contains(plugin("fingerprint"), "note: the neuron 'lif' is of the version"));
    std::vector<std::string> ids;
    for (const json& p : s.provenance["plugins"]) ids.push_back(p["id"]);
    CHECK(ids == std::vector<std::string>{"cross_entropy", "leaky_readout", "lif", "stllr"});
    // As older versions of synfire wrote it: only their number can tell recordings apart.
    Progress after_seven;
    after_seven.epoch = 1;
    after_seven.batch = 3;
    after_seven.step = 7;
    save_checkpoint(s.checkpoint(), s.experiment, json(), s.network, s.trainer, after_seven);
    CHECK(contains(refusal([](Session&) {}), "note: "));
    Session fewer(1);
    fewer.data.train.limit(9);
    fewer.provenance = *provenance(fewer.experiment, fewer.data);
    Progress progress = fewer.load(s.checkpoint());
    CHECK_THROWS_WITH_AS(fewer.run(std::move(progress)), doctest::Contains("9 recordings make 1"),
                         InputError);
}
