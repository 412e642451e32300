#include <doctest/doctest.h>
#include <gif_lib.h>
#include <png.h>

#include <cstring>

#include "pictures/picture.hpp"

using namespace synfire;

namespace {

const std::vector<Colour> three = {{0, 0, 0}, {250, 10, 20}, {30, 40, 255}};

Picture striped(std::uint32_t columns, std::uint32_t rows, std::uint32_t shift) {
    Picture picture(columns, rows);
    for (std::uint32_t r = 0; r < rows; ++r)
        for (std::uint32_t c = 0; c < columns; ++c)
            picture.at(c, r) = static_cast<std::uint8_t>((c + 2 * r + shift) % 3);
    return picture;
}

}  // namespace

TEST_CASE("a PNG file has the picture's pixels") {
    const Picture picture = striped(7, 5, 1);
    const std::string bytes = png_of(picture, three);
    png_image image{};
    image.version = PNG_IMAGE_VERSION;
    REQUIRE(png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()));
    CHECK(image.width == 7);
    CHECK(image.height == 5);
    image.format = PNG_FORMAT_RGB;
    std::vector<unsigned char> read(PNG_IMAGE_SIZE(image));
    REQUIRE(png_image_finish_read(&image, nullptr, read.data(), 0, nullptr));
    for (std::size_t i = 0; i < picture.pixels.size(); ++i) {
        const Colour& colour = three[picture.pixels[i]];
        CHECK(read[3 * i] == colour.red);
        CHECK(read[3 * i + 1] == colour.green);
        CHECK(read[3 * i + 2] == colour.blue);
    }
}

TEST_CASE("a GIF file has all pictures, in order, again and again") {
    const std::vector<Picture> pictures = {striped(9, 4, 0), striped(9, 4, 1), striped(9, 4, 2)};
    const std::string bytes = gif_of(pictures, three, 7);
    CHECK(bytes.find("NETSCAPE2.0") != std::string::npos);
    struct Reader {
        const std::string& bytes;
        std::size_t at = 0;
    } reader{bytes};
    int error = 0;
    GifFileType* const file = DGifOpen(
        &reader,
        [](GifFileType* from, GifByteType* to, int count) {
            auto& r = *static_cast<Reader*>(from->UserData);
            const std::size_t some =
                std::min(r.bytes.size() - r.at, static_cast<std::size_t>(count));
            std::memcpy(to, r.bytes.data() + r.at, some);
            r.at += some;
            return static_cast<int>(some);
        },
        &error);
    REQUIRE(file != nullptr);
    REQUIRE(DGifSlurp(file) == GIF_OK);
    REQUIRE(file->ImageCount == 3);
    for (int i = 0; i < 3; ++i) {
        const SavedImage& image = file->SavedImages[i];
        CHECK(image.ImageDesc.Width == 9);
        CHECK(std::memcmp(image.RasterBits, pictures[static_cast<std::size_t>(i)].pixels.data(),
                          36) == 0);
        GraphicsControlBlock control;
        REQUIRE(DGifSavedExtensionToGCB(file, i, &control) == GIF_OK);
        CHECK(control.DelayTime == 7);
    }
    CHECK(file->SColorMap->Colors[2].Blue == 255);
    DGifCloseFile(file, &error);
}

TEST_CASE("pictures stand side by side, and pixels become squares") {
    const std::vector<Picture> pictures = {Picture(2, 1, 1), Picture(2, 1, 2), Picture(2, 1, 1)};
    const Picture all = side_by_side(pictures, 2, 1, 0);
    CHECK(all.columns == 7);
    CHECK(all.rows == 5);
    CHECK(all.pixels == std::vector<std::uint8_t>{0, 0, 0, 0, 0, 0, 0,  //
                                                  0, 1, 1, 0, 2, 2, 0,  //
                                                  0, 0, 0, 0, 0, 0, 0,  //
                                                  0, 1, 1, 0, 0, 0, 0,  //
                                                  0, 0, 0, 0, 0, 0, 0});
    const Picture large = magnified(striped(2, 1, 0), 2);
    CHECK(large.pixels == std::vector<std::uint8_t>{0, 0, 1, 1, 0, 0, 1, 1});
}
