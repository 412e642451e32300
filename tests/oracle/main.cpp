// The tests of golden cases are skipped where there are none.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>
#include <fmt/format.h>

#include "support/environment.hpp"

int main(int argc, char** argv) {
    if (synfire::testing::oracle_folders().empty()) {
        fmt::print("skipped: no golden cases; set SYNFIRE_ORACLE to their folders\n");
        return synfire::testing::skipped;
    }
    return doctest::Context(argc, argv).run();
}
