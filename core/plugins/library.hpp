// A plugin's shared object in this process: loaded once and never unloaded, since its tables are
// pointed to from everywhere, and unloading code whose types and thread-local data may be in use
// gains nothing.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "synfire/abi.h"

namespace synfire {

// What its entry gives, null included. Throws std::exception where it cannot be loaded. To be asked
// for only where there is no refusal_before_loading (plugins/probe.hpp).
const synfire_plugin* load_for_good(const std::filesystem::path& file);

// Why the tables do not fit this host, a clause; nothing where they do. Size and versions first:
// nothing else may be read before they are known to fit.
std::optional<std::string> unfit(const synfire_plugin* plugin);

}  // namespace synfire
