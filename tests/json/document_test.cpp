#include <doctest/doctest.h>

#include <fstream>

#include "json/document.hpp"
#include "support/environment.hpp"

using synfire::Document;
using synfire::InputError;

namespace {

std::string document_refusal(std::string text) {
    try {
        Document::from_text(std::move(text), "x.json");
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

TEST_CASE("text that is no JSON is refused with line, column and what is expected") {
    const std::pair<const char*, const char*> cases[] = {
        {"{\n \"a\": 1,\n}", "x.json:3: This is no JSON (column 1): a comma stands before '}'"},
        {"{\"a\": [1, 2, ]}", "a comma stands before ']'"},
        {"// words\n{}", "comments are not part of JSON"},
        {"{} /* words */", "comments are not part of JSON"},
        {"{\"a\": NaN}", "NaN is no number of JSON"},
        {"{\"a\": nan}", "nan is no number of JSON"},
        {"{\"a\": -Infinity}", "-Infinity is no number of JSON"},
        {"{\"a\": -}", "a value is expected"},
        {"{\"a\": +}", "+ is no number of JSON"},
        {"{\"a\": +-+}", "+-+ is no number of JSON"},
        {"{\"a\": 1e400}", "1e400 is beyond the largest number"},
        {"{\n\"a\": [1,\n1e-400]}", "x.json:3: /a/1: 1e-400 is nearer to 0 than any number"},
        {"{\"a\": 01}", "01 is no number of JSON"},
        {"{\"a\": .5}", ".5 is no number of JSON"},
        {"{\"a\": 0x10}", "0x10 is no number of JSON"},
        {"{\"a\": True}", "true, false and null are written in small letters"},
        {"{'a': 1}", "double quotes, not single ones"},
        {"{a: 1}", "a stands alone"},
        {"{\"a\" 1}", "a ':' is expected"},
        {"{\"a\": 1 \"b\": 2}", "a ',' or a '}' is expected"},
        {"[1 2]", "a ',' or a ']' is expected"},
        {"{\"a\": \"x\ny\"}", "a text goes over the end of its line"},
        {"{\"a\": \"x", "no closing double quote"},
        {"{\"a\": [1", "ends before all brackets are closed"},
        {"{\"a\": 1} 2", "something follows the end"},
        {"{\"a\": \"\xff\"}", "not in UTF-8"},
        {"{\"a\": \"\\ud800\"}", "half of a pair"},
        {"{\"a\": \"\\u0000\"}", "the character NUL"},
        {"{\"a\\u0000b\": 1}", "the character NUL"},
        {"", "x.json: The file is empty"},
        {" \n\t", "x.json: The file holds only blanks"},
    };
    for (const auto& one : cases) {
        CAPTURE(one.first);
        const std::string said = document_refusal(one.first);
        CAPTURE(said);
        CHECK(said.starts_with("x.json:"));
        CHECK(said.find(one.second) != std::string::npos);
    }
    CHECK(document_refusal(std::string("{}\0{}", 5))
              .starts_with("x.json:1: This is no JSON (column 3)"));
    CHECK(document_refusal(std::string("\xff\xfe{\0}\0", 6)).find("UTF-16") != std::string::npos);
    CHECK(document_refusal(std::string("{\0}\0", 4)).find("UTF-16") != std::string::npos);
    CHECK(document_refusal("\xef\xbb\xbf{\"a\": 1}") == "");  // a byte order mark
}

TEST_CASE("brackets may be 64 deep, and deeper ones take no memory") {
    auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    CHECK(document_refusal(nested(64)) == "");
    CHECK(document_refusal(nested(65)).find("more than 64 deep") != std::string::npos);
    CHECK(document_refusal(nested(1000000)).find("more than 64 deep") != std::string::npos);
    Document d = Document::from_text("{}", "x.json");
    CHECK_THROWS_WITH_AS(d.set("/a=" + nested(40000)), doctest::Contains("more than 64 deep"),
                         InputError);
}

TEST_CASE("the last number of a list is on its own line") {
    const Document d = Document::from_text("{\"a\": [\n1,\n2\n]}", "x.json");
    CHECK(d.located({{"/a/1", "two", "", 0}})[0].line == 3);
    CHECK(d.located({{"/a/7/x", "none", "", 0}})[0].line == 1);
}

TEST_CASE("a key given twice is refused, at any depth") {
    CHECK(document_refusal("{\"a\": {\"b\": 1,\n\"b\": 2}}") ==
          "x.json:2: /a/b: 'b' is given twice.");
}

TEST_CASE("a file that is missing, a folder and an empty file are told apart") {
    auto said = [](const std::string& path) -> std::string {
        try {
            Document::from_file(path);
            return "";
        } catch (const InputError& error) {
            return error.what();
        }
    };
    const std::string folder = synfire::testing::scratch_folder();
    std::ofstream(folder + "/empty.json").flush();
    std::ofstream(folder + "/good.json") << "{}";
    CHECK(said("/no/such.json").starts_with("/no/such.json: there is no such file"));
    CHECK(said(folder).starts_with(folder + ": this is a folder"));
    CHECK(said(folder + "/empty.json") ==
          folder + "/empty.json: The file is empty; an experiment { } is expected.");
    CHECK(said(folder + "/good.json") == "");
    CHECK(said("").starts_with("\"\": there is no such file"));
}

TEST_CASE("set replaces values, makes new ones, and takes text that is no JSON as a string") {
    Document d = Document::from_text(R"({"a": {"b": 1}, "l": [1, 2]})", "x.json");
    d.set("/a/b=2.5");
    d.set("/a/name=word");
    d.set("/l/1=7");
    d.set("/l/-=8");
    d.set("/new/list/0=x");
    CHECK(d.value()["a"]["b"] == 2.5);
    CHECK(d.value()["a"]["name"] == "word");
    CHECK(d.value()["l"] == nlohmann::json{1, 7, 8});
    CHECK(d.value()["new"]["list"][0] == "x");
    auto where = [&](const char* pointer) {
        return to_text(d.located({{pointer, "wrong", "", 0}})[0]);
    };
    CHECK(where("/a/b") == "--set /a/b=2.5: /a/b: wrong");
    CHECK(where("/a/be") == "x.json:1: /a/be: wrong");
    CHECK(where("/l/2") == "--set /l/-=8: /l/2: wrong");
    CHECK(where("/new") == "--set /new/list/0=x: /new: wrong");
}

TEST_CASE("set says why a pointer leads nowhere") {
    Document d = Document::from_text(R"({"a": {"b": 1}, "l": [1, 2]})", "x.json");
    auto refused = [&](const char* assignment, const char* words) {
        CAPTURE(assignment);
        CHECK_THROWS_WITH_AS(d.set(assignment), doctest::Contains(words), InputError);
    };
    refused("a/b=1", "expected /json/pointer=value");
    refused("/a/b/c=1", "x.json has no place for it; /a/b is 1");
    refused("/l/x=1", "/l has 2 entries, 0 to 1; 'x' is none of them");
    refused("/l/9/size=1", "/l has 2 entries, 0 to 1; '9' is none of them");
    refused("/l/2/size=1", "/l has 2 entries, 0 to 1; '2' is none of them");
    refused("/l/01=1", "/l has 2 entries, 0 to 1; '01' is none of them");
    refused("/l/18446744073709551616=1", "/l has 2 entries");
    refused("/a/b=1e400", "beyond those that can be held");
    refused("/a~2b=1", "'~' is followed by 0");
    refused("/a/b={\"x\": 1, \"x\": 2}", "'x' is given twice");
    CHECK(d.value()["l"].size() == 2);
}
