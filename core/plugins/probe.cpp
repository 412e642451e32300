#include "plugins/probe.hpp"

#include <elf.h>
#include <fmt/format.h>

#include <fstream>
#include <stdexcept>
#include <string_view>
#include <vector>

#include "synfire/abi.h"

namespace synfire {
namespace {

// Looks at the identification at the file's beginning.
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

template <class T>
std::vector<T> read_table(std::ifstream& stream, std::uint64_t size, std::uint64_t offset,
                          std::uint64_t bytes) {
    if (offset > size || bytes > size - offset) throw std::runtime_error("a table is cut short");
    std::vector<T> table(bytes / sizeof(T));
    stream.seekg(static_cast<std::streamoff>(offset));
    stream.read(reinterpret_cast<char*>(table.data()),
                static_cast<std::streamsize>(table.size() * sizeof(T)));
    if (!stream) throw std::runtime_error("it cannot be read to its end");
    return table;
}

// What the dynamic linker would find in it; stripped libraries have these names, too. Throws
// std::runtime_error.
std::vector<std::string> exported_symbols(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    stream.seekg(0, std::ios::end);
    const auto size = static_cast<std::uint64_t>(stream.tellg());
    const auto header = read_table<Elf64_Ehdr>(stream, size, 0, sizeof(Elf64_Ehdr)).at(0);
    if (header.e_shentsize != sizeof(Elf64_Shdr))
        throw std::runtime_error("its sections have an unknown size");
    const auto sections = read_table<Elf64_Shdr>(
        stream, size, header.e_shoff, std::uint64_t{header.e_shnum} * sizeof(Elf64_Shdr));
    std::vector<std::string> names;
    for (const Elf64_Shdr& section : sections) {
        if (section.sh_type != SHT_DYNSYM) continue;
        const Elf64_Shdr& strings = sections.at(section.sh_link);
        auto text = read_table<char>(stream, size, strings.sh_offset, strings.sh_size);
        text.push_back('\0');
        for (const auto& symbol :
             read_table<Elf64_Sym>(stream, size, section.sh_offset, section.sh_size))
            if (symbol.st_shndx != SHN_UNDEF && ELF64_ST_BIND(symbol.st_info) != STB_LOCAL &&
                symbol.st_name < text.size())
                names.emplace_back(&text[symbol.st_name]);
    }
    return names;
}

}  // namespace

std::optional<std::string> refusal_before_loading(const std::filesystem::path& file) {
    if (auto reason = not_a_shared_object(file)) return reason;
    std::vector<std::string> symbols;
    try {
        symbols = exported_symbols(file);
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
