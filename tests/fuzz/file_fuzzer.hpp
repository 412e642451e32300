// A fuzzer of a reader that wants a file: its bytes are written to one, anew each time.
// `fuzz_NAME --whole FILE` writes a whole file to begin with.
#pragma once

#include <pthread.h>
#include <sanitizer/common_interface_defs.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/problem.hpp"

// To be defined by the fuzzer. read_file throws InputError for what is refused.
void write_whole_file(const std::string& path);
void read_file(const std::string& path);

// Its path. No file without a name: libhdf5 asks the system again for the one behind /proc/self/fd.
inline std::string temporary_file(const std::uint8_t* data, std::size_t size) {
    static const std::string path =
        std::filesystem::temp_directory_path() / ("synfire-fuzz-" + std::to_string(getpid()));
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(data), static_cast<std::streamsize>(size));
    file.close();
    if (!file) std::abort();
    static const int at_exit = std::atexit([] { std::filesystem::remove(path); });
    if (at_exit != 0) std::abort();
    return path;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    try {
        read_file(temporary_file(data, size));
    } catch (const synfire::InputError&) {
    }
    return 0;
}

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) {
    // The process that libhdf5 has for itself may die of what it reads; that is no find.
    pthread_atfork(nullptr, nullptr, [] { __sanitizer_set_death_callback(nullptr); });
    if (*count != 3 || std::strcmp((*arguments)[1], "--whole") != 0) return 0;
    const std::string path = (*arguments)[2];
    write_whole_file(path);
    // As the fuzzer does it, so that a whole file is known to be read.
    std::ifstream file(path, std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    read_file(temporary_file(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
    std::exit(0);
}
