// The files of templates/, as the build puts them into the program. @ID@, @CLASS@, @KIND@, @RUN@,
// @COMMANDS@ and @PREFIX@ are to be replaced.
#pragma once

#include <span>
#include <string_view>

namespace synfire::cli {

struct PluginTemplate {
    std::string_view name;  // in templates/
    std::string_view text;
};

std::span<const PluginTemplate> plugin_templates();

}  // namespace synfire::cli
