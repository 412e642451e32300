#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "engine/engine.hpp"
#include "json/form.hpp"
#include "plugins/instance.hpp"
#include "plugins/probe.hpp"
#include "plugins/registry.hpp"
#include "support/environment.hpp"

using namespace synfire;
namespace fs = std::filesystem;

namespace {

// The refusal of one file by a registry that finds it in a folder of its own, beside a good plugin.
std::string refusal(const fs::path& file) {
    const fs::path folder = synfire::testing::scratch_folder();
    fs::copy(file, folder / file.filename());
    fs::copy(fs::path(SYNFIRE_PLUGIN_FOLDER) / "lif.so", folder / "lif.so");
    const PluginRegistry registry({folder});
    CHECK(registry.neuron("lif") != nullptr);
    REQUIRE(registry.refused().size() == 1);
    CHECK(registry.refused()[0].library.filename() == file.filename());
    return registry.refused()[0].reason;
}

fs::path fixture(const std::string& name) {
    return fs::path(SYNFIRE_FIXTURE_FOLDER) / (name + ".so");
}

bool contains(const std::string& text, const std::string& part) {
    const bool found = text.find(part) != std::string::npos;
    if (!found) MESSAGE(text);
    return found;
}

}  // namespace

TEST_CASE("the shipped plugins are found with their descriptors") {
    const PluginRegistry& plugins = synfire::testing::plugins();
    CHECK(plugins.refused().empty());
    const NeuronModel* lif = plugins.neuron("lif");
    REQUIRE(lif);
    CHECK(lif->spikes());
    CHECK(lif->has_psi());
    CHECK((lif->table->decay != nullptr));
    CHECK_FALSE(plugins.neuron("leaky_readout")->spikes());
    CHECK(plugins.rule("stllr") != nullptr);
    CHECK(plugins.neuron("stllr") == nullptr);
}

TEST_CASE("a plugin of another ABI version is refused before its code runs") {
    CHECK(contains(refusal(fixture("other_abi")), "version 3 of the plugin ABI"));
}
TEST_CASE("a shared object without an entry is refused") {
    CHECK(contains(refusal(fixture("no_entry")), "exports no plugin entry"));
}
TEST_CASE("a plugin with an undefined symbol is refused at load") {
    CHECK(contains(refusal(fixture("unresolved")), "nobody_defines_this"));
}
TEST_CASE("a plugin that needs a newer host is refused with both versions") {
    const std::string reason = refusal(fixture("newer_minor"));
    CHECK(contains(reason, "2.999"));
    CHECK(contains(reason, fmt::format("{}.{}", SYNFIRE_ABI_MAJOR, SYNFIRE_ABI_MINOR)));
}
TEST_CASE("descriptors of a later minor version are read by their own size") {
    const PluginRegistry registry({SYNFIRE_FIXTURE_FOLDER});
    const NeuronModel* grown = registry.neuron("grown");
    REQUIRE(grown);
    CHECK_FALSE(grown->has_adjoint());
    const synfire_description& d = *grown->table->description;
    REQUIRE(d.parameter_count == 2);
    CHECK(std::string(d.parameters[1].name) == "second");
    CHECK(d.parameters[1].default_value == 3);
    REQUIRE(d.variable_count == 2);
    CHECK(std::string(d.variables[1].name) == "w");
    CHECK(d.variables[1].initial == 5);
}
TEST_CASE("a library without a table of symbols for debuggers is found all the same") {
    const fs::path folder = synfire::testing::scratch_folder();
    fs::copy(fixture("fussy"), folder / "fussy.so");
    if (std::system(fmt::format("strip '{}'", (folder / "fussy.so").string()).c_str()) != 0) {
        MESSAGE("skipped: no strip");
        return;
    }
    CHECK(PluginRegistry({folder}).neuron("fussy") != nullptr);
}
TEST_CASE("a plugin that breaks the promises of its descriptor is refused") {
    CHECK(contains(refusal(fixture("bad_default")), "default -5 of parameter 'tau'"));
}
TEST_CASE("a text file, an empty file and a truncated library are no shared objects") {
    const fs::path folder = synfire::testing::scratch_folder();
    std::ofstream(folder / "text.so")
        << "just a text, long enough to be taken for a header by size "
           "alone, if size were all that counts";
    std::ofstream(folder / "empty.so").flush();
    fs::copy(fs::path(SYNFIRE_PLUGIN_FOLDER) / "stllr.so", folder / "truncated.so");
    fs::resize_file(folder / "truncated.so", fs::file_size(folder / "truncated.so") / 2);
    CHECK(contains(refusal(folder / "text.so"), "no shared object"));
    CHECK(contains(refusal(folder / "empty.so"), "no shared object"));
    CHECK(contains(refusal(folder / "truncated.so"), "truncated"));
}
TEST_CASE("a folder that does not exist is reported, and the first library keeps an id") {
    const PluginRegistry registry(
        {"/no/such/folder", SYNFIRE_PLUGIN_FOLDER, SYNFIRE_PLUGIN_FOLDER});
    CHECK(contains(registry.refused().at(0).reason, "cannot be read"));
    CHECK(contains(registry.refused().at(1).reason, "already"));
    CHECK(registry.neurons().size() == synfire::testing::plugins().neurons().size());
}
TEST_CASE("a plugin's refusal of its parameters carries its own words") {
    const PluginRegistry registry({SYNFIRE_FIXTURE_FOLDER});
    const NeuronModel* fussy = registry.neuron("fussy");
    REQUIRE(fussy);
    const double values[] = {25, 20, 0};
    CHECK_THROWS_WITH_AS(NeuronInstance(fussy->table, values, 1.0),
                         "plugin 'fussy' failed: v_reset has to be below v_threshold", PluginError);
}

