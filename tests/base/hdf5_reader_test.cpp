#include "base/hdf5_reader.hpp"

#include <doctest/doctest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include "base/problem.hpp"
#include "support/environment.hpp"
#include "support/hdf5_files.hpp"

using namespace synfire;
using namespace synfire::testing;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

template <class Ask>
std::string refusal(const Ask& ask) {
    try {
        ask();
        return "";
    } catch (const InputError& error) {
        return error.what();
    }
}

bool has(const std::string& text, const std::string& part) {
    const bool found = text.find(part) != std::string::npos;
    if (!found) MESSAGE(text);
    return found;
}

}  // namespace

TEST_CASE("numbers are read as what they are stored as") {
    const std::string path = scratch_folder() + "/a.h5";
    write_numbers(path, "/signed", Stored::int8, {-1, 127, -128});
    write_numbers(path, "/unsigned", Stored::uint64, {0, 9007199254740992});
    write_numbers(path, "/half", Stored::float16, {0.5, -2, not_a_number});
    write_numbers(path, "/double", Stored::float64, {1e300, 0.1});
    Hdf5Reader file(path);
    const StoredArray a = file.numbers("/signed");
    CHECK(a.type.kind == StoredType::signed_whole);
    CHECK(a.type.bytes == 1);
    a.numbers().visit([](auto values) {
        REQUIRE(values.size() == 3);
        CHECK(values[0] == -1);
        CHECK(values[2] == -128);
    });
    const StoredArray b = file.numbers("/unsigned", 1);
    CHECK(b.type.kind == StoredType::unsigned_whole);
    CHECK(b.size == 1);
    const StoredArray c = file.numbers("/half");
    CHECK(c.type.kind == StoredType::real);
    CHECK(c.type.digits == 11);
    c.numbers().visit([](auto values) {
        CHECK(values[1] == -2);
        CHECK(std::isnan(static_cast<double>(values[2])));
    });
    CHECK(file.numbers("/double").type.digits == 53);
    CHECK(file.real_numbers("/double") == std::vector<double>{1e300, 0.1});
}

TEST_CASE("what is no whole number, or too large for a float, is refused with its place") {
    const std::string path = scratch_folder() + "/a.h5";
    write_numbers(path, "/fine", Stored::float32, {0, 16777216});
    write_numbers(path, "/minus", Stored::int64, {3, -1});
    write_numbers(path, "/fraction", Stored::float64, {1.5});
    write_numbers(path, "/nan", Stored::float32, {0, not_a_number});
    write_numbers(path, "/huge", Stored::float64, {18446744073709551616.0});
    write_numbers(path, "/large", Stored::float64, {3.5e38});
    write_words(path, "/words", {"a", "b"});
    Hdf5Reader file(path);
    CHECK(file.whole_numbers("/fine") == std::vector<std::uint64_t>{0, 16777216});
    auto of = [&](const char* name) { return refusal([&] { file.whole_numbers(name); }); };
    CHECK(has(of("/minus"), path + ": value 1 of /minus is -1; whole numbers from 0"));
    CHECK(has(of("/fraction"), "value 0 of /fraction is 1.5"));
    CHECK(has(of("/nan"), "value 1 of /nan is nan"));
    CHECK(has(of("/huge"), "value 0 of /huge is 1.8446744073709552e+19"));
    CHECK(has(of("/words"), "/words holds text; numbers are expected"));
    CHECK(has(of("/none"), "/none is missing"));
    CHECK(has(refusal([&] { file.finite_floats("/nan"); }), "value 1 of /nan is nan; finite"));
    CHECK(has(refusal([&] { file.finite_floats("/large"); }), "value 0 of /large is 3.5e+38"));
    // A refusal leaves the reader as it was.
    CHECK(file.whole_numbers("/fine").size() == 2);
}

TEST_CASE("matrices come row by row, whatever their size") {
    const std::string path = scratch_folder() + "/a.h5";
    std::vector<double> values(700 * 1000);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i);
    write_numbers(path, "/m", Stored::float32, values, {700, 1000});
    Hdf5Reader file(path);
    CHECK(file.shape("/m") == std::vector<std::uint64_t>{700, 1000});
    const std::vector<float> read = file.finite_floats("/m");
    REQUIRE(read.size() == values.size());
    for (std::size_t i = 0; i < read.size(); ++i) REQUIRE(read[i] == static_cast<float>(i));
    CHECK(file.numbers("/m", 3).size == 3000);
}

TEST_CASE("what is no file of numbers is named as what it is") {
    const std::string folder = scratch_folder();
    auto of = [&](const std::string& name) {
        return refusal([&] { Hdf5Reader file(folder + name); });
    };
    CHECK(has(of(""), "this is a folder"));
    CHECK(has(of("/none.h5"), "there is no such file"));
    std::ofstream(folder + "/empty.h5");
    CHECK(has(of("/empty.h5"), "this is no HDF5 file, or it is truncated"));
    std::ofstream(folder + "/lfs.h5") << "version https://git-lfs.github.com/spec/v1\noid sha256:1";
    CHECK(has(of("/lfs.h5"), "this is only a Git LFS pointer"));
}

TEST_CASE("a reader left in the middle of a list is not asked again, and says so") {
    const std::string path = scratch_folder() + "/a.h5";
    write_lists(path, "/lists", Stored::uint8, {{1, 2}, {3}});
    Hdf5Reader file(path);
    CHECK_THROWS_AS(file.ragged("/lists", 2, [](std::size_t, StoredNumbers) { throw 1; }), int);
    CHECK(has(refusal([&] { file.has("/lists"); }), "what read it has ended"));
}
