#include "recordings/prophesee_header.hpp"

#include <algorithm>
#include <charconv>
#include <vector>

#include "recordings/header.hpp"

namespace synfire {
namespace {

// The number that a text begins with; 0 where there is none.
std::uint32_t number_at(std::string_view text) {
    std::uint32_t value = 0;
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value <= UINT16_MAX ? value : 0;
}

// Of "EVT3;height=720;width=1280".
std::uint32_t setting(std::string_view format, std::string_view key) {
    const std::size_t at = format.find(key);
    return at == format.npos ? 0 : number_at(format.substr(at + key.size()));
}

// Cameras whose older files do not say how large they are.
void set_size_of(std::string_view plugin, PropheseeHeader& header) {
    struct {
        std::string_view name;
        std::uint32_t columns, rows;
    } static constexpr known[] = {{"gen31", 640, 480},   {"gen3", 640, 480},
                                  {"gen41", 1280, 720},  {"gen4", 1280, 720},
                                  {"imx636", 1280, 720}, {"genx320", 320, 320}};
    for (const auto& camera : known)
        if (plugin.find(camera.name) != plugin.npos) {
            header.columns = camera.columns;
            header.rows = camera.rows;
            return;
        }
}

}  // namespace

PropheseeHeader take_prophesee_header(ByteSource& source) {
    PropheseeHeader header;
    const std::vector<std::string> lines = take_header(source, "% ", "% end");
    header.any = !lines.empty();
    header.evt = header_value(lines, "% evt ");
    const std::string format = header_value(lines, "% format ");
    if (format.starts_with("EVT")) {
        header.evt = format.substr(3, format.find(';') - 3);
        if (header.evt.find('.') == header.evt.npos) {
            if (header.evt.size() > 1)
                header.evt.insert(1, ".");  // EVT21
            else
                header.evt += ".0";
        }
    }
    header.columns = setting(format, "width=");
    header.rows = setting(format, "height=");
    const std::string geometry = header_value(lines, "% geometry ");
    if (const std::size_t by = geometry.find('x'); by != geometry.npos) {
        header.columns = number_at(geometry);
        header.rows = number_at(std::string_view(geometry).substr(by + 1));
    }
    if (const std::string width = header_value(lines, "% Width "); !width.empty())
        header.columns = number_at(width);
    if (const std::string height = header_value(lines, "% Height "); !height.empty())
        header.rows = number_at(height);
    const std::string plugin = header_value(lines, "% plugin_name ");
    header.sensor = plugin.empty() ? header_value(lines, "% integrator_name ") : plugin;
    if (header.columns == 0 || header.rows == 0) {
        header.columns = header.rows = 0;
        set_size_of(plugin, header);
    }
    header.version = static_cast<int>(number_at(header_value(lines, "% Version ")));
    return header;
}

bool has_prophesee_header(std::span<const unsigned char> beginning) {
    ByteSource source({beginning.begin(), beginning.end()}, "");
    return !take_header(source, "% ", "% end").empty();
}

std::optional<std::string> evt_version(std::span<const unsigned char> beginning) {
    ByteSource source({beginning.begin(), beginning.end()}, "");
    const PropheseeHeader header = take_prophesee_header(source);
    if (header.evt.empty()) return std::nullopt;
    return header.evt;
}

}  // namespace synfire
