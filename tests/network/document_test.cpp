#include <doctest/doctest.h>

#include "network/document.hpp"
#include "support/environment.hpp"

using synfire::Document;
using synfire::InputError;

namespace {

std::string refusal(const char* text) {
    try {
        Document::from_text(text, "x.json");
        return "";
    } catch (const InputError& error) {
        return error.what();
    }
}

}  // namespace

TEST_CASE("problems get the line of the value that they point at") {
    const Document d = Document::from_text("{\n  \"a\": {\n    \"b\": [1,\n 2]\n  }\n}", "x.json");
    const auto problems = d.located({{"/a/b/1", "one", "", 0}, {"/a/c", "two", "", 0}});
    CHECK(problems[0].line == 4);
    CHECK(problems[1].line == 2);  // a missing key: where its object is
    CHECK(to_text(problems[0]) == "x.json:4: /a/b/1: one");
}

TEST_CASE("text that is no JSON is refused with its line") {
    CHECK(refusal("{\n \"a\": 1,\n}").starts_with("x.json:3: This is no JSON"));
    CHECK(refusal("").starts_with("x.json:1: This is no JSON"));
    CHECK(refusal("{\"a\": 1} 2").starts_with("x.json:1: This is no JSON"));
}

TEST_CASE("a key given twice is refused, at any depth") {
    CHECK(refusal("{\"a\": {\"b\": 1,\n\"b\": 2}}") == "x.json:2: /a/b: 'b' is given twice.");
}

TEST_CASE("a missing file is named") {
    CHECK_THROWS_WITH_AS(Document::from_file("/no/such.json"),
                         doctest::Contains("/no/such.json: the file cannot be read"), InputError);
}

TEST_CASE("set replaces values, makes new ones, and takes text that is no JSON as a string") {
    Document d = Document::from_text(R"({"a": {"b": 1}, "l": [1, 2]})", "x.json");
    d.set("/a/b=2.5");
    d.set("/a/name=word");
    d.set("/l/1=7");
    CHECK(d.value()["a"]["b"] == 2.5);
    CHECK(d.value()["a"]["name"] == "word");
    CHECK(d.value()["l"][1] == 7);
    CHECK(to_text(d.located({{"/a/b", "wrong", "", 0}})[0]) == "--set: /a/b: wrong");
    CHECK_THROWS_WITH_AS(d.set("a/b=1"), doctest::Contains("expected /json/pointer=value"),
                         InputError);
    CHECK_THROWS_WITH_AS(d.set("/a/b/c=1"), doctest::Contains("has no place for it"), InputError);
    CHECK_THROWS_WITH_AS(d.set("/l/x=1"), doctest::Contains("has no place for it"), InputError);
}
