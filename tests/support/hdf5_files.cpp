#include "support/hdf5_files.hpp"

#include <doctest/doctest.h>
#include <hdf5.h>

#include <filesystem>

namespace synfire::testing {
namespace {

hid_t type_of(Stored type) {
    switch (type) {
        case Stored::int8:
            return H5T_STD_I8LE;
        case Stored::int64:
            return H5T_STD_I64LE;
        case Stored::uint8:
            return H5T_STD_U8LE;
        case Stored::uint16:
            return H5T_STD_U16LE;
        case Stored::uint64:
            return H5T_STD_U64LE;
        case Stored::float32:
            return H5T_IEEE_F32LE;
        case Stored::float64:
            return H5T_IEEE_F64LE;
        case Stored::float16:
            break;
    }
    const hid_t half = H5Tcopy(H5T_IEEE_F32LE);
    H5Tset_fields(half, 15, 10, 5, 0, 10);
    H5Tset_size(half, 2);
    H5Tset_ebias(half, 15);
    return half;
}

void write(const std::string& path, const std::string& name, hid_t stored, hid_t memory,
           const void* data, const std::vector<hsize_t>& shape) {
    const hid_t file = std::filesystem::exists(path)
                           ? H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT)
                           : H5Fcreate(path.c_str(), H5F_ACC_EXCL, H5P_DEFAULT, H5P_DEFAULT);
    const hid_t links = H5Pcreate(H5P_LINK_CREATE);
    H5Pset_create_intermediate_group(links, 1);
    const hid_t space = H5Screate_simple(static_cast<int>(shape.size()), shape.data(), nullptr);
    const hid_t dataset =
        H5Dcreate2(file, name.c_str(), stored, space, links, H5P_DEFAULT, H5P_DEFAULT);
    const bool empty = shape[0] == 0;
    CHECK((empty || H5Dwrite(dataset, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data) >= 0));
    H5Dclose(dataset);
    H5Sclose(space);
    H5Pclose(links);
    CHECK(H5Fclose(file) >= 0);
}

}  // namespace

void write_numbers(const std::string& path, const std::string& name, Stored type,
                   const std::vector<double>& values, std::vector<std::uint64_t> shape) {
    if (shape.empty()) shape = {values.size()};
    write(path, name, type_of(type), H5T_NATIVE_DOUBLE, values.data(),
          {shape.begin(), shape.end()});
}

void write_lists(const std::string& path, const std::string& name, Stored type,
                 const std::vector<std::vector<double>>& lists) {
    std::vector<hvl_t> views;
    for (const auto& list : lists) views.push_back({list.size(), const_cast<double*>(list.data())});
    write(path, name, H5Tvlen_create(type_of(type)), H5Tvlen_create(H5T_NATIVE_DOUBLE),
          views.data(), {lists.size()});
}

void write_words(const std::string& path, const std::string& name,
                 const std::vector<std::string>& words) {
    constexpr std::size_t longest = 16;
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, longest);
    std::string text;
    for (const std::string& word : words) text += word + std::string(longest - word.size(), '\0');
    write(path, name, type, type, text.data(), {words.size()});
}

void write_event_records(const std::string& path, const std::string& name,
                         const std::vector<double>& values) {
    const hid_t stored = H5Tcreate(H5T_COMPOUND, 14), memory = H5Tcreate(H5T_COMPOUND, 32);
    H5Tinsert(stored, "x", 0, H5T_STD_U16LE);
    H5Tinsert(stored, "y", 2, H5T_STD_U16LE);
    H5Tinsert(stored, "p", 4, H5T_STD_I16LE);
    H5Tinsert(stored, "t", 6, H5T_STD_I64LE);
    std::size_t at = 0;
    for (const char* member : {"x", "y", "p", "t"}) {
        H5Tinsert(memory, member, at, H5T_NATIVE_DOUBLE);
        at += sizeof(double);
    }
    write(path, name, stored, memory, values.data(), {values.size() / 4});
}

namespace {

void write_attribute(const std::string& path, const std::string& name, hid_t type, hid_t memory,
                     const void* data, hid_t space) {
    const hid_t file = H5Fopen(path.c_str(), H5F_ACC_RDWR, H5P_DEFAULT);
    const hid_t attribute = H5Acreate2(file, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT);
    CHECK(H5Awrite(attribute, memory, data) >= 0);
    H5Aclose(attribute);
    CHECK(H5Fclose(file) >= 0);
}

}  // namespace

void write_attribute(const std::string& path, const std::string& name, const std::string& text) {
    const hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, text.size());
    write_attribute(path, name, type, type, text.data(), H5Screate(H5S_SCALAR));
}

void write_attribute(const std::string& path, const std::string& name,
                     const std::vector<double>& values) {
    const hsize_t count = values.size();
    write_attribute(path, name, H5T_STD_I64LE, H5T_NATIVE_DOUBLE, values.data(),
                    H5Screate_simple(1, &count, nullptr));
}

}  // namespace synfire::testing
