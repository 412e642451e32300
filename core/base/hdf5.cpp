#include "base/hdf5.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <hdf5.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <type_traits>
#include <utility>

#include "base/hdf5_id.hpp"
#include "base/output_file.hpp"
#include "base/problem.hpp"

namespace synfire {
namespace {

template <class Element>
hid_t native_type() {
    if constexpr (std::is_same_v<Element, float>) return H5T_NATIVE_FLOAT;
    if constexpr (std::is_same_v<Element, double>) return H5T_NATIVE_DOUBLE;
    if constexpr (std::is_same_v<Element, std::uint16_t>) return H5T_NATIVE_UINT16;
    if constexpr (std::is_same_v<Element, std::uint32_t>) return H5T_NATIVE_UINT32;
    if constexpr (std::is_same_v<Element, std::int64_t>) return H5T_NATIVE_INT64;
    if constexpr (std::is_same_v<Element, std::uint64_t>) return H5T_NATIVE_UINT64;
}

// To be called before any other use of the library.
void prepare_library() {
    // What a full disk has left unwritten would be tried again, and reported, as the program ends.
    static const herr_t once = H5dont_atexit();
    static_cast<void>(once);
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

// The errno of the call that has just failed, from the library's own words; 0 where it has none.
int error_number() {
    int number = 0;
    auto look = [](unsigned, const H5E_error2_t* entry, void* found) -> herr_t {
        constexpr std::string_view mark = "errno = ";
        const std::string_view words = entry->desc ? entry->desc : "";
        const auto at = words.find(mark);
        if (at == words.npos) return 0;
        *static_cast<int*>(found) = std::atoi(words.data() + at + mark.size());
        return 1;
    };
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, look, &number);
    return number;
}

// " (No space left on device)", or nothing where the library does not say.
std::string reason() {
    const int number = error_number();
    return number ? fmt::format(" ({})", reason_of(number)) : "";
}

// Room on the disk for what a file will be extended by, taken before the library begins: half of
// what it writes would leave a file that nobody can read. File systems that cannot set room aside
// go without.
class Room {
  public:
    Room() = default;
    explicit Room(const std::string& path) : file_(::open(path.c_str(), O_RDWR | O_CLOEXEC)) {}
    Room(Room&& other) noexcept
        : file_(std::exchange(other.file_, -1)), begin_(other.begin_), taken_(other.taken_) {}
    ~Room() {
        if (file_ >= 0) ::close(file_);
    }
    // Room for so many bytes more; 0 or the errno.
    int take(hsize_t bytes) {
        const hsize_t wanted = taken_ + bytes;
        int status = 0;
        do
            status = ::fallocate(file_, 0, static_cast<::off_t>(begin_),
                                 static_cast<::off_t>(wanted + slack));
        while (status != 0 && errno == EINTR);
        if (status != 0 && errno != EOPNOTSUPP && errno != ENOSYS) return errno;
        taken_ = wanted;
        return 0;
    }
    // The library has written everything, up to `size`; gives back what it did not need.
    bool settle(hsize_t size) {
        begin_ = size;
        taken_ = 0;
        return ::ftruncate(file_, static_cast<::off_t>(size)) == 0;
    }

  private:
    static constexpr hsize_t slack = 1 << 16;  // for the library's own records
    int file_ = -1;
    hsize_t begin_ = 0, taken_ = 0;
};

// A dataset that grows.
struct Growing {
    Hdf5Id data;
    hsize_t width, chunk_rows, chunk_bytes;
    hsize_t rows = 0, flushed = 0;

    hsize_t chunks(hsize_t of_rows) const { return (of_rows + chunk_rows - 1) / chunk_rows; }
    int rank() const { return width > 1 ? 2 : 1; }
    bool extend(hsize_t to) {
        const hsize_t extents[] = {to, width};
        rows = to;
        return H5Dset_extent(data, extents) >= 0;
    }
};

}  // namespace

struct Hdf5File::Handles {
    std::string path;
    Hdf5Id file;
    Room room;
    std::map<std::string, Growing> growing;  // ends before the file does

