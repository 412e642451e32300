#include "plugins/probe.hpp"

#include <elf.h>
#include <fmt/format.h>

#include <cstdint>
#include <cstring>
#include <fstream>
#include <sstream>
#include <vector>

#include "base/excerpt.hpp"
#include "base/lfs_pointer.hpp"
#include "synfire/abi.h"

namespace synfire {
namespace {

// An entry of the image that is wholly within it, or nothing.
template <class Entry>
std::optional<Entry> entry_at(std::string_view image, std::uint64_t offset) {
    if (offset > image.size() || image.size() - offset < sizeof(Entry)) return std::nullopt;
    Entry entry;
    std::memcpy(&entry, image.data() + offset, sizeof entry);
    return entry;
}

std::optional<std::string_view> part_of(std::string_view image, std::uint64_t offset,
                                        std::uint64_t size) {
    if (offset > image.size() || image.size() - offset < size) return std::nullopt;
    return image.substr(offset, size);
}

// The name that begins at `offset`, or nothing where it does not end in the table.
std::optional<std::string_view> name_in(std::string_view table, std::uint64_t offset) {
    if (offset >= table.size()) return std::nullopt;
    const auto end = table.find('\0', offset);
    if (end == std::string_view::npos) return std::nullopt;
    return table.substr(offset, end - offset);
}

// Whether everything that the loader maps is there.
bool is_whole(std::string_view image, const Elf64_Ehdr& header) {
    if (header.e_phentsize != sizeof(Elf64_Phdr)) return false;
    for (std::uint64_t k = 0; k < header.e_phnum; ++k) {
        const auto segment = entry_at<Elf64_Phdr>(image, header.e_phoff + k * sizeof(Elf64_Phdr));
        if (!segment) return false;
        if (segment->p_type == PT_LOAD && !part_of(image, segment->p_offset, segment->p_filesz))
            return false;
    }
    return header.e_phnum > 0;
}

// The names that a dynamic symbol table defines; nothing where its bytes are not all there.
std::optional<std::vector<std::string_view>> names_of(std::string_view image,
                                                      const Elf64_Ehdr& header,
                                                      const Elf64_Shdr& section) {
    const auto names = entry_at<Elf64_Shdr>(
        image, header.e_shoff + std::uint64_t{section.sh_link} * sizeof(Elf64_Shdr));
    if (!names || section.sh_link >= header.e_shnum) return std::nullopt;
    const auto table = part_of(image, names->sh_offset, names->sh_size);
    const auto symbols = part_of(image, section.sh_offset, section.sh_size);
    if (!table || !symbols) return std::nullopt;
    std::vector<std::string_view> result;
    for (std::uint64_t at = 0; at + sizeof(Elf64_Sym) <= symbols->size(); at += sizeof(Elf64_Sym)) {
        const auto symbol = entry_at<Elf64_Sym>(*symbols, at);
        if (symbol->st_shndx == SHN_UNDEF) continue;
        const auto name = name_in(*table, symbol->st_name);
        if (!name) return std::nullopt;
        result.push_back(*name);
    }
    return result;
}

}  // namespace

std::optional<std::string> refusal_before_loading(const std::filesystem::path& file) {
    if (is_lfs_pointer(file.string())) return "it is only a Git LFS pointer";
    std::error_code error;
    std::ifstream stream(file, std::ios::binary);
    if (!stream || !std::filesystem::is_regular_file(file, error)) return "it cannot be read";
    std::stringstream image;
    image << stream.rdbuf();
    if (stream.bad()) return "it cannot be read";
    return refusal_of_image(image.view());
}

std::optional<std::string> refusal_of_image(std::string_view image) {
    const auto header = entry_at<Elf64_Ehdr>(image, 0);
    if (!header || !image.starts_with(std::string_view(ELFMAG, SELFMAG)))
        return "it is no shared object (no ELF header)";
    if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_type != ET_DYN)
        return "it is no shared object for this machine (not a 64-bit ELF library)";
    if (header->e_shoff == 0 || header->e_shentsize != sizeof(Elf64_Shdr) ||
        !part_of(image, header->e_shoff, std::uint64_t{header->e_shnum} * sizeof(Elf64_Shdr)) ||
        !is_whole(image, *header))
        return "it is truncated";
    const std::string_view prefix = SYNFIRE_ENTRY_PREFIX;
    const std::string expected = fmt::format("{}{}", prefix, SYNFIRE_ABI_MAJOR);
    std::string_view other;
    for (std::uint64_t k = 0; k < header->e_shnum; ++k) {
        const auto section = entry_at<Elf64_Shdr>(image, header->e_shoff + k * sizeof(Elf64_Shdr));
        if (section->sh_type != SHT_DYNSYM) continue;
        const auto names = names_of(image, *header, *section);
        if (!names) return "its symbols cannot be read; it is damaged";
        for (const std::string_view name : *names) {
            if (name == expected) return std::nullopt;
            if (name.starts_with(prefix)) other = name.substr(prefix.size());
        }
    }
    if (!other.empty())
        return fmt::format(
            "it was built for version {} of the plugin ABI, and this program speaks "
            "version {}; build it again with this program's headers",
            printable(other), SYNFIRE_ABI_MAJOR);
    return fmt::format(
        "it exports no plugin entry ({}); SYNFIRE_NEURON_PLUGIN or "
        "SYNFIRE_RULE_PLUGIN is missing",
        expected);
}

}  // namespace synfire
