#include "cli/version.hpp"

#include <fmt/format.h>

#include "commit.hpp"
#include "synfire/abi.h"
#include "synfire/simd.hpp"

namespace synfire::cli {
namespace {

constexpr const char* compiler =
#if defined(__clang__)
    "clang " __clang_version__;
#else
    "g++ " __VERSION__;
#endif

std::string instruction_sets() {
    std::string names;
    for (const auto set : {simd::Isa::baseline, simd::Isa::avx2, simd::Isa::avx512})
        if (set <= simd::detect())
            names += fmt::format("{}{}", names.empty() ? "" : ", ", simd::name(set));
    return names;
}

}  // namespace

std::string version_text() {
    return fmt::format(
        "{}\ncommit               {}\ncompiler             {}\nplugin interface     {}.{}\n"
        "instruction sets     {}; in use {}",
        SYNFIRE_VERSION, SYNFIRE_COMMIT, compiler, SYNFIRE_ABI_MAJOR_OF(SYNFIRE_ABI_VERSION),
        SYNFIRE_ABI_MINOR_OF(SYNFIRE_ABI_VERSION), instruction_sets(), simd::name(simd::isa()));
}

}  // namespace synfire::cli