    [[noreturn]] void fail(const std::string& dataset, const char* what) const {
        throw InputError(fmt::format("{}: {} {}.", path, dataset, what));
    }
    Hdf5Id dataset(const std::string& name) const {
        Hdf5Id id(H5Dopen2(file, name.c_str(), H5P_DEFAULT), H5Dclose);
        if (id < 0) fail(name, "is missing; the file has to hold a dataset of that name");
        return id;
    }
    std::vector<hsize_t> shape(hid_t data) const {
        const Hdf5Id space(H5Dget_space(data), H5Sclose);
        std::vector<hsize_t> extents(static_cast<std::size_t>(H5Sget_simple_extent_ndims(space)));
        H5Sget_simple_extent_dims(space, extents.data(), nullptr);
        return extents;
    }
    [[noreturn]] void fail_to_write(const std::string& dataset) const {
        throw std::runtime_error(
            fmt::format("{}: {} cannot be written{}.", path, dataset, reason()));
    }
    Hdf5Id written(hid_t id, herr_t (*release)(hid_t), const std::string& dataset) const {
        if (id < 0) fail_to_write(dataset);
        return Hdf5Id(id, release);
    }
    void require(herr_t status, const std::string& dataset) const {
        if (status < 0) fail_to_write(dataset);
    }
    Hdf5Id space_of(const std::vector<hsize_t>& extents, const std::string& dataset,
                    const hsize_t* most = nullptr) const {
        return written(H5Screate_simple(static_cast<int>(extents.size()), extents.data(), most),
                       H5Sclose, dataset);
    }
    // Groups on the way are made.
    Hdf5Id make(const std::string& dataset, hid_t type, hid_t space, hid_t layout = H5P_DEFAULT,
                hid_t access = H5P_DEFAULT) const {
        const Hdf5Id links = written(H5Pcreate(H5P_LINK_CREATE), H5Pclose, dataset);
        require(H5Pset_create_intermediate_group(links, 1), dataset);
        return written(H5Dcreate2(file, dataset.c_str(), type, space, links, layout, access),
                       H5Dclose, dataset);
    }
    // A dataset of one piece. Closing may write, so it can fail.
    void write_whole(const std::string& dataset, hid_t type, hid_t space, const void* data) const {
        Hdf5Id id = make(dataset, type, space);
        require(H5Dwrite(id, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, data), dataset);
        require(H5Dclose(id.release()), dataset);
    }
    void write_attribute(const std::string& name, hid_t type, const void* data) const {
        const Hdf5Id space = written(H5Screate(H5S_SCALAR), H5Sclose, name);
        Hdf5Id id = written(H5Acreate2(file, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT),
                            H5Aclose, name);
        require(H5Awrite(id, type, data), name);
        require(H5Aclose(id.release()), name);
    }
    Hdf5Id text_type(const std::string& text, const std::string& dataset) const {
        Hdf5Id type = written(H5Tcopy(H5T_C_S1), H5Tclose, dataset);
        require(H5Tset_size(type, std::max<std::size_t>(1, text.size())), dataset);
        return type;
    }
    // Rows of which only a part can be written would be read as zeros, so they go.
    [[noreturn]] void fail_to_grow(const std::string& dataset, int error) {
        for (auto& [name, g] : growing) g.extend(g.flushed);
        const bool whole = flush();
        throw std::runtime_error(fmt::format("{}: {} cannot be extended{}{}.", path, dataset,
                                             error ? fmt::format(" ({})", reason_of(error)) : "",
                                             whole ? "" : "; the file may be damaged"));
    }
    bool flush() {
        hsize_t size = 0;
        return H5Fflush(file, H5F_SCOPE_GLOBAL) >= 0 && H5Fget_filesize(file, &size) >= 0 &&
               room.settle(size);
    }
};

Hdf5File::Hdf5File(std::unique_ptr<Handles> handles) : handles_(std::move(handles)) {}
Hdf5File::Hdf5File(Hdf5File&&) noexcept = default;
Hdf5File::~Hdf5File() = default;

Hdf5File Hdf5File::create(const std::string& path) {
    prepare_library();
    Hdf5Id file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
    if (file < 0) throw_unwritable(path, error_number());
    return Hdf5File(std::make_unique<Handles>(Handles{path, std::move(file), Room(path), {}}));
}

void Hdf5File::flush() {
    if (!handles_->flush()) handles_->fail_to_grow("the file", error_number());
    for (auto& [name, g] : handles_->growing) g.flushed = g.rows;
}

void Hdf5File::close() {
    flush();
    for (auto& [name, g] : handles_->growing) handles_->require(H5Dclose(g.data.release()), name);
    handles_->growing.clear();
    handles_->require(H5Fclose(handles_->file.release()), "the file");
}

template <class Element>
void Hdf5File::write(const std::string& dataset, std::span<const Element> values,
                     std::vector<std::uint64_t> shape) {
    std::vector<hsize_t> extents(shape.begin(), shape.end());
    if (extents.empty()) extents.push_back(values.size());
    const Hdf5Id space = handles_->space_of(extents, dataset);
    handles_->write_whole(dataset, native_type<Element>(), space, values.data());
}

template <class Element>
void Hdf5File::write_ragged(const std::string& dataset,
                            const std::vector<std::vector<Element>>& rows) {
    const Hdf5Id type =
        handles_->written(H5Tvlen_create(native_type<Element>()), H5Tclose, dataset);
    const Hdf5Id space = handles_->space_of({rows.size()}, dataset);
    std::vector<hvl_t> views;
    for (const auto& row : rows) views.push_back({row.size(), const_cast<Element*>(row.data())});
    handles_->write_whole(dataset, type, space, views.data());
}

void Hdf5File::write_texts(const std::string& dataset, const std::vector<std::string>& texts) {
    const std::string& longest = *std::ranges::max_element(texts, {}, &std::string::size);
    const Hdf5Id type = handles_->text_type(longest, dataset);
    const Hdf5Id space = handles_->space_of({texts.size()}, dataset);
    const std::size_t width = std::max<std::size_t>(1, longest.size());
    std::string packed;
    for (const std::string& text : texts) packed += text + std::string(width - text.size(), '\0');
    handles_->write_whole(dataset, type, space, packed.data());
}

void Hdf5File::write_text(const std::string& dataset, const std::string& text) {
    const Hdf5Id type = handles_->text_type(text, dataset);
    const Hdf5Id space = handles_->written(H5Screate(H5S_SCALAR), H5Sclose, dataset);
    handles_->write_whole(dataset, type, space, text.c_str());
}

void Hdf5File::write_attribute(const std::string& name, double value) {
    handles_->write_attribute(name, H5T_NATIVE_DOUBLE, &value);
}

void Hdf5File::write_attribute(const std::string& name, const std::string& text) {
    handles_->write_attribute(name, handles_->text_type(text, name), text.c_str());
}

template <class Element>
void Hdf5File::grow(const std::string& dataset, std::uint64_t width) {
    const hsize_t unlimited[] = {H5S_UNLIMITED, width};
    const hsize_t chunk[] = {std::max<hsize_t>(1, 65536 / (width * sizeof(Element))), width};
    std::vector<hsize_t> none = {0, width};
    if (width == 1) none.pop_back();
    const Hdf5Id space = handles_->space_of(none, dataset, unlimited);
    const Hdf5Id layout = handles_->written(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, dataset);
    handles_->require(H5Pset_chunk(layout, static_cast<int>(none.size()), chunk), dataset);
    // Without a cache a write is done, or has failed, when the call returns. With one, the library
    // takes a chunk that a flush could not write for one that is nowhere, and it is read as zeros.
    const Hdf5Id access = handles_->written(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose, dataset);
    handles_->require(H5Pset_chunk_cache(access, 0, 0, H5D_CHUNK_CACHE_W0_DEFAULT), dataset);
    Hdf5Id data = handles_->make(dataset, native_type<Element>(), space, layout, access);
    handles_->growing.emplace(
        dataset, Growing{std::move(data), width, chunk[0], chunk[0] * width * sizeof(Element)});
}

template <class Element>
void Hdf5File::append(const std::string& dataset, std::span<const Element> values) {
    Growing& g = handles_->growing.at(dataset);
    const hsize_t start[] = {g.rows, 0}, count[] = {values.size() / g.width, g.width};
    if (count[0] == 0) return;
    constexpr hsize_t record = 256;  // of a chunk in the library's index
    const hsize_t chunks = g.chunks(g.rows + count[0]) - g.chunks(g.rows);
    if (const int error = handles_->room.take(chunks * (g.chunk_bytes + record)))
        handles_->fail_to_grow(dataset, error);
    bool done = g.extend(start[0] + count[0]);
    const Hdf5Id space(done ? H5Dget_space(g.data) : -1, H5Sclose);
    done = done && space >= 0 &&
           H5Sselect_hyperslab(space, H5S_SELECT_SET, start, nullptr, count, nullptr) >= 0;
    const Hdf5Id memory(done ? H5Screate_simple(g.rank(), count, nullptr) : -1, H5Sclose);
    done = done && memory >= 0 &&
           H5Dwrite(g.data, native_type<Element>(), memory, space, H5P_DEFAULT, values.data()) >= 0;
    if (!done) handles_->fail_to_grow(dataset, error_number());
}

template void Hdf5File::write<float>(const std::string&, std::span<const float>,
                                     std::vector<std::uint64_t>);
template void Hdf5File::write<double>(const std::string&, std::span<const double>,
                                      std::vector<std::uint64_t>);
template void Hdf5File::write<std::uint16_t>(const std::string&, std::span<const std::uint16_t>,
                                             std::vector<std::uint64_t>);
template void Hdf5File::write<std::uint32_t>(const std::string&, std::span<const std::uint32_t>,
                                             std::vector<std::uint64_t>);
template void Hdf5File::write<std::uint64_t>(const std::string&, std::span<const std::uint64_t>,
                                             std::vector<std::uint64_t>);
template void Hdf5File::write_ragged<float>(const std::string&,
                                            const std::vector<std::vector<float>>&);
template void Hdf5File::write_ragged<double>(const std::string&,
                                             const std::vector<std::vector<double>>&);
template void Hdf5File::write_ragged<std::uint32_t>(const std::string&,
                                                    const std::vector<std::vector<std::uint32_t>>&);
template void Hdf5File::write_ragged<std::uint16_t>(const std::string&,
                                                    const std::vector<std::vector<std::uint16_t>>&);
template void Hdf5File::grow<std::uint64_t>(const std::string&, std::uint64_t);
template void Hdf5File::grow<std::uint32_t>(const std::string&, std::uint64_t);
template void Hdf5File::grow<double>(const std::string&, std::uint64_t);
template void Hdf5File::append<std::uint64_t>(const std::string&, std::span<const std::uint64_t>);
template void Hdf5File::append<std::uint32_t>(const std::string&, std::span<const std::uint32_t>);
template void Hdf5File::append<double>(const std::string&, std::span<const double>);

}  // namespace synfire
