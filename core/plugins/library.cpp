#include "plugins/library.hpp"

#include <fmt/format.h>

#include <boost/dll/shared_library.hpp>
#include <vector>

#include "plugins/in_plugin.hpp"

namespace synfire {
namespace {

std::string version_text(std::uint32_t version) {
    return fmt::format("{}.{}", SYNFIRE_ABI_MAJOR_OF(version), SYNFIRE_ABI_MINOR_OF(version));
}

}  // namespace

const synfire_plugin* load_for_good(const std::filesystem::path& file) {
    using boost::dll::load_mode::rtld_local;
    using boost::dll::load_mode::rtld_now;
    static auto& kept = *new std::vector<boost::dll::shared_library>;  // never destroyed
    const std::string name = file.string();
    const InPlugin here(name.c_str());
    kept.emplace_back(file.string(), rtld_now | rtld_local);
    const std::string entry = fmt::format("{}{}", SYNFIRE_ENTRY_PREFIX, SYNFIRE_ABI_MAJOR);
    try {
        return kept.back().get<const synfire_plugin*()>(entry)();
    } catch (...) {
        throw_over_interface(name.c_str());
    }
}

std::optional<std::string> unfit(const synfire_plugin* plugin) {
    if (!plugin) return "its entry gives no tables";
    if (plugin->size < sizeof(synfire_plugin)) return "its tables are too short";
    if (SYNFIRE_ABI_MAJOR_OF(plugin->abi_version) != SYNFIRE_ABI_MAJOR)
        return fmt::format(
            "it was built for version {} of the plugin ABI, and this program speaks "
            "version {}",
            version_text(plugin->abi_version), version_text(SYNFIRE_ABI_VERSION));
    if (plugin->min_host_abi > SYNFIRE_ABI_VERSION)
        return fmt::format(
            "it needs version {} of the plugin ABI or newer, and this program "
            "speaks version {}",
            version_text(plugin->min_host_abi), version_text(SYNFIRE_ABI_VERSION));
    if ((plugin->neuron_count && !plugin->neurons) || (plugin->rule_count && !plugin->rules) ||
        (plugin->release_count && !plugin->releases) || (plugin->loss_count && !plugin->losses))
        return "it counts models that it does not list";
    return std::nullopt;
}

}  // namespace synfire
