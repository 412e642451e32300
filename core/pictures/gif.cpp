#include <fmt/format.h>
#include <gif_lib.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

#include "pictures/picture.hpp"

namespace synfire {
namespace {

constexpr int gif_colours = 128;  // a power of two

[[noreturn]] void throw_gif(int error) {
    const char* const reason = GifErrorString(error);
    throw std::runtime_error(
        fmt::format("The pictures cannot be made into GIF: {}.", reason ? reason : "no reason"));
}

int append(GifFileType* file, const GifByteType* bytes, int count) {
    auto& text = *static_cast<std::string*>(file->UserData);
    text.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(count));
    return count;
}

}  // namespace

std::string gif_of(std::span<const Picture> pictures, std::span<const Colour> palette,
                   std::uint16_t centiseconds) {
    std::string bytes;
    int error = 0;
    GifFileType* const file = EGifOpen(&bytes, &append, &error);
    if (!file) throw_gif(error);
    const std::unique_ptr<ColorMapObject, void (*)(ColorMapObject*)> colours(
        GifMakeMapObject(gif_colours, nullptr), &GifFreeMapObject);
    for (std::size_t i = 0; colours && i < palette.size(); ++i)
        colours->Colors[i] = {palette[i].red, palette[i].green, palette[i].blue};
    auto write = [&] {
        const auto columns = static_cast<int>(pictures[0].columns);
        const auto rows = static_cast<int>(pictures[0].rows);
        EGifSetGifVersion(file, true);
        const GifByteType forever[] = {1, 0, 0};
        const GifByteType control[] = {0, static_cast<GifByteType>(centiseconds & 0xff),
                                       static_cast<GifByteType>(centiseconds >> 8), 0};
        bool fine = colours &&
                    EGifPutScreenDesc(file, columns, rows, 7, 0, colours.get()) == GIF_OK &&
                    EGifPutExtensionLeader(file, APPLICATION_EXT_FUNC_CODE) == GIF_OK &&
                    EGifPutExtensionBlock(file, 11, "NETSCAPE2.0") == GIF_OK &&
                    EGifPutExtensionBlock(file, 3, forever) == GIF_OK &&
                    EGifPutExtensionTrailer(file) == GIF_OK;
        for (const Picture& picture : pictures) {
            fine = fine && EGifPutExtension(file, GRAPHICS_EXT_FUNC_CODE, 4, control) == GIF_OK &&
                   EGifPutImageDesc(file, 0, 0, columns, rows, false, nullptr) == GIF_OK;
            std::vector<std::uint8_t> row;  // giflib changes what it is given
            for (std::uint32_t r = 0; fine && r < picture.rows; ++r) {
                const auto begin =
                    picture.pixels.begin() + static_cast<std::ptrdiff_t>(r) * columns;
                row.assign(begin, begin + columns);
                fine = EGifPutLine(file, row.data(), columns) == GIF_OK;
            }
        }
        return fine;
    };
    const bool fine = write();
    const int reason = file->Error;
    const bool closed = EGifCloseFile(file, &error) == GIF_OK;
    if (!fine) throw_gif(reason);
    if (!closed) throw_gif(error);
    return bytes;
}

}  // namespace synfire
