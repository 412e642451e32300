#include <doctest/doctest.h>

#include "base/names.hpp"
#include "base/printable.hpp"
#include "support/experiments.hpp"

using namespace synfire;
using namespace synfire::testing;
using json = nlohmann::json;

TEST_CASE("control characters and bytes that are no UTF-8 are spelt out") {
    CHECK(printable("plain, größer 神経") == "plain, größer 神経");
    CHECK(printable("a\nb\tc\r") == "a\\nb\\tc\\r");
    CHECK(printable("\x1b[2Jx\x7f") == "\\x1b[2Jx\\x7f");
    CHECK(printable("\xc2\x9b") == "\\x9b");                // a control character in two bytes
    CHECK(printable("a\xff\xc3(") == "a\\xff\\xc3(");       // no UTF-8
    CHECK(printable("\xe0\x80\xaf") == "\\xe0\\x80\\xaf");  // '/' written too long
    CHECK(printable("\xe2\x80\xae"
                    "abc") == "\\u202eabc");  // turns the direction of writing
    CHECK(printable("cut \xe7\xa5") == "cut \\xe7\\xa5");
}

TEST_CASE("problems reach a terminal without control characters") {
    CHECK(to_text({"/name", "'\x1b[31m'", "a\nb.json", 3}) == "a\\nb.json:3: /name: '\\x1b[31m'");
    CHECK(std::string(InputError("line\r1").what()) == "line\\r1");
}

TEST_CASE("names are what a file can be called everywhere") {
    for (const char* name :
         {"n", "layer 1", "E.exc-2_b", "größer", "神経", ".hidden", "a&b", "{x}"})
        CHECK(fault_of_name(name) == "");
    CHECK(fault_of_name(std::string(100, 'x')) == "");
    CHECK(fault_of_name(std::string(101, 'x')) != "");
    for (const char* name :
         {"",   ".",  "..",  "a/b", "a\\b", "it's", "a\"b", "`a`", "a\nb", "\x1b[2J",     "a:b",
          "a*", "a?", "a<b", "a|b", "a>b",  " a",   "a ",   "a.",  "\xff", "\xe2\x80\xae"})
        CHECK(fault_of_name(name) != "");
    CHECK(fault_of_name("a->b", true) == "");
    CHECK(fault_of_name("a/b", true) != "");
}

TEST_CASE("names of experiments, populations and projections are checked") {
    auto problem = [](auto change) {
        json e = small_experiment();
        change(e);
        return problems_of(e);
    };
    CHECK(problem([](json& e) { e["name"] = "../x"; }).find("/name: This name has a /") !=
          std::string::npos);
    CHECK(problem([](json& e) {
              e["network"]["populations"][1]["name"] = "it's";
          }).find("/network/populations/1/name: This name has a '") != std::string::npos);
    CHECK(problem([](json& e) {
              e["network"]["projections"][1]["name"] = "a\nb";
          }).find("/network/projections/1/name: This name has a control character") !=
          std::string::npos);
    CHECK(problem([](json& e) { e["network"]["projections"][1]["name"] = "a->b"; }) == "");
    // Two of one name would be one in a checkpoint.
    CHECK(problem([](json& e) {
              e["network"]["projections"][1]["name"] = "in->hidden";
          }).find("There is already a projection 'in->hidden'") != std::string::npos);
}

TEST_CASE("nothing is recorded twice") {
    json e = small_experiment();
    e["record"] = {{"spikes", {"hidden", "in", "hidden"}},
                   {"state",
                    {{{"population", "hidden"}, {"variable", "u"}, {"every_ticks", 2}},
                     {{"population", "out"}, {"variable", "y"}},
                     {{"population", "hidden"}, {"variable", "u"}, {"every_ticks", 3}}}}};
    const std::string problems = problems_of(e);
    CHECK(problems.find("/record/spikes/2: 'hidden' is asked for already") != std::string::npos);
    CHECK(problems.find("/record/state/2: 'u' of 'hidden' is asked for already") !=
          std::string::npos);
    CHECK(problems.find("/record/state/1:") == std::string::npos);
}
