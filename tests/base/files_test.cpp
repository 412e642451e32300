#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/atomic_file.hpp"
#include "base/file_lock.hpp"
#include "base/hdf5.hpp"
#include "base/output_file.hpp"
#include "base/problem.hpp"
#include "support/environment.hpp"
#include "support/saved_file.hpp"

using namespace synfire;
using namespace synfire::testing;
namespace fs = std::filesystem;

namespace {

std::string content(const fs::path& path) {
    std::stringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
}

template <class Exception>
std::string words_of(const std::function<void()>& body) {
    try {
        body();
    } catch (const Exception& error) {
        return error.what();
    }
    return "";
}

// Files may not grow beyond so many bytes while it lives, as on a disk that is full.
class SmallDisk {
  public:
    explicit SmallDisk(rlim_t bytes) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{bytes, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &limit);
    }
    ~SmallDisk() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        ::signal(SIGXFSZ, handler_);
    }

  private:
    rlimit before_{};
    void (*handler_)(int);
};

}  // namespace

TEST_CASE("a text file names what it cannot write, and ends with a whole line") {
    const std::string folder = scratch_folder();
    CHECK(words_of<InputError>([&] {
              OutputFile(folder + "/none/x");
          }).find(folder + "/none/x: the file cannot be made (No such file or directory)") == 0);
    CHECK(words_of<InputError>([&] { OutputFile{folder}; }).find("Is a directory") !=
          std::string::npos);
    {
        OutputFile full("/dev/full");
        full.write("line\n");
        CHECK(words_of<std::runtime_error>([&] {
                  full.close();
              }).find("/dev/full: cannot be written to its end (No space left on device)") == 0);
    }
    const std::string path = folder + "/small";
    const SmallDisk disk(100000);
    OutputFile file(path);
    const std::string words = words_of<std::runtime_error>([&] {
        for (int i = 0; i < 100000; ++i) file.write(fmt::format("{:06}\n", i));
    });
    CHECK(words == path + ": cannot be written to its end (File too large).");
    const std::string held = content(path);
    CHECK(held.size() > 50000);
    CHECK(held.ends_with(fmt::format("{:06}\n", held.size() / 7 - 1)));
}

TEST_CASE("a growing HDF5 file goes back to its last flush where it cannot grow") {
    for (const rlim_t room : {150000u, 400000u, 401000u, 1000000u}) {
        CAPTURE(room);
        const std::string path = scratch_folder() + "/r.h5";
        std::uint64_t flushed = 0;
        {
            Hdf5File file = Hdf5File::create(path);
            file.grow<std::uint64_t>("/a/tick", 1);
            file.grow<double>("/a/values", 3);
            file.flush();
            const SmallDisk disk(room);
            const std::string words = words_of<std::runtime_error>([&] {
                for (std::uint64_t i = 0; i < 1000; ++i) {
                    const std::vector<std::uint64_t> ticks(1000, i + 1);
                    const std::vector<double> values(3000, static_cast<double>(i + 1));
                    file.append<std::uint64_t>("/a/tick", ticks);
                    file.append<double>("/a/values", values);
                    file.flush();
                    flushed += 1000;
                }
            });
            CHECK(words.find(path + ": /a/") == 0);
            CHECK(words.find("cannot be extended (File too large)") != std::string::npos);
            file.close();
        }
        const SavedFile file = SavedFile::open(path);
        const auto ticks = file.read<std::uint64_t>("/a/tick");
        const auto values = file.read<double>("/a/values");
        CHECK(ticks.size() == flushed);
        REQUIRE(values.size() == 3 * flushed);
        CHECK(std::ranges::count(ticks, 0u) == 0);
        for (std::size_t i = 0; i < values.size(); ++i)
            if (values[i] != static_cast<double>(ticks[i / 3])) FAIL("row ", i / 3);
        CHECK(fs::file_size(path) <= room);
    }
}

TEST_CASE("an HDF5 file that is closed on a full disk says so") {
    CHECK(words_of<InputError>([] {
              Hdf5File::create("/proc/none/x.h5");
          }).find("/proc/none/x.h5: the file cannot be made (No such file or directory)") == 0);
    const std::string path = scratch_folder() + "/w.h5";
    const SmallDisk disk(20000);
    const std::vector<double> values(100000, 1.0);
    const std::string words = words_of<std::runtime_error>([&] {
        Hdf5File file = Hdf5File::create(path);
        file.write<double>("/values", values);
        file.close();
    });
    CHECK(words == path + ": /values cannot be written (File too large).");
}

