// The conformance suite: what it finds in plugins that break their contract, and that it finds
// nothing in those that the project ships.
#include "conformance/suite.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "base/problem.hpp"
#include "support/environment.hpp"

using namespace synfire;
using namespace synfire::conformance;
namespace fs = std::filesystem;

namespace {

// SYNFIRE_LONG_CASES is "skip" under the sanitizers, where everything takes longer.
bool is_slow() {
    return synfire::testing::text_variable("SYNFIRE_LONG_CASES") == "skip";
}

// busy_s: for which a check may compute.
std::vector<Outcome> outcomes_of(const fs::path& file, double busy_s) {
    return check_plugin(file, {SYNFIRE_PLUGIN_FOLDER}, {.busy_s = busy_s}, [](const Outcome&) {});
}

// The check that finds it, and words of its sentence.
struct Expected {
    const char* plugin;
    const char* check;
    const char* words;
};

void require_finding(const fs::path& file, const Expected& expected) {
    const std::string plugin = expected.plugin;
    CAPTURE(plugin);
    const std::vector<Outcome> outcomes = outcomes_of(file, is_slow() ? 30.0 : 3.0);
    CHECK(!passed(outcomes));
    const auto found = std::ranges::find_if(outcomes, [&](const Outcome& o) {
        return o.check == expected.check && o.verdict == Verdict::failed;
    });
    std::string all;
    for (const Outcome& o : outcomes)
        if (o.verdict == Verdict::failed) all += o.check + ": " + o.words + "\n";
    CAPTURE(all);
    CHECK(found != outcomes.end());
    if (found == outcomes.end()) return;
    CAPTURE(found->words);
    CHECK(found->words.find(expected.words) != std::string::npos);
    CHECK(!found->promise.empty());
}

fs::path hostile(const std::string& name) {
    return fs::path(SYNFIRE_HOSTILE_FOLDER) / name / (name + ".so");
}

}  // namespace

TEST_CASE("every shipped plugin passes") {
    int checked = 0;
    for (const auto& entry : fs::directory_iterator(SYNFIRE_PLUGIN_FOLDER)) {
        if (entry.path().extension() != ".so") continue;
        ++checked;
        for (const Outcome& o : check_plugin(entry.path(), {SYNFIRE_PLUGIN_FOLDER}, {.busy_s = 200},
                                             [](const Outcome&) {})) {
            CAPTURE(o.id);
            CAPTURE(o.check);
            CAPTURE(o.words);
            CHECK(o.verdict != Verdict::failed);
        }
    }
    CHECK(checked >= 20);
}

TEST_CASE("a sound plugin passes, and each hostile one gets its sentence") {
    CHECK(passed(outcomes_of(hostile("sound"), 200)));
    const Expected all[] = {
        {"entry_throws", "load", "no licence"},
        {"entry_aborts", "load", "signal 6"},
        {"entry_endless", "load", "did not come to an end"},
        {"no_tables", "load", "gives no tables"},
        {"no_models", "load", "has no model"},
        {"two_ids", "load", "two of its neurons have the id 'twin'"},
        {"crashes_when_loaded", "load", "it crashes"},
        {"upper_case", "descriptors", "not in lower case"},
        {"throws", "create", "an exception comes out of 'advance' over the C interface: out of"},
        {"terminates", "create", "std::terminate"},
        {"aborts", "create", "in 'create'"},
        {"exits", "create", "it ends the process"},
        {"endless", "create", "did not come to an end"},
        {"recurses", "create", "it crashes"},
        {"changes_parameters", "create", "the parameter values of 'create', which is not to be"},
        {"changes_tables", "tables", "its tables change"},
        {"odd_status", "create", "the status 7"},
        {"refuses_silently", "refusals", "no reason is handed"},
        {"writes_behind", "create", "the state variable 'u'"},
        {"writes_before", "create", "'spikes'"},
        {"writes_input", "create", "'input', which is not to be written"},
        {"unsorted_spikes", "create", "not ascending"},
        {"no_number", "finite", "its variable 'u' is"},
        {"remembers", "reset", "an instance that has been used"},
        {"by_place", "slices", "than its parts"},
        {"leaks", "leaks", "bytes stay behind"},
        {"keeps_files_open", "leaks", "files open"},
        {"decays_wrongly", "closed-form", "'decay' over"},
        {"fires_alone", "closed-form", "never to do so"},
        {"stale_row", "create", "no longer valid"},
        {"leaves_range", "range", "says that weights are from 0 to 1"},
        {"misses_silence", "stretches", "brought up to date"},
        {"wrong_error", "gradient", "finite differences"},
        {"no_factor", "create", "factor"},
    };
    // The sanitizers' allocators do not tell what is held.
    for (const Expected& expected : all)
        if (!is_slow() || std::string(expected.words) != "bytes stay behind")
            require_finding(hostile(expected.plugin), expected);
}

TEST_CASE("files that are no plugins of this program are told apart before they run") {
    const fs::path fixtures = SYNFIRE_FIXTURE_FOLDER;
    require_finding(fixtures / "no_entry.so", {"no_entry", "file", "exports no plugin entry"});
    require_finding(fixtures / "other_abi.so", {"other_abi", "file", "version 3"});
    require_finding(fixtures / "newer_minor.so", {"newer_minor", "load", "it needs version"});
    require_finding(fixtures / "unresolved.so", {"unresolved", "load", "cannot be loaded"});
    require_finding(fixtures / "bad_default.so", {"bad_default", "descriptors", "out of its own"});
    require_finding(fixtures / "wild.so", {"wild", "create", "none of the slice's"});
    const std::string folder = synfire::testing::scratch_folder();
    std::ofstream(folder + "/text.so") << "no plugin\n";
    require_finding(folder + "/text.so", {"text", "file", "no ELF header"});
    CHECK_THROWS_AS(outcomes_of(folder + "/none.so", 3), InputError);
}

TEST_CASE("each bug put into a copy of lif or stllr is found") {
    const Expected all[] = {
        {"lif_decay", "closed-form", "'decay' over"},
        {"lif_silence", "closed-form", "promised"},
        {"lif_alone", "closed-form", "promised"},
        {"lif_adjoint", "adjoint", "the derivative to 'u'"},
        {"lif_adjoint_of_reset", "adjoint", "that fires"},
        {"lif_potential", "adjoint", "finite differences"},
        {"lif_psi", "create", "psi infinite or no number"},
        {"lif_default", "descriptors", "out of its own range"},
        {"lif_memory", "reset", "an instance that has been used"},
        {"stllr_padding", "parameters", "whose padding"},
        {"stllr_joins", "joins", "depends on which other sources"},
        {"stllr_window_end", "window-end", "writes again"},
        {"stllr_instant", "finite", "its gradient is"},
        {"stllr_readout", "bounds", "it crashes"},
        {"stllr_memory", "reset", "is not the same"},
    };
    for (const Expected& expected : all) require_finding(hostile(expected.plugin), expected);
}
