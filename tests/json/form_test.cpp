#include <doctest/doctest.h>

#include "base/suggest.hpp"
#include "json/form.hpp"

using namespace synfire;
using json = nlohmann::json;

namespace {

Form example() {
    Form form;
    form.tag = "kind";
    form.variants = {{"wide", {real("width", "how wide").must().above(0).in("m")}}, {"plain", {}}};
    form.fields = {choice("kind", {"wide", "plain"}, "which").otherwise("plain"),
                   integer("count", "how many").otherwise(3).between(1, 5),
                   list("names", text("", ""), "what they are called")};
    return form;
}

std::string misfits_of(json value, json* completed = nullptr) {
    Problems problems;
    check_and_complete(example(), value, "/x", problems);
    if (completed) *completed = value;
    std::string text;
    for (const Problem& p : problems) text += to_text(p) + "\n";
    return text;
}

}  // namespace

TEST_CASE("defaults are filled in") {
    json completed;
    CHECK(misfits_of(json::object(), &completed) == "");
    CHECK(completed == json{{"kind", "plain"}, {"count", 3}});
}

TEST_CASE("every problem is reported at once, with pointer, allowed values and nearest name") {
    const std::string text =
        misfits_of({{"kind", "wide"}, {"cuont", 2}, {"count", 9}, {"names", {"a", 5}}});
    CHECK(text.find("/x/cuont: 'cuont' is unknown here; did you mean 'count'?") != text.npos);
    CHECK(text.find("/x/count: 9 is out of range, expected a whole number, 1 to 5.") != text.npos);
    CHECK(text.find("/x/names/1: 5 is given, expected a string.") != text.npos);
    CHECK(text.find("/x: 'width' is missing: how wide (a number, above 0 (m)).") != text.npos);
}

TEST_CASE("a bound that is open is not allowed itself") {
    CHECK(misfits_of({{"kind", "wide"}, {"width", 0}}) ==
          "/x/width: 0 is out of range, expected a number, above 0 (m).\n");
}

TEST_CASE("an unknown variant is one problem, not many") {
    CHECK(misfits_of({{"kind", "wyde"}, {"width", 2}}) ==
          "/x/kind: 'wyde' is unknown; did you mean 'wide'? Allowed: 'wide' or 'plain'.\n");
}

TEST_CASE("whole numbers may be written with a point or an exponent") {
    json completed;
    CHECK(misfits_of({{"count", 2.0}}, &completed) == "");
    CHECK(completed["count"].is_number_integer());
    CHECK(misfits_of({{"count", 2.5}}).find("expected a whole number") != std::string::npos);
    CHECK(misfits_of({{"count", "2"}}).find("expected a whole number") != std::string::npos);
}

TEST_CASE("bounds of types: none is passed in silence") {
    Form form;
    form.fields = {integer("n", "").fits<std::uint32_t>(), integer("big", "").fits<std::uint64_t>(),
                   real("w", "").single(), real("part", "").at_least(0).below(1).single(),
                   list("ws", real("", "").single(), "")};
    auto said = [&](json value) {
        Problems problems;
        check_and_complete(form, value, "", problems);
        return problems.empty() ? "" : to_text(problems[0]);
    };
    CHECK(said({{"n", 4294967295}}) == "");
    CHECK(said({{"n", 4294967296}}) ==
          "/n: 4294967296 is out of range, expected a whole number, 0 to 4294967295.");
    CHECK(said({{"n", 1e30}}).starts_with("/n: 1e+30 is out of range"));
    CHECK(said({{"n", -1}}).starts_with("/n: -1 is out of range"));
    CHECK(said({{"big", 9e15}}) == "");
    CHECK(said({{"big", 18446744073709551615u}}).ends_with("a whole number, 0 to 9e15."));
    CHECK(said({{"w", 3.4e38}}) == "");
    CHECK(said({{"w", -1e39}}).starts_with("/w: -1e+39 is beyond single precision"));
    CHECK(said({{"w", 1e-39}}).find("too near to 0") != std::string::npos);
    CHECK(said({{"w", 0}}) == "");
    CHECK(said({{"part", 1}}).find("expected a number, 0 to below 1.") != std::string::npos);
    CHECK(said({{"part", 0.99999999999}}).find("is 1 in single") != std::string::npos);
    CHECK(said({{"ws", {1, 2, 1e39}}}).starts_with("/ws/2: 1e+39 is beyond"));
    CHECK(said({{"ws", {1, "2"}}}).starts_with("/ws/1: \"2\" is given"));
    const json schema = to_schema(form);
    CHECK(schema["properties"]["n"]["maximum"].dump() == "4294967295");
    CHECK(schema["properties"]["w"]["maximum"] == largest_single);
}

TEST_CASE("a value that is shown is cut where it is long, and never within a character") {
    CHECK(shown(json{1, 2}) == "[1,2]");
    CHECK(shown(json(std::string(1000, 'x'))).size() < 70);
    std::string accents;
    for (int i = 0; i < 100; ++i) accents += "\xc3\xa9";
    const std::string text = shown(json(accents));
    CHECK(text.substr(text.size() - 5, 2) == "\xc3\xa9");
}

TEST_CASE("an unknown choice says which libraries were refused") {
    Form form;
    form.fields = {choice("neuron", {"lif"}, "").unless("Refused: x.so, because it is cut.")};
    json value = {{"neuron", "x"}};
    Problems problems;
    check_and_complete(form, value, "", problems);
    CHECK(to_text(problems.at(0)) ==
          "/neuron: 'x' is unknown. Allowed: 'lif'. Refused: x.so, because it is cut.");
}

TEST_CASE("suggestions need a near name and know swapped letters") {
    CHECK(did_you_mean("hiddne", {"input", "hidden"}) == "; did you mean 'hidden'?");
    CHECK(did_you_mean("zebra", {"input", "hidden"}) == "");
    CHECK(did_you_mean("x", {}) == "");
}