TEST_CASE("temporary files of dead processes are removed, those of living ones are not") {
    const std::string folder = scratch_folder();
    const pid_t dead = ::fork();
    if (dead == 0) ::_exit(0);
    ::waitpid(dead, nullptr, 0);
    for (const std::string& name :
         {fmt::format("checkpoint.h5.{}.tmp", dead), fmt::format("a.{}.tmp", ::getppid()),
          std::string("b.tmp"), std::string("c.12x.tmp"), std::string("d.h5")})
        std::ofstream(folder + "/" + name) << "x";
    fs::create_directories(fmt::format("{}/gestures.{}.tmp/x", folder, dead));
    remove_leftovers(folder);
    CHECK(!fs::exists(fmt::format("{}/checkpoint.h5.{}.tmp", folder, dead)));
    CHECK(!fs::exists(fmt::format("{}/gestures.{}.tmp", folder, dead)));
    CHECK(fs::exists(fmt::format("{}/a.{}.tmp", folder, ::getppid())));
    for (const char* name : {"b.tmp", "c.12x.tmp", "d.h5"}) CHECK(fs::exists(folder + "/" + name));
}

TEST_CASE("a lock is one program's, and a file that is left over locks nothing") {
    const std::string path = scratch_folder() + "/.lock";
    std::ofstream(path) << "left over";
    {
        const auto first = FileLock::try_take(path, FileLock::Kind::exclusive);
        CHECK(first);
        CHECK(!FileLock::try_take(path, FileLock::Kind::exclusive));
        CHECK(!FileLock::try_take(path, FileLock::Kind::shared));
    }
    CHECK(!fs::exists(path));
    {
        const auto first = FileLock::take(path, FileLock::Kind::shared);
        const auto second = FileLock::try_take(path, FileLock::Kind::shared);
        CHECK(second);
        CHECK(!FileLock::try_take(path, FileLock::Kind::exclusive));
    }
    CHECK(FileLock::try_take(path, FileLock::Kind::exclusive));
    CHECK_THROWS_AS(FileLock::try_take("/proc/none/.lock", FileLock::Kind::exclusive), InputError);
}

TEST_CASE("only a file is replaced by a file; a link stays and leads to the new one") {
    const std::string folder = scratch_folder();
    auto replace = [](const std::string& path) {
        replace_file(path, [](const std::string& temporary) {
            OutputFile file(temporary);
            file.write("new");
            file.close();
        });
    };
    const std::string pipe = folder + "/pipe", link = folder + "/link", file = folder + "/file";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    const std::string refused = words_of<InputError>([&] { replace(pipe); });
    CHECK(refused == pipe +
                         ": a device or pipe has this name and is not replaced; the name of a "
                         "file is expected.");
    CHECK(fs::is_fifo(pipe));
    CHECK(words_of<InputError>([&] { replace(folder); }).find("a folder has this name") !=
          std::string::npos);

    std::ofstream(file) << "old";
    fs::create_symlink("file", link);
    replace(link);
    CHECK(fs::is_symlink(link));
    CHECK(content(file) == "new");
    CHECK(std::distance(fs::directory_iterator(folder), {}) == 3);
}

TEST_CASE("a place for a result holds nothing, or an earlier one of its kind") {
    const std::string folder = scratch_folder();
    auto words = [&](const std::string& name) {
        return words_of<InputError>([&] { require_place(folder + name, "trace", "{\"t\""); });
    };
    std::ofstream(folder + "/model.json") << "{\"name\"";
    std::ofstream(folder + "/trace.json") << "{\"t\":1}";
    std::ofstream(folder + "/empty");
    CHECK(words("/new").empty());
    CHECK(words("/empty").empty());
    CHECK(words("/trace.json").empty());
    CHECK(words("/model.json") == folder +
                                      "/model.json: a file of another kind has this name, and "
                                      "the trace would replace it; another name is expected.");
    CHECK(words("/nowhere/x").find("the trace cannot be saved there") != std::string::npos);
}
