#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>

#include "base/hdf5_reader.hpp"
#include "base/problem.hpp"
#include "engine/weights.hpp"
#include "learning/training_run.hpp"
#include "support/environment.hpp"
#include "support/experiments.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

namespace {

json recorded(const json& weights) {
    json e = small_experiment();
    e["record"] = {{"weights", weights}};
    return e;
}

struct RecordedTraining {
    Experiment experiment;
    Network network;
    Trainer trainer;
    InputData data;
    json provenance;

    explicit RecordedTraining(const json& e)
        : experiment(synfire::testing::experiment(e)),
          network(experiment.network, experiment.seed, trained_populations(experiment.network)),
          trainer(network, *experiment.training, 0, experiment.seed, 1),
          data{random_recordings(37, 6, 20, 1), random_recordings(10, 6, 20, 2)},
          provenance(*synfire::provenance(experiment, data)) {}

    void run(const std::string& folder, Progress progress = {}, int batches = -1) {
        int done = 0;
        TrainingHooks hooks;
        hooks.stop = [&] { return batches >= 0 && done >= batches; };
        hooks.report = [&](const TrainingReport& report) { done += report.finished == nullptr; };
        run_training(experiment, provenance, network, trainer, data, folder, std::move(progress),
                     hooks);
    }
    void go_on(const std::string& folder) {
        run(folder,
            load_checkpoint(folder + "/checkpoint.h5", experiment, provenance, network, trainer));
    }
};

const json both = {{{"projection", "in->hidden"}, {"every_epochs", 1}},
                   {{"projection", "hidden->out"}, {"every_epochs", 2}, {"synapses", {4, 0}}}};

}  // namespace

TEST_CASE("weights are recorded before a training and after its epochs, as they then are") {
    const std::string folder = scratch_folder();
    RecordedTraining t(recorded(both));
    const std::vector<double> before = weights_of(t.network.projections()[0]);
    t.run(folder);
    Hdf5Reader file(folder + "/weights.h5");
    CHECK(file.whole_numbers("/weights/in->hidden/epoch") ==
          std::vector<std::uint64_t>{0, 1, 2, 3, 4});
    CHECK(file.whole_numbers("/weights/hidden->out/epoch") == std::vector<std::uint64_t>{0, 2, 4});
    CHECK(file.shape("/weights/in->hidden/values") == std::vector<std::uint64_t>{5, 48});
    const std::vector<double> values = file.real_numbers("/weights/in->hidden/values");
    const std::vector<double> after = weights_of(t.network.projections()[0]);
    CHECK(before != after);
    CHECK(std::equal(before.begin(), before.end(), values.begin()));
    CHECK(std::equal(after.begin(), after.end(), values.end() - 48));
    // Synapse 4 of 8 x 3: from hidden neuron 1 to the readout's unit 1.
    CHECK(file.whole_numbers("/weights/hidden->out/source") == std::vector<std::uint64_t>{1, 0});
    CHECK(file.whole_numbers("/weights/hidden->out/target") == std::vector<std::uint64_t>{1, 0});
    const std::vector<double> out = weights_of(t.network.projections()[2]);
    const std::vector<double> two = file.real_numbers("/weights/hidden->out/values");
    CHECK(two[4] == out[4]);
    CHECK(two[5] == out[0]);
}

TEST_CASE("recording changes nothing, and a training that was stopped has the same course") {
    const std::string whole = scratch_folder(), stopped = scratch_folder();
    RecordedTraining plain(small_experiment()), one(recorded(both)), first(recorded(both)),
        second(recorded(both));
    plain.run(scratch_folder());
    one.run(whole);
    CHECK(one.network.fingerprint() == plain.network.fingerprint());
    for (const int batches : {3, 4, 6}) {  // four batches are an epoch
        RecordedTraining begin(recorded(both)), end(recorded(both));
        const std::string folder = scratch_folder();
        begin.run(folder, {}, batches);
        end.go_on(folder);
        Hdf5Reader a(whole + "/weights.h5"), b(folder + "/weights.h5");
        for (const char* name : {"/weights/in->hidden/values", "/weights/hidden->out/values"})
            CHECK(a.real_numbers(name) == b.real_numbers(name));
    }
}

TEST_CASE("readings after the checkpoint are forgotten, and other synapses are refused") {
    const std::string folder = scratch_folder();
    RecordedTraining t(recorded(both)), again(recorded(both));
    t.run(folder, {}, 4);
    std::filesystem::copy_file(folder + "/checkpoint.h5", folder + "/kept.h5");
    t.go_on(folder);
    std::filesystem::rename(folder + "/kept.h5", folder + "/checkpoint.h5");
    const std::vector<double> course =
        Hdf5Reader(folder + "/weights.h5").real_numbers("/weights/in->hidden/values");
    again.go_on(folder);
    CHECK(Hdf5Reader(folder + "/weights.h5").real_numbers("/weights/in->hidden/values") == course);

    json other = both;
    other[1]["synapses"] = {4, 1};
    RecordedTraining changed(recorded(other));
    CHECK_THROWS_WITH_AS(changed.go_on(folder),
                         doctest::Contains("other synapses of 'hidden->out' were recorded there"),
                         InputError);
    std::ofstream(folder + "/weights.h5") << "no HDF5";
    CHECK_THROWS_AS(again.go_on(folder), InputError);
}

TEST_CASE("what cannot be recorded of a training is refused with its place") {
    auto refused = [](const json& weights) { return problems_of(recorded(json::array({weights}))); };
    auto has = [](const std::string& text, const char* part) {
        CAPTURE(text);
        return text.find(part) != std::string::npos;
    };
    CHECK(has(refused({{"projection", "in->hidden"}, {"every_epochs", 0}}), "/every_epochs"));
    CHECK(has(refused({{"projection", "in->hidden"}, {"every_epochs", 1}, {"every_ticks", 1}}),
              "two entries may ask for both"));
    CHECK(has(refused({{"projection", "in->hidden"}}), "no \"rule\" that writes weights"));
    json frozen = recorded({{{"projection", "in->hidden"}, {"every_epochs", 1}}});
    frozen["network"]["projections"][0]["rule"] = "none";
    CHECK(has(problems_of(frozen), "'in->hidden' has no weights that training changes"));
    json untrained = recorded({{{"projection", "in->hidden"}, {"every_epochs", 1}}});
    untrained.erase("training");
    CHECK(has(problems_of(untrained), "the experiment has no \"training\""));
    CHECK_THROWS_WITH_AS(
        RecordedTraining(
            recorded({{{"projection", "in->hidden"}, {"every_epochs", 1}, {"synapses", {48}}}}))
            .run(scratch_folder()),
        doctest::Contains("There is no synapse 48 of 'in->hidden'; it has 48"), InputError);
}
