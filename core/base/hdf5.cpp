#include "base/hdf5.hpp"

#include <fmt/format.h>
#include <hdf5.h>

#include <filesystem>
#include <type_traits>
#include <utility>

#include "base/problem.hpp"

namespace synfire {
namespace {

// Owns one HDF5 identifier.
class Id {
  public:
    Id(hid_t id, herr_t (*release)(hid_t)) : id_(id), release_(release) {}
    Id(Id&& other) noexcept : id_(std::exchange(other.id_, -1)), release_(other.release_) {}
    ~Id() {
        if (id_ >= 0) release_(id_);
    }
    operator hid_t() const { return id_; }
    hid_t release() { return std::exchange(id_, -1); }

  private:
    hid_t id_;
    herr_t (*release_)(hid_t);
};

template <class Element>
hid_t native_type() {
    if constexpr (std::is_same_v<Element, float>) return H5T_NATIVE_FLOAT;
    if constexpr (std::is_same_v<Element, double>) return H5T_NATIVE_DOUBLE;
    if constexpr (std::is_same_v<Element, std::uint16_t>) return H5T_NATIVE_UINT16;
    if constexpr (std::is_same_v<Element, std::uint32_t>) return H5T_NATIVE_UINT32;
    if constexpr (std::is_same_v<Element, std::int64_t>) return H5T_NATIVE_INT64;
    if constexpr (std::is_same_v<Element, std::uint64_t>) return H5T_NATIVE_UINT64;
}

}  // namespace

struct Hdf5File::Handles {
    std::string path;
    Id file;

