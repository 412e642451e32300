#include "base/numbers.hpp"

#include <doctest/doctest.h>

#include "base/ticks.hpp"

using namespace synfire;

TEST_CASE("whole numbers may have a point or an exponent, and nothing else is one") {
    CHECK(whole_from("1000") == 1000);
    CHECK(whole_from("1e3") == 1000);
    CHECK(whole_from("3.0") == 3);
    CHECK(whole_from("-1") == -1);
    CHECK(whole_from("9000000000000000") == 9000000000000000);
    for (const char* text : {"", " 1", "1 ", "1.5", "0x10", "nan", "inf", "1,5", "ten",
                             "9000000000000001", "9223372036854775808", "1e400", "--1"}) {
        CAPTURE(text);
        CHECK_FALSE(whole_from(text));
    }
}

TEST_CASE("what single precision holds") {
    CHECK(fits_single(0));
    CHECK(fits_single(-3.4e38));
    CHECK_FALSE(fits_single(3.5e38));
    CHECK_FALSE(fits_single(1e-39));  // below the least normal number
    CHECK(fits_single(1.2e-38));
}

TEST_CASE("numbers are shown as people write them") {
    CHECK(number_text(4294967295.0) == "4294967295");
    CHECK(number_text(9e15) == "9e15");
    CHECK(number_text(1e9) == "1e9");
    CHECK(number_text(0) == "0");
    CHECK(number_text(1000000) == "1000000");
    CHECK(number_text(0.1) == "0.1");
}

TEST_CASE("a time is a number of ticks only where it is a whole multiple") {
    CHECK(whole_ticks(0.3, 0.1) == 3);
    CHECK(whole_ticks(150, 0.1) == 1500);
    CHECK(whole_ticks(1100, 0.1) == 11000);
    CHECK(whole_ticks(700, 0.1) == 7000);
    CHECK(whole_ticks(0, 0.1) == 0);
    CHECK(whole_ticks(0.1 + 0.2, 0.1) == 3);
    CHECK_FALSE(whole_ticks(0.25, 0.1));
    CHECK_FALSE(whole_ticks(0.05, 0.1));
    CHECK_FALSE(whole_ticks(0.3000001, 0.1));
    CHECK_FALSE(whole_ticks(1e300, 0.1));
    for (std::int64_t n = 1; n < 4000000; n = n * 3 + 1)
        for (const double dt : {0.1, 0.05, 0.025, 1.0 / 3, 1e-6, 7.0}) {
            CAPTURE(n);
            CAPTURE(dt);
            CHECK(whole_ticks(static_cast<double>(n) * dt, dt) == n);
        }
}
