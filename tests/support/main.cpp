#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdlib>

#include "support/environment.hpp"

// What is kept from run to run has no part in a test: each program begins with an empty cache.
int main(int count, char** arguments) {
    ::setenv("XDG_CACHE_HOME", synfire::testing::scratch_folder().c_str(), 1);
    return doctest::Context(count, arguments).run();
}