    [[noreturn]] void fail(const std::string& dataset, const char* what) const {
        throw InputError(fmt::format("{}: {} {}.", path, dataset, what));
    }
    Id dataset(const std::string& name) const {
        Id id(H5Dopen2(file, name.c_str(), H5P_DEFAULT), H5Dclose);
        if (id < 0) fail(name, "is missing; the file has to hold a dataset of that name");
        return id;
    }
    std::vector<hsize_t> shape(hid_t data) const {
        const Id space(H5Dget_space(data), H5Sclose);
        std::vector<hsize_t> extents(static_cast<std::size_t>(H5Sget_simple_extent_ndims(space)));
        H5Sget_simple_extent_dims(space, extents.data(), nullptr);
        return extents;
    }
    static Id group_maker() {
        Id links(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
        H5Pset_create_intermediate_group(links, 1);
        return links;
    }
};

Hdf5File::Hdf5File(std::unique_ptr<Handles> handles) : handles_(std::move(handles)) {}
Hdf5File::Hdf5File(Hdf5File&&) noexcept = default;
Hdf5File::~Hdf5File() = default;

Hdf5File Hdf5File::open(const std::string& path) {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    if (!std::filesystem::is_regular_file(path))
        throw InputError(fmt::format("{}: there is no such file; an HDF5 file is expected.", path));
    Id file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
    if (file < 0)
        throw InputError(fmt::format(
            "{}: this is no HDF5 file, or it is truncated; a whole one is expected.", path));
    return Hdf5File(std::make_unique<Handles>(Handles{path, std::move(file)}));
}

Hdf5File Hdf5File::create(const std::string& path) {
    H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    Id file(H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose);
    if (file < 0)
        throw InputError(
            fmt::format("{}: the file cannot be written; a path in a folder that "
                        "exists and can be written to is expected.",
                        path));
    return Hdf5File(std::make_unique<Handles>(Handles{path, std::move(file)}));
}

void Hdf5File::close() {
    const herr_t flushed = H5Fflush(handles_->file, H5F_SCOPE_GLOBAL);
    const herr_t closed = H5Fclose(handles_->file.release());
    if (flushed < 0 || closed < 0)
        throw std::runtime_error(
            fmt::format("{}: the file could not be written to its end.", handles_->path));
}

bool Hdf5File::has(const std::string& dataset) const {
    for (std::size_t at = dataset.find('/', 1); at != std::string::npos;
         at = dataset.find('/', at + 1))
        if (H5Lexists(handles_->file, dataset.substr(0, at).c_str(), H5P_DEFAULT) <= 0)
            return false;
    return H5Lexists(handles_->file, dataset.c_str(), H5P_DEFAULT) > 0;
}

std::vector<std::uint64_t> Hdf5File::shape(const std::string& dataset) const {
    const auto extents = handles_->shape(handles_->dataset(dataset));
    return {extents.begin(), extents.end()};
}

template <class Element>
std::vector<Element> Hdf5File::read(const std::string& dataset) const {
    const Id data = handles_->dataset(dataset);
    std::uint64_t count = 1;
    for (const hsize_t extent : handles_->shape(data)) count *= extent;
    std::vector<Element> values(count);
    if (count &&
        H5Dread(data, native_type<Element>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0)
        handles_->fail(dataset, "cannot be read as numbers; the file may be truncated");
    return values;
}

namespace {

// What HDF5 allocates for the lists it reads, given back whatever happens to the reader.
class ReadLists {
  public:
    ReadLists(hid_t type, hid_t memory, hsize_t count) : type_(type), memory_(memory) {
        lists_.resize(count);
    }
    ReadLists(const ReadLists&) = delete;
    ReadLists& operator=(const ReadLists&) = delete;
    ~ReadLists() { H5Dvlen_reclaim(type_, memory_, H5P_DEFAULT, lists_.data()); }

    hvl_t* data() { return lists_.data(); }
    const hvl_t& operator[](hsize_t i) const { return lists_[i]; }

  private:
    hid_t type_, memory_;
    std::vector<hvl_t> lists_;
};

}  // namespace

template <class Element>
void Hdf5File::read_ragged(
    const std::string& dataset, std::size_t rows,
    const std::function<void(std::size_t, std::span<const Element>)>& row) const {
    constexpr hsize_t block = 256;  // rows in memory at a time
    const Id data = handles_->dataset(dataset);
    const Id stored(H5Dget_type(data), H5Tclose);
    const auto extents = handles_->shape(data);
    if (H5Tget_class(stored) != H5T_VLEN || extents.size() != 1)
        handles_->fail(dataset, "is not a list of variable-length lists of numbers");
    const Id type(H5Tvlen_create(native_type<Element>()), H5Tclose);
    const Id space(H5Dget_space(data), H5Sclose);
    const hsize_t wanted = std::min<hsize_t>(extents[0], rows);
    for (hsize_t begin = 0; begin < wanted; begin += block) {
        const hsize_t count = std::min(block, wanted - begin);
        const Id memory(H5Screate_simple(1, &count, nullptr), H5Sclose);
        H5Sselect_hyperslab(space, H5S_SELECT_SET, &begin, nullptr, &count, nullptr);
        ReadLists lists(type, memory, count);
        if (H5Dread(data, type, memory, space, H5P_DEFAULT, lists.data()) < 0)
            handles_->fail(dataset,
                           "cannot be read as lists of numbers; the file may be truncated");
        for (hsize_t i = 0; i < count; ++i)
            row(begin + i, {static_cast<const Element*>(lists[i].p), lists[i].len});
    }
}

std::string Hdf5File::read_text(const std::string& dataset) const {
    const Id data = handles_->dataset(dataset);
    const Id type(H5Dget_type(data), H5Tclose);
    if (H5Tget_class(type) != H5T_STRING || H5Tis_variable_str(type) > 0)
        handles_->fail(dataset, "is not a fixed-length string");
    std::string text(H5Tget_size(type), '\0');
    if (H5Dread(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text.data()) < 0)
        handles_->fail(dataset, "cannot be read; the file may be truncated");
    return text;
}

template <class Element>
void Hdf5File::write(const std::string& dataset, std::span<const Element> values,
                     std::vector<std::uint64_t> shape) {
    std::vector<hsize_t> extents(shape.begin(), shape.end());
    if (extents.empty()) extents.push_back(values.size());
    const Id space(H5Screate_simple(static_cast<int>(extents.size()), extents.data(), nullptr),
                   H5Sclose);
    const Id data(H5Dcreate2(handles_->file, dataset.c_str(), native_type<Element>(), space,
                             Handles::group_maker(), H5P_DEFAULT, H5P_DEFAULT),
                  H5Dclose);
    if (data < 0 ||
        H5Dwrite(data, native_type<Element>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()) < 0)
        throw std::runtime_error(fmt::format("{}: {} cannot be written.", handles_->path, dataset));
}

template <class Element>
void Hdf5File::write_ragged(const std::string& dataset,
                            const std::vector<std::vector<Element>>& rows) {
    const hsize_t count = rows.size();
    const Id type(H5Tvlen_create(native_type<Element>()), H5Tclose);
    const Id space(H5Screate_simple(1, &count, nullptr), H5Sclose);
    const Id data(H5Dcreate2(handles_->file, dataset.c_str(), type, space, Handles::group_maker(),
                             H5P_DEFAULT, H5P_DEFAULT),
                  H5Dclose);
    std::vector<hvl_t> views;
    for (const auto& row : rows) views.push_back({row.size(), const_cast<Element*>(row.data())});
    if (data < 0 || H5Dwrite(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, views.data()) < 0)
        throw std::runtime_error(fmt::format("{}: {} cannot be written.", handles_->path, dataset));
}

void Hdf5File::write_text(const std::string& dataset, const std::string& text) {
    const Id type(H5Tcopy(H5T_C_S1), H5Tclose);
    H5Tset_size(type, std::max<std::size_t>(1, text.size()));
    const Id space(H5Screate(H5S_SCALAR), H5Sclose);
    const Id data(H5Dcreate2(handles_->file, dataset.c_str(), type, space, Handles::group_maker(),
                             H5P_DEFAULT, H5P_DEFAULT),
                  H5Dclose);
    if (data < 0 || H5Dwrite(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text.c_str()) < 0)
        throw std::runtime_error(fmt::format("{}: {} cannot be written.", handles_->path, dataset));
}

template <class Element>
void Hdf5File::append(const std::string& dataset, std::span<const Element> values,
                      std::uint64_t width) {
    const int rank = width > 1 ? 2 : 1;
    const hsize_t rows = values.size() / width;
    if (!has(dataset)) {
        const hsize_t none[] = {0, width}, unlimited[] = {H5S_UNLIMITED, width};
        const hsize_t chunk[] = {std::max<hsize_t>(1, 65536 / (width * sizeof(Element))), width};
        const Id space(H5Screate_simple(rank, none, unlimited), H5Sclose);
        const Id layout(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
        H5Pset_chunk(layout, rank, chunk);
        const Id made(H5Dcreate2(handles_->file, dataset.c_str(), native_type<Element>(), space,
                                 Handles::group_maker(), layout, H5P_DEFAULT),
                      H5Dclose);
    }
    const Id data = handles_->dataset(dataset);
    auto extents = handles_->shape(data);
    const hsize_t start[] = {extents[0], 0}, count[] = {rows, width};
    extents[0] += rows;
    if (rows == 0) return;
    H5Dset_extent(data, extents.data());
    const Id space(H5Dget_space(data), H5Sclose);
    H5Sselect_hyperslab(space, H5S_SELECT_SET, start, nullptr, count, nullptr);
    const Id memory(H5Screate_simple(rank, count, nullptr), H5Sclose);
    if (H5Dwrite(data, native_type<Element>(), memory, space, H5P_DEFAULT, values.data()) < 0)
        throw std::runtime_error(
            fmt::format("{}: {} cannot be extended.", handles_->path, dataset));
}

template std::vector<float> Hdf5File::read<float>(const std::string&) const;
template std::vector<double> Hdf5File::read<double>(const std::string&) const;
template std::vector<std::uint32_t> Hdf5File::read<std::uint32_t>(const std::string&) const;
template std::vector<std::uint64_t> Hdf5File::read<std::uint64_t>(const std::string&) const;
template void Hdf5File::read_ragged<double>(
    const std::string&, std::size_t,
    const std::function<void(std::size_t, std::span<const double>)>&) const;
template void Hdf5File::read_ragged<std::int64_t>(
    const std::string&, std::size_t,
    const std::function<void(std::size_t, std::span<const std::int64_t>)>&) const;
template void Hdf5File::write<float>(const std::string&, std::span<const float>,
                                     std::vector<std::uint64_t>);
template void Hdf5File::write<double>(const std::string&, std::span<const double>,
                                      std::vector<std::uint64_t>);
template void Hdf5File::write<std::uint16_t>(const std::string&, std::span<const std::uint16_t>,
                                             std::vector<std::uint64_t>);
template void Hdf5File::write<std::uint64_t>(const std::string&, std::span<const std::uint64_t>,
                                             std::vector<std::uint64_t>);
template void Hdf5File::write_ragged<float>(const std::string&,
                                            const std::vector<std::vector<float>>&);
template void Hdf5File::write_ragged<std::uint16_t>(const std::string&,
                                                    const std::vector<std::vector<std::uint16_t>>&);
template void Hdf5File::append<std::uint64_t>(const std::string&, std::span<const std::uint64_t>,
                                              std::uint64_t);
template void Hdf5File::append<std::uint32_t>(const std::string&, std::span<const std::uint32_t>,
                                              std::uint64_t);
template void Hdf5File::append<double>(const std::string&, std::span<const double>, std::uint64_t);

}  // namespace synfire
