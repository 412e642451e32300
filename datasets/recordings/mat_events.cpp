// MATLAB's MAT 5 files with vectors ts (microseconds), x, y and pol, as ASL-DVS has (Bi et al.
// 2019): 128 bytes of header, the last four the version and the order of bytes; then elements: type
// and size, 32 bits each (a small element: 16 bits each, and at most four bytes of data), and data,
// filled up to eight bytes. A matrix (type 14) has elements for its class, dimensions, name and
// numbers; a compressed element (15) is one more, deflated. Other variables are passed over.
#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>

#include "base/numbers.hpp"
#include "base/problem.hpp"
#include "recordings/containers.hpp"

namespace synfire {
namespace {

constexpr std::size_t mat_header_bytes = 128, mat_tag_bytes = 8;
constexpr std::size_t largest_mat = std::size_t{1} << 30;       // of a file
constexpr std::size_t largest_variable = std::size_t{1} << 28;  // inflated
constexpr std::uint32_t mat_matrix = 14, mat_compressed = 15;

struct MatElement {
    std::uint32_t type = 0;
    std::span<const unsigned char> data;
};

// A part of the file, element after element.
class MatElements {
  public:
    MatElements(std::span<const unsigned char> bytes, bool swapped, const std::string& path)
        : bytes_(bytes), swapped_(swapped), path_(path) {}

    bool empty() const { return bytes_.size() < mat_tag_bytes; }
    std::size_t left() const { return bytes_.size(); }

    MatElement next() {
        if (empty()) cut();
        const std::uint32_t first = word(0);
        if (first >> 16 != 0) {  // a small element
            const std::size_t size = first >> 16;
            if (size > 4) cut();
            const MatElement element{first & 0xffff, bytes_.subspan(4, size)};
            bytes_ = bytes_.subspan(mat_tag_bytes);
            return element;
        }
        const std::size_t size = word(4);
        if (size > bytes_.size() - mat_tag_bytes) cut();
        const MatElement element{first, bytes_.subspan(mat_tag_bytes, size)};
        // Compressed elements are not filled up.
        const std::size_t filled = first == mat_compressed ? size : (size + 7) / 8 * 8;
        bytes_ = bytes_.subspan(std::min(bytes_.size(), mat_tag_bytes + filled));
        return element;
    }

  private:
    [[noreturn]] void cut() const {
        throw InputError(
            fmt::format("{}: the MATLAB file ends within a variable, or is damaged.", path_));
    }
    std::uint32_t word(std::size_t at) const {
        return swapped_ ? big_endian<std::uint32_t>(bytes_.data() + at)
                        : little_endian<std::uint32_t>(bytes_.data() + at);
    }

    std::span<const unsigned char> bytes_;
    bool swapped_;
    const std::string& path_;
};

// Bytes of a number: 1 int8, 2 uint8, 3 int16, 4 uint16, 5 int32, 6 uint32, 7 single, 9 double,
// 12 int64, 13 uint64; 0 for others.
std::size_t mat_number_bytes(std::uint32_t type) {
    constexpr std::array<std::size_t, 14> sizes = {0, 1, 1, 2, 2, 4, 4, 4, 0, 8, 0, 0, 8, 8};
    return type < sizes.size() ? sizes[type] : 0;
}

double mat_number(std::uint32_t type, std::uint64_t bits) {
    switch (type) {
        case 1:
            return static_cast<std::int8_t>(bits);
        case 3:
            return static_cast<std::int16_t>(bits);
        case 5:
            return static_cast<std::int32_t>(bits);
        case 7:
            return std::bit_cast<float>(static_cast<std::uint32_t>(bits));
        case 9:
            return std::bit_cast<double>(bits);
        case 12:
            return static_cast<double>(static_cast<std::int64_t>(bits));
        default:
            return static_cast<double>(bits);
    }
}

class MatEvents final : public Decoder {
  public:
    explicit MatEvents(ByteSource source) : path_(source.path()) {
        info_.container = mat_events.name;
        if (source.size() > largest_mat)
            throw InputError(
                fmt::format("{}: the MATLAB file has {} bytes; at most {} can be read.", path_,
                            source.size(), largest_mat));
        const auto bytes = source.ahead(static_cast<std::size_t>(source.size()));
        if (bytes.size() < mat_header_bytes || !is_version_5(bytes))
            throw InputError(
                fmt::format("{}: the file does not begin with the header of MATLAB's "
                            "MAT 5 files.",
                            path_));
        swapped_ = bytes[126] == 'M';
        MatElements elements(bytes.subspan(mat_header_bytes), swapped_, path_);
        while (!elements.empty()) {
            const MatElement element = elements.next();
            if (element.type == mat_compressed)
                read_compressed(element.data);
            else if (element.type == mat_matrix)
                read_matrix(element.data);
        }
        info_.cut_bytes = elements.left();
        for (std::size_t v = 0; v < names.size(); ++v)
            if (!found_[v])
                throw InputError(fmt::format(
                    "{}: the MATLAB file has no variable '{}'; vectors ts, x, y and pol are "
                    "expected, and it holds {}.",
                    path_, names[v], others_.empty() ? "none of them" : others_));
        for (const auto& values : values_)
            if (values.size() != values_[0].size())
                throw InputError(fmt::format(
                    "{}: ts, x, y and pol have {}, {}, {} and {} values; as many of each are "
                    "expected.",
                    path_, values_[0].size(), values_[1].size(), values_[2].size(),
                    values_[3].size()));
    }

