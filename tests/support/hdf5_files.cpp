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

}  // namespace synfire::testing
