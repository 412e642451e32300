#include <doctest/doctest.h>

#include "base/suggest.hpp"
#include "network/form.hpp"

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

std::string problems_of(json value, json* completed = nullptr) {
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
    CHECK(problems_of(json::object(), &completed) == "");
    CHECK(completed == json{{"kind", "plain"}, {"count", 3}});
}

TEST_CASE("every problem is reported at once, with pointer, allowed values and nearest name") {
    const std::string text =
        problems_of({{"kind", "wide"}, {"cuont", 2}, {"count", 9}, {"names", {"a", 5}}});
    CHECK(text.find("/x/cuont: 'cuont' is unknown here; did you mean 'count'?") != text.npos);
    CHECK(text.find("/x/count: 9 is out of range, expected a whole number, 1 to 5.") != text.npos);
    CHECK(text.find("/x/names/1: 5 is given, expected a string.") != text.npos);
    CHECK(text.find("/x: 'width' is missing: how wide (a number, above 0 (m)).") != text.npos);
}

TEST_CASE("a bound that is open is not allowed itself") {
    CHECK(problems_of({{"kind", "wide"}, {"width", 0}}) ==
          "/x/width: 0 is out of range, expected a number, above 0 (m).\n");
}

TEST_CASE("an unknown variant is one problem, not many") {
    CHECK(problems_of({{"kind", "wyde"}, {"width", 2}}) ==
          "/x/kind: 'wyde' is unknown; did you mean 'wide'? Allowed: 'wide' or 'plain'.\n");
}

TEST_CASE("whole numbers may be written with a point or an exponent") {
    json completed;
    CHECK(problems_of({{"count", 2.0}}, &completed) == "");
    CHECK(completed["count"].is_number_integer());
    CHECK(problems_of({{"count", 2.5}}).find("expected a whole number") != std::string::npos);
    CHECK(problems_of({{"count", "2"}}).find("expected a whole number") != std::string::npos);
}

TEST_CASE("suggestions need a near name and know swapped letters") {
    CHECK(did_you_mean("hiddne", {"input", "hidden"}) == "; did you mean 'hidden'?");
    CHECK(did_you_mean("zebra", {"input", "hidden"}) == "");
    CHECK(did_you_mean("x", {}) == "");
}
