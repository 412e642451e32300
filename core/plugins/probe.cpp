#include "plugins/probe.hpp"

#include <elf.h>
#include <fmt/format.h>

#include <array>
#include <boost/dll/library_info.hpp>
#include <fstream>
#include <string_view>

#include "synfire/abi.h"

namespace synfire {
namespace {

// Looks at the identification at the file's beginning; Boost.DLL expects a whole ELF file.
std::optional<std::string> not_a_shared_object(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return "it cannot be read";
    Elf64_Ehdr header{};
    stream.read(reinterpret_cast<char*>(&header), sizeof header);
    if (stream.gcount() < static_cast<std::streamsize>(sizeof header) ||
        std::string_view(reinterpret_cast<const char*>(header.e_ident), SELFMAG) != ELFMAG)
        return "it is no shared object (no ELF header)";
    if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_type != ET_DYN)
        return "it is no shared object for this machine (not a 64-bit ELF library)";
    stream.seekg(0, std::ios::end);
    const auto size = static_cast<std::uint64_t>(stream.tellg());
    const std::uint64_t sections =
        header.e_shoff + std::uint64_t{header.e_shnum} * header.e_shentsize;
    if (header.e_shoff == 0 || sections > size) return "it is truncated";
    return std::nullopt;
}

}  // namespace

std::optional<std::string> refusal_before_loading(const std::filesystem::path& file) {
    if (auto reason = not_a_shared_object(file)) return reason;
    std::vector<std::string> symbols;
    try {
        boost::dll::library_info library(file.string(), false);
        symbols = library.symbols();
    } catch (const std::exception& error) {
        return fmt::format("its symbols cannot be read ({})", error.what());
    }
    const std::string_view prefix = SYNFIRE_ENTRY_PREFIX;
    const std::string expected = fmt::format("{}{}", prefix, SYNFIRE_ABI_MAJOR);
    std::string other;
    for (const std::string& symbol : symbols) {
        if (symbol == expected) return std::nullopt;
        if (symbol.starts_with(prefix)) other = symbol.substr(prefix.size());
    }
    if (!other.empty())
        return fmt::format(
            "it was built for version {} of the plugin ABI, and this program speaks "
            "version {}; build it again with this program's headers",
            other, SYNFIRE_ABI_MAJOR);
    return fmt::format(
        "it exports no plugin entry ({}); SYNFIRE_NEURON_PLUGIN or "
        "SYNFIRE_RULE_PLUGIN is missing",
        expected);
}

}  // namespace synfire
