#include <fmt/format.h>
#include <png.h>

#include <stdexcept>

#include "pictures/picture.hpp"

namespace synfire {

std::string png_of(const Picture& picture, std::span<const Colour> palette) {
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    image.width = picture.columns;
    image.height = picture.rows;
    image.format = PNG_FORMAT_RGB_COLORMAP;
    image.colormap_entries = static_cast<png_uint_32>(palette.size());
    std::string bytes;
    png_alloc_size_t size = 0;
    // The first call says how long the file is.
    for (void* memory : {static_cast<void*>(nullptr), static_cast<void*>(&bytes)}) {
        if (memory) bytes.resize(size);
        if (!png_image_write_to_memory(&image, memory ? bytes.data() : nullptr, &size, 0,
                                       picture.pixels.data(), 0, palette.data()))
            throw std::runtime_error(
                fmt::format("The picture cannot be made into PNG: {}.", image.message));
    }
    bytes.resize(size);
    return bytes;
}

}  // namespace synfire