TEST_CASE(
    "spikes of neurons that there are not are an error of the plugin, with population and tick") {
    const PluginRegistry plugins({SYNFIRE_PLUGIN_FOLDER, SYNFIRE_FIXTURE_FOLDER});
    nlohmann::json completed = {
        {"populations", {{{"name", "beasts"}, {"size", 3}, {"neuron", "wild"}}}}};
    Problems problems;
    check_and_complete(network_form(plugins), completed, "", problems);
    const Network network(read_network(completed, plugins, "", problems), 1);
    REQUIRE(problems.empty());
    Engine engine(network);
    CHECK_THROWS_WITH_AS(engine.step(7, {}),
                         "'beasts' at tick 7: plugin 'wild' lists spikes that are not ascending "
                         "numbers of its 3 neurons",
                         PluginError);
}

TEST_CASE("what a plugin warns of is shown once, with its name") {
    static std::vector<std::string> heard;
    heard.clear();
    show_plugin_notes([](const std::string& note) { heard.push_back(note); });
    const PluginRegistry registry({SYNFIRE_FIXTURE_FOLDER});
    const double values[] = {5};
    const NeuronInstance first(registry.neuron("warns")->table, values, 10.0);
    const NeuronInstance second(registry.neuron("warns")->table, values, 10.0);
    show_plugin_notes(nullptr);
    CHECK(heard == std::vector<std::string>{"note: plugin 'warns': tau is shorter than a tick\n"});
}
TEST_CASE("libraries that were not loaded can be named where an id is unknown") {
    const PluginRegistry registry({SYNFIRE_FIXTURE_FOLDER});
    CHECK(contains(registry.refusals(), "bad_default.so, because in 'crooked'"));
    CHECK(synfire::testing::plugins().refusals() == "");
    const PluginRegistry twice({SYNFIRE_PLUGIN_FOLDER, SYNFIRE_PLUGIN_FOLDER});
    CHECK(twice.refusals() == "");  // all are loaded
}
