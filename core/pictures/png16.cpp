#include "pictures/png16.hpp"

#include <fmt/format.h>
#include <png.h>

#include <bit>
#include <csetjmp>
#include <cstdio>
#include <memory>

#include "base/problem.hpp"

namespace synfire {
namespace {

constexpr std::uint32_t most_extent = 16384;

// What is read, and why not: filled by functions that libpng may jump out of.
struct Reading {
    png_structp png = nullptr;
    png_infop info = nullptr;
    std::FILE* file = nullptr;
    Picture16 picture;
    std::vector<png_bytep> lines;
    std::string reason;

    ~Reading() {
        if (png) png_destroy_read_struct(&png, &info, nullptr);
        if (file) std::fclose(file);
    }
};

void on_error(png_structp png, png_const_charp message) {
    static_cast<Reading*>(png_get_error_ptr(png))->reason = message;
    png_longjmp(png, 1);
}
void on_warning(png_structp, png_const_charp) {}

// False with a reason. Nothing here has a destructor that a jump would pass over.
bool read_header(Reading& r) {
    if (setjmp(png_jmpbuf(r.png))) return false;
    png_init_io(r.png, r.file);
    png_set_user_limits(r.png, most_extent, most_extent);
    png_read_info(r.png, r.info);
    r.picture.columns = png_get_image_width(r.png, r.info);
    r.picture.rows = png_get_image_height(r.png, r.info);
    r.picture.channels = png_get_channels(r.png, r.info);
    if (png_get_bit_depth(r.png, r.info) != 16) png_error(r.png, "it has not 16 bits a channel");
    if constexpr (std::endian::native == std::endian::little) png_set_swap(r.png);
    png_set_interlace_handling(r.png);
    png_read_update_info(r.png, r.info);
    return true;
}

bool read_lines(Reading& r) {
    if (setjmp(png_jmpbuf(r.png))) return false;
    png_read_image(r.png, r.lines.data());
    png_read_end(r.png, nullptr);
    return true;
}

}  // namespace

Picture16 read_png16(const std::string& path) {
    const auto reading = std::make_unique<Reading>();
    Reading& r = *reading;
    auto refuse = [&](const std::string& why) {
        throw InputError(
            fmt::format("{}: the picture cannot be read ({}); a PNG file of 16 bits a "
                        "channel is expected.",
                        path, why));
    };
    r.file = std::fopen(path.c_str(), "rb");
    if (!r.file) refuse("the file cannot be opened");
    r.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &r, &on_error, &on_warning);
    if (r.png) r.info = png_create_info_struct(r.png);
    if (!r.info) refuse("there is not enough memory");
    if (!read_header(r)) refuse(r.reason);
    const std::size_t line = std::size_t{r.picture.columns} * r.picture.channels;
    r.picture.values.resize(line * r.picture.rows);
    for (std::uint32_t row = 0; row < r.picture.rows; ++row)
        r.lines.push_back(reinterpret_cast<png_bytep>(r.picture.values.data() + row * line));
    if (!read_lines(r)) refuse(r.reason);
    return std::move(r.picture);
}

}  // namespace synfire
