#include "gestures/cache.hpp"

#include <fmt/format.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "base/atomic_file.hpp"
#include "base/file_lock.hpp"
#include "base/fingerprint.hpp"
#include "base/note.hpp"
#include "base/output_file.hpp"
#include "base/problem.hpp"
#include "cache_folder.hpp"

namespace synfire {
namespace fs = std::filesystem;
namespace {

// Raised whenever the generator's output changes for equal settings: old files are then not used.
constexpr std::uint32_t revision = 2;

constexpr const char* hash_file = "hashes";

std::string folder_of(const GestureSettings& s) {
    std::string text = fmt::format("{} {} {} {} {} {} {} {}", revision, s.train, s.test, s.seed,
                                   s.rows, s.columns, s.duration_ms, s.noise_hz);
    for (const std::uint32_t motion : s.motions) text += fmt::format(" {}", motion);
    Fingerprint fingerprint;
    for (const char c : text) fingerprint.add(static_cast<std::uint32_t>(c));
    return fmt::format("{}/gestures-{:016x}", cache_folder(), fingerprint.value());
}

// What the hash file says for the files as they are now; "" where one cannot be read.
std::string hashes_of(const std::string& folder) {
    std::string text;
    for (const char* name : {"train.h5", "test.h5"}) {
        std::ifstream file(fmt::format("{}/{}", folder, name), std::ios::binary);
        Fingerprint fingerprint;
        std::array<unsigned char, 1 << 16> block;
        std::uint64_t size = 0;
        while (file) {
            file.read(reinterpret_cast<char*>(block.data()), block.size());
            for (std::streamsize i = 0; i < file.gcount(); ++i)
                fingerprint.add(block[static_cast<std::size_t>(i)]);
            size += static_cast<std::uint64_t>(file.gcount());
        }
        if (!file.eof()) return "";
        text += fmt::format("{} {} bytes {:016x}\n", name, size, fingerprint.value());
    }
    return text;
}

bool is_whole(const std::string& folder) {
    std::ifstream file(fmt::format("{}/{}", folder, hash_file), std::ios::binary);
    const std::string wanted{std::istreambuf_iterator<char>(file), {}};
    return file && !wanted.empty() && wanted == hashes_of(folder);
}

// Makes the recordings in the place of whatever stands there.
void make(const GestureSettings& settings, const std::string& folder) {
    if (fs::exists(folder))
        note(
            fmt::format("note: {}: the made recordings are damaged, or of an earlier version; they "
                        "are made again.",
                        folder));
    remove_leftovers(fs::path(folder).parent_path().string());
    const std::string fresh = temporary_name(folder + ".new");
    generate_gestures(settings, fresh);
    OutputFile hashes(fmt::format("{}/{}", fresh, hash_file));
    hashes.write(hashes_of(fresh));
    hashes.close();
    fs::remove_all(folder);
    fs::rename(fresh, folder);
}

}  // namespace

InputData read_from_gesture_cache(const GestureSettings& settings,
                                  const std::function<InputData(const std::string&)>& read) {
    const std::string folder = folder_of(settings);
    const std::string lock = folder + ".lock";
    std::optional<FileLock> held;
    auto unusable = [&](const std::string& why) {
        return InputError(
            fmt::format("{}: the made recordings cannot be kept there; set XDG_CACHE_HOME to a "
                        "folder that can be written to. What went wrong: {}",
                        folder, why));
    };
    try {
        fs::create_directories(fs::path(folder).parent_path());
        held.emplace(FileLock::take(lock, FileLock::Kind::shared));
    } catch (const std::exception& error) {
        // Nobody writes to a cache that cannot be written to.
        if (is_whole(folder)) return read(folder);
        throw unusable(error.what());
    }
    if (!is_whole(folder)) {
        held.reset();
        held.emplace(FileLock::take(lock, FileLock::Kind::exclusive));
        try {
            if (!is_whole(folder)) make(settings, folder);
        } catch (const std::exception& error) {
            std::error_code ignored;
            fs::remove_all(temporary_name(folder + ".new"), ignored);
            throw unusable(error.what());
        }
    }
    return read(folder);
}

}  // namespace synfire
