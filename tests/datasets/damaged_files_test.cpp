// Files that were damaged at random: whatever is in them, they are read or refused with a sentence,
// and the program goes on. $SYNFIRE_DAMAGED_FILES says how many of each kind (default 40).
#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "base/hdf5.hpp"
#include "base/problem.hpp"
#include "base/random.hpp"
#include "learning/checkpoint.hpp"
#include "shd/shd.hpp"
#include "support/environment.hpp"
#include "support/experiments.hpp"

using namespace synfire;
using namespace synfire::testing;

namespace {

std::uint32_t file_count() {
    const char* given = std::getenv("SYNFIRE_DAMAGED_FILES");
    return given ? static_cast<std::uint32_t>(std::strtoul(given, nullptr, 10)) : 40;
}

std::string content(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

// 1 to 20 bytes changed; every fifth file cut short, every fifth with a stretch of zeros.
std::string damaged(std::string bytes, std::uint32_t number) {
    Random random(7, Stream::scene, number, 0);
    const auto size = static_cast<std::uint32_t>(bytes.size());
    if (number % 5 == 3) {
        bytes.resize(random.below(size));
    } else if (number % 5 == 4) {
        const std::uint32_t begin = random.below(size);
        const std::uint32_t length = 1 + random.below(std::min(size - begin, 600u));
        bytes.replace(begin, length, length, '\0');
    } else {
        for (std::uint32_t k = 1 + random.below(20); k > 0; --k)
            bytes[random.below(size)] = static_cast<char>(random.below(256));
    }
    return bytes;
}

// Damages the file again and again, and reads it; says how many were read and how many refused.
template <class Read>
void try_damaged(const std::string& whole, const Read& read) {
    const std::string bytes = content(whole);
    const std::string path = scratch_folder() + "/damaged.h5";
    std::uint32_t fine = 0, refused = 0, lost = 0;
    for (std::uint32_t number = 0; number < file_count(); ++number) {
        CAPTURE(number);
        std::ofstream(path, std::ios::binary) << damaged(bytes, number);
        try {
            read(path);
            ++fine;
        } catch (const InputError& error) {
            ++refused;
            const std::string text = error.what();
            CHECK(text.starts_with(path));
            CHECK(text.ends_with('.'));
            lost += text.find("seems to be damaged: what read it") != std::string::npos;
        }
    }
    MESSAGE(fine << " read, " << refused << " refused, of these " << lost
                 << " after a crash or a stall");
    CHECK(fine + refused == file_count());
    CHECK(refused > 0);
}

}  // namespace

TEST_CASE("damaged recordings are read or refused") {
    const std::string path = scratch_folder() + "/whole.h5";
    std::vector<std::vector<float>> times(20);
    std::vector<std::vector<std::uint16_t>> units(20);
    std::vector<std::uint16_t> labels(20);
    for (std::uint32_t i = 0; i < 20; ++i) {
        Random random(1, Stream::scene, i, 0);
        labels[i] = static_cast<std::uint16_t>(i % 3);
        for (int e = 0; e < 20; ++e) {
            times[i].push_back(random.uniform());
            units[i].push_back(static_cast<std::uint16_t>(random.below(10)));
        }
    }
    Hdf5File file = Hdf5File::create(path);
    file.write_ragged<float>("/spikes/times", times);
    file.write_ragged<std::uint16_t>("/spikes/units", units);
    file.write<std::uint16_t>("/labels", labels);
    file.close();
    try_damaged(path, [](const std::string& damaged_file) {
        const EventSet set = read_shd(damaged_file, 10, 100, 10, UINT64_MAX);
        // What is read is sound, whatever it says.
        CHECK(set.begin.size() == set.size() + 1);
        for (const std::uint32_t key : set.keys()) REQUIRE(key < 1000);
    });
}

TEST_CASE("damaged checkpoints are read or refused") {
    const Experiment e = experiment(small_experiment());
    const std::vector<bool> swept = trained_populations(e.network);
    Network network(e.network, 3, swept);
    Trainer trainer(network, *e.training, *e.input, 3, 1);
    const std::string path = scratch_folder() + "/whole.h5";
    const nlohmann::json provenance;
    save_checkpoint(path, e, provenance, network, trainer, {});
    try_damaged(path, [&](const std::string& damaged_file) {
        load_checkpoint(damaged_file, e, provenance, network, trainer);
    });
}