    static bool is_version_5(std::span<const unsigned char> bytes) {
        return bytes.size() >= mat_header_bytes &&
               ((bytes[124] == 0 && bytes[125] == 1 && bytes[126] == 'I' && bytes[127] == 'M') ||
                (bytes[124] == 1 && bytes[125] == 0 && bytes[126] == 'M' && bytes[127] == 'I'));
    }

  private:
    static constexpr std::array<std::string_view, 4> names = {"ts", "x", "y", "pol"};

    void read_compressed(std::span<const unsigned char> deflated) {
        z_stream stream{};
        if (inflateInit(&stream) != Z_OK) throw std::bad_alloc();
        const struct Ending {
            z_stream& stream;
            ~Ending() { inflateEnd(&stream); }
        } ending{stream};
        stream.next_in = const_cast<unsigned char*>(deflated.data());
        stream.avail_in = static_cast<uInt>(deflated.size());
        std::vector<unsigned char> bytes;
        int answer = Z_OK;
        while (answer == Z_OK) {
            const std::size_t done = bytes.size();
            if (done > largest_variable)
                throw InputError(
                    fmt::format("{}: a compressed variable has more than {} bytes; "
                                "at most so many can be read.",
                                path_, largest_variable));
            bytes.resize(std::clamp<std::size_t>(2 * done, 4096, largest_variable + 1));
            stream.next_out = bytes.data() + done;
            stream.avail_out = static_cast<uInt>(bytes.size() - done);
            answer = inflate(&stream, Z_NO_FLUSH);
            bytes.resize(bytes.size() - stream.avail_out);
        }
        if (answer != Z_STREAM_END)
            throw InputError(fmt::format("{}: a compressed variable is damaged.", path_));
        const MatElement element = MatElements(bytes, swapped_, path_).next();
        if (element.type == mat_matrix) read_matrix(element.data);
    }

    void read_matrix(std::span<const unsigned char> data) {
        if (data.empty()) return;
        MatElements parts(data, swapped_, path_);
        parts.next();  // class and flags
        const MatElement extents = parts.next();
        const MatElement name = parts.next();
        const std::string text(reinterpret_cast<const char*>(name.data.data()), name.data.size());
        const auto wanted = std::ranges::find(names, text);
        if (wanted == names.end()) {
            info_.pass_over("other variables");
            if (others_.size() < 200)
                others_ += fmt::format("{}'{}'", others_.empty() ? "" : ", ", text);
            return;
        }
        const auto v = static_cast<std::size_t>(wanted - names.begin());
        const MatElement numbers = parts.next();
        const std::size_t size = mat_number_bytes(numbers.type);
        if (size == 0)
            throw InputError(
                fmt::format("{}: the variable '{}' is no vector of numbers.", path_, text));
        found_[v] = true;
        values_[v].clear();
        for (std::size_t at = 0; at + size <= numbers.data.size(); at += size) {
            std::uint64_t bits = 0;
            for (std::size_t i = 0; i < size; ++i)
                bits |= std::uint64_t{numbers.data[at + (swapped_ ? size - 1 - i : i)]} << 8 * i;
            values_[v].push_back(mat_number(numbers.type, bits));
        }
        if (const std::uint64_t said = product(extents); said != values_[v].size())
            throw InputError(
                fmt::format("{}: the variable '{}' should have {} values by its "
                            "dimensions, and holds {}.",
                            path_, text, said, values_[v].size()));
    }

    // Of dimensions, 32 bits each.
    std::uint64_t product(const MatElement& extents) const {
        std::uint64_t product = 1;
        for (std::size_t at = 0; at + 4 <= extents.data.size(); at += 4) {
            std::uint32_t extent = 0;
            for (std::size_t i = 0; i < 4; ++i)
                extent |= std::uint32_t{extents.data[at + (swapped_ ? 3 - i : i)]} << 8 * i;
            product *= extent;
            if (product > largest_mat) break;  // beyond any that is read
        }
        return product;
    }

    std::int64_t checked(std::size_t v, double low, double high) const {
        const double value = values_[v][at_];
        if (!(value >= low && value <= high) || value != std::floor(value))
            throw InputError(
                fmt::format("{}: event {} has '{}' {}; a whole number from {} to {} is expected.",
                            path_, at_, names[v], value, low, high));
        return static_cast<std::int64_t>(value);
    }

    bool decode(EventBlock& block) override {
        for (; at_ < values_[0].size() && block.has_room(); ++at_)
            block.add(checked(0, -9e15, 9e15), static_cast<std::uint32_t>(checked(1, 0, 65535)),
                      static_cast<std::uint32_t>(checked(2, 0, 65535)), checked(3, -1, 1) > 0);
        return at_ < values_[0].size();
    }

    std::string path_;
    bool swapped_ = false;  // big-endian
    std::array<bool, 4> found_{};
    std::array<std::vector<double>, 4> values_;
    std::string others_;
    std::size_t at_ = 0;
};

bool begins_mat(std::span<const unsigned char> bytes, std::uint64_t, std::string_view) {
    return MatEvents::is_version_5(bytes);
}

}  // namespace

const Container mat_events = {"mat", "MATLAB's MAT 5 with ts, x, y and pol (.mat)", begins_mat,
                              [](ByteSource source) -> std::unique_ptr<Decoder> {
                                  return std::make_unique<MatEvents>(std::move(source));
                              }};

}  // namespace synfire
