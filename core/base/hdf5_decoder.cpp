#include "base/hdf5_decoder.hpp"

#include <fmt/format.h>
#include <hdf5.h>

#include <algorithm>
#include <filesystem>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include "base/guarded_process.hpp"
#include "base/hdf5_id.hpp"
#include "base/stored_numbers.hpp"

namespace synfire {
namespace {

// A clause about the dataset that was asked for.
class Refusal : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

// Collects an answer and sends it in large pieces.
class Answer {
  public:
    explicit Answer(int socket) : socket_(socket) { waiting_.reserve(piece); }
    void put_bytes(const void* data, std::size_t size) {
        const auto* bytes = static_cast<const std::byte*>(data);
        if (waiting_.size() + size > piece) flush();
        if (size > piece)
            send_or_exit(socket_, {bytes, size});
        else
            waiting_.insert(waiting_.end(), bytes, bytes + size);
    }
    template <class Value>
    void put(const Value& value) {
        put_bytes(&value, sizeof value);
    }
    void put_text(const std::string& text) {
        put(std::uint64_t{text.size()});
        put_bytes(text.data(), text.size());
    }
    void flush() {
        send_or_exit(socket_, waiting_);
        waiting_.clear();
    }

  private:
    static constexpr std::size_t piece = std::size_t{1} << 17;
    int socket_;
    std::vector<std::byte> waiting_;
};

struct Element {
    StoredType type;
    hid_t memory = -1;               // HDF5's type of it in memory
    std::uint64_t stored_bytes = 0;  // in the file
};

// What numbers of an HDF5 type become in memory, without a change of class or sign.
Element element_of(hid_t stored) {
    const std::size_t bytes = H5Tget_size(stored);
    const H5T_class_t kind = H5Tget_class(stored);
    // Booleans, as h5py writes them: the names FALSE and TRUE for 0 and 1 of a byte.
    if (kind == H5T_ENUM && bytes == 1 && H5Tget_nmembers(stored) == 2) {
        signed char no = -1, yes = -1;
        H5E_BEGIN_TRY {
            H5Tenum_valueof(stored, "FALSE", &no);
            H5Tenum_valueof(stored, "TRUE", &yes);
        }
        H5E_END_TRY
        if (no == 0 && yes == 1) {
            const hid_t whole = H5Tget_super(stored);
            const Element element = element_of(whole);
            H5Tclose(whole);
            return element;
        }
    }
    if (kind == H5T_INTEGER && bytes >= 1 && bytes <= 8) {
        const int size = bytes == 1 ? 0 : bytes == 2 ? 1 : bytes <= 4 ? 2 : 3;
        const auto in_memory = static_cast<std::uint8_t>(1 << size);
        if (H5Tget_sign(stored) == H5T_SGN_NONE) {
            const hid_t types[] = {H5T_NATIVE_UINT8, H5T_NATIVE_UINT16, H5T_NATIVE_UINT32,
                                   H5T_NATIVE_UINT64};
            return {{StoredType::unsigned_whole, in_memory, 0}, types[size], bytes};
        }
        const hid_t types[] = {H5T_NATIVE_INT8, H5T_NATIVE_INT16, H5T_NATIVE_INT32,
                               H5T_NATIVE_INT64};
        return {{StoredType::signed_whole, in_memory, 0}, types[size], bytes};
    }
    if (kind == H5T_FLOAT) {
        std::size_t sign = 0, exponent = 0, exponent_bits = 0, mantissa = 0, mantissa_bits = 0;
        if (H5Tget_fields(stored, &sign, &exponent, &exponent_bits, &mantissa, &mantissa_bits) < 0)
            throw Refusal("has numbers of a type that is damaged");
        const std::size_t digits = mantissa_bits + (H5Tget_norm(stored) == H5T_NORM_IMPLIED);
        if (digits <= 24 && exponent_bits <= 8)
            return {
                {StoredType::real, 4, static_cast<std::uint8_t>(digits)}, H5T_NATIVE_FLOAT, bytes};
        return {{StoredType::real, 8, static_cast<std::uint8_t>(std::min<std::size_t>(53, digits))},
                H5T_NATIVE_DOUBLE,
                bytes};
    }
    const char* what = kind == H5T_STRING     ? "text"
                       : kind == H5T_ENUM     ? "named values (an enumeration)"
                       : kind == H5T_COMPOUND ? "records of several values"
                       : kind == H5T_VLEN     ? "lists of variable length"
                                              : "values of another kind";
    throw Refusal(fmt::format("holds {}; numbers are expected", what));
}

class Decoder {
  public:
    explicit Decoder(int socket) : socket_(socket), answer_(socket) {
        H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
    }

    void serve() {
        while (true) {
            Hdf5Request request{};
            receive_or_exit(socket_, std::as_writable_bytes(std::span(&request, 1)));
            std::string name(request.name_bytes, '\0');
            receive_or_exit(socket_, std::as_writable_bytes(std::span(name)));
            try {
                answer(request, name);
            } catch (const Refusal& refusal) {
                answer_.put(Hdf5Status::refused);
                answer_.put_text(refusal.what());
            } catch (const std::bad_alloc&) {
                answer_.put(Hdf5Status::refused);
                answer_.put_text(
                    "takes more memory than a file of its size can need; the file may "
                    "be damaged");
            }
            answer_.flush();
        }
    }

  private:
    void answer(const Hdf5Request& request, const std::string& name) {
        switch (request.question) {
            case Hdf5Question::open:
                return open(name);
            case Hdf5Question::has:
                return has(name);
            case Hdf5Question::shape:
                return shape(name);
            case Hdf5Question::text:
                return text(name);
            case Hdf5Question::numbers:
                return numbers(name, request.first, request.rows);
            case Hdf5Question::ragged:
                return ragged(name, request.rows);
            case Hdf5Question::attribute:
                return attribute(name);
        }
    }

    void open(const std::string& path) {
        std::error_code error;
        file_bytes_ = std::filesystem::file_size(path, error);
        file_ = Hdf5Id(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose);
        if (error || file_ < 0)
            throw Refusal("this is no HDF5 file, or it is truncated; a whole one is expected");
        answer_.put(Hdf5Status::fine);
    }

    void has(const std::string& name) {
        bool there = true;
        for (std::size_t at = name.find('/', 1); there && at != std::string::npos;
             at = name.find('/', at + 1))
            there = H5Lexists(file_, name.substr(0, at).c_str(), H5P_DEFAULT) > 0;
        answer_.put(Hdf5Status::fine);
        answer_.put(
            static_cast<std::uint8_t>(there && H5Lexists(file_, name.c_str(), H5P_DEFAULT) > 0));
    }

    Hdf5Id dataset(const std::string& name) const {
        Hdf5Id id(H5Dopen2(file_, name.c_str(), H5P_DEFAULT), H5Dclose);
        if (id < 0) throw Refusal("is missing; the file has to hold a dataset of that name");
        return id;
    }

    // One of no values at all has an extent of 0, a single value none.
    static std::vector<hsize_t> extents_of(hid_t space) {
        if (H5Sget_simple_extent_type(space) == H5S_NULL) return {0};
        const int rank = H5Sget_simple_extent_ndims(space);
        if (rank < 0) throw Refusal("has a shape that cannot be read; the file may be truncated");
        std::vector<hsize_t> extents(static_cast<std::size_t>(rank));
        H5Sget_simple_extent_dims(space, extents.data(), nullptr);
        return extents;
    }

    void shape(const std::string& name) {
        const Hdf5Id data = dataset(name);
        const Hdf5Id space(H5Dget_space(data), H5Sclose);
        const auto extents = extents_of(space);
        answer_.put(Hdf5Status::fine);
        answer_.put(std::uint64_t{extents.size()});
        for (const std::uint64_t extent : extents) answer_.put(extent);
    }

    void text(const std::string& name) {
        const Hdf5Id data = dataset(name);
        const Hdf5Id type(H5Dget_type(data), H5Tclose);
        const Hdf5Id space(H5Dget_space(data), H5Sclose);
        if (H5Tget_class(type) != H5T_STRING || H5Tis_variable_str(type) > 0 ||
            !extents_of(space).empty())
            throw Refusal("is not a fixed-length string");
        if (H5Tget_size(type) > file_bytes_)
            throw Refusal("is longer than the file; the file may be damaged");
        std::string text(H5Tget_size(type), '\0');
        if (H5Dread(data, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, text.data()) < 0)
            throw Refusal("cannot be read; the file may be truncated");
        answer_.put(Hdf5Status::fine);
        answer_.put_text(text);
    }

    // HDF5 itself says no more than that it cannot read.
    static void require_filters(hid_t data) {
        static constexpr struct {
            int id;
            const char *name, *package;  // of Debian, where there is one
        } known[] = {{307, "bzip2", "hdf5-filter-plugin"},
                     {32000, "LZF", "hdf5-plugin-lzf"},
                     {32001, "Blosc", "hdf5-filter-plugin-blosc-serial"},
                     {32004, "LZ4", "hdf5-filter-plugin"},
                     {32008, "Bitshuffle", "hdf5-filter-plugin"},
                     {32013, "ZFP", "hdf5-filter-plugin-zfp-serial"},
                     {32015, "Zstandard", ""},
                     {32026, "Blosc2", ""},
                     {36559, "ECF of Metavision", ""}};
        const Hdf5Id list(H5Dget_create_plist(data), H5Pclose);
        const int count = H5Pget_nfilters(list);
        for (int i = 0; i < count; ++i) {
            unsigned flags = 0, settings = 0;
            std::size_t values = 0;
            char text[64] = "";
            const H5Z_filter_t filter =
                H5Pget_filter2(list, static_cast<unsigned>(i), &flags, &values, nullptr,
                               sizeof text, text, &settings);
            if (filter < 0 || H5Zfilter_avail(filter) > 0) continue;
            std::string name = *text ? text : "unknown", source = "its maker";
            for (const auto& [id, called, package] : known)
                if (id == filter) {
                    name = called;
                    if (*package) source = fmt::format("the Debian package {}", package);
                }
            throw Refusal(fmt::format(
                "is compressed by the HDF5 filter {} ({}), whose plugin is missing; {} has it, and "
                "HDF5_PLUGIN_PATH names its folder where HDF5 does not find it",
                filter, name, source));
        }
    }

    void attribute(const std::string& name) {
        std::string text;
        if (H5Aexists(file_, name.c_str()) > 0) {
            const Hdf5Id id(H5Aopen(file_, name.c_str(), H5P_DEFAULT), H5Aclose);
            const Hdf5Id type(H5Aget_type(id), H5Tclose);
            const Hdf5Id space(H5Aget_space(id), H5Sclose);
            const auto extents = extents_of(space);
            hsize_t count = 1;
            for (const hsize_t extent : extents) count *= std::min<hsize_t>(extent, 1024);
            if (H5Tget_class(type) == H5T_STRING && extents.empty()) {
                text = text_of(id, type);
            } else if (count <= 1024) {
                element_of(type);
                std::vector<double> values(count);
                if (H5Aread(id, H5T_NATIVE_DOUBLE, values.data()) < 0)
                    throw Refusal("cannot be read; the file may be truncated");
                for (const double value : values)
                    text += fmt::format("{}{}", text.empty() ? "" : " ", value);
            }
        }
        answer_.put(Hdf5Status::fine);
        answer_.put_text(text);
    }

    std::string text_of(hid_t attribute, hid_t type) const {
        if (H5Tis_variable_str(type) > 0) {
            char* words = nullptr;
            if (H5Aread(attribute, type, &words) < 0 || !words)
                throw Refusal("cannot be read; the file may be truncated");
            std::string text = words;
            H5free_memory(words);
            return text;
        }
        if (H5Tget_size(type) > file_bytes_)
            throw Refusal("is longer than the file; the file may be damaged");
        std::string text(H5Tget_size(type), '\0');
        if (H5Aread(attribute, type, text.data()) < 0)
            throw Refusal("cannot be read; the file may be truncated");
        return text.substr(0, text.find('\0'));
    }

    // A dataset whose extents are damaged must not be filled with zeros for ever.
    void require_room(hid_t data, double values, std::uint64_t bytes) const {
        // More than any filter makes of what is stored.
        constexpr double most_expansion = 4096;
        const auto stored =
            static_cast<double>(std::min<std::uint64_t>(H5Dget_storage_size(data), file_bytes_));
        if (values * static_cast<double>(bytes) > most_expansion * (stored + 4096))
            throw Refusal(fmt::format(
                "says that it holds {} values, more than the file has room for; the file may be "
                "damaged",
                values));
    }

    static hid_t member_type(hid_t stored, const std::string& member) {
        if (member.empty()) return H5Tcopy(stored);
        const int index =
            H5Tget_class(stored) == H5T_COMPOUND ? H5Tget_member_index(stored, member.c_str()) : -1;
        if (index < 0)
            throw Refusal(fmt::format("does not hold records with a member '{}'", member));
        return H5Tget_member_type(stored, static_cast<unsigned>(index));
    }

    void numbers(const std::string& name, std::uint64_t first, std::uint64_t rows) {
        const std::size_t at = name.find('@');
        const Hdf5Id data = dataset(name.substr(0, at));
        require_filters(data);
        const Hdf5Id stored(H5Dget_type(data), H5Tclose);
        const Hdf5Id space(H5Dget_space(data), H5Sclose);
        const std::string member = at == name.npos ? "" : name.substr(at + 1);
        const Hdf5Id part(member_type(stored, member), H5Tclose);
        const Element element = element_of(part);
        // A member is read as a record of it alone.
        Hdf5Id alone(-1, H5Tclose);
        if (!member.empty()) {
            alone = Hdf5Id(H5Tcreate(H5T_COMPOUND, element.type.bytes), H5Tclose);
            H5Tinsert(alone, member.c_str(), 0, element.memory);
        }
        const hid_t memory_type = member.empty() ? element.memory : static_cast<hid_t>(alone);
        auto extents = extents_of(space);
        const bool single = extents.empty();
        if (single) extents = {1};
        const hsize_t end =
            first + std::min<hsize_t>(extents[0] - std::min<hsize_t>(extents[0], first), rows);
        double a_row = 1;
        for (std::size_t d = 1; d < extents.size(); ++d) a_row *= static_cast<double>(extents[d]);
        require_room(data, a_row * static_cast<double>(extents[0]), element.stored_bytes);
        const auto row_values = static_cast<hsize_t>(std::min(a_row, 1e18));
        constexpr hsize_t block_values = 1 << 18;
        const hsize_t at_once =
            std::max<hsize_t>(1, block_values / std::max<hsize_t>(1, row_values));
        answer_.put(Hdf5Status::fine);
        answer_.put(element.type);
        answer_.put(std::uint64_t{(end - first + at_once - 1) / at_once});
        std::vector<std::byte> values;
        std::vector<hsize_t> begin(extents.size()), size = extents;
        for (begin[0] = first; begin[0] < end; begin[0] += at_once) {
            size[0] = std::min(at_once, end - begin[0]);
            const hsize_t here = size[0] * row_values;
            values.resize(here * element.type.bytes);
            const Hdf5Id memory(H5Screate_simple(1, &here, nullptr), H5Sclose);
            if (!single)
                H5Sselect_hyperslab(space, H5S_SELECT_SET, begin.data(), nullptr, size.data(),
                                    nullptr);
            if (here && H5Dread(data, memory_type, memory, space, H5P_DEFAULT, values.data()) < 0)
                throw Refusal("cannot be read as numbers; the file may be truncated");
            answer_.put(Hdf5Status::fine);
            answer_.put(std::uint64_t{here});
            answer_.put_bytes(values.data(), values.size());
        }
    }

    void ragged(const std::string& name, std::uint64_t rows) {
        constexpr hsize_t at_once = 64;
        const Hdf5Id data = dataset(name);
        require_filters(data);
        const Hdf5Id stored(H5Dget_type(data), H5Tclose);
        const Hdf5Id space(H5Dget_space(data), H5Sclose);
        const auto extents = extents_of(space);
        if (H5Tget_class(stored) != H5T_VLEN || extents.size() != 1)
            throw Refusal("is not a list of variable-length lists of numbers");
        const Hdf5Id base(H5Tget_super(stored), H5Tclose);
        const Element element = element_of(base);
        const Hdf5Id type(H5Tvlen_create(element.memory), H5Tclose);
        constexpr std::uint64_t list_bytes = 16;
        require_room(data, static_cast<double>(extents[0]), list_bytes);
        const hsize_t count = std::min<hsize_t>(extents[0], rows);
        answer_.put(Hdf5Status::fine);
        answer_.put(element.type);
        answer_.put(std::uint64_t{count});
        std::uint64_t room = file_bytes_;  // lists are stored as they are
        std::vector<hvl_t> lists;
        for (hsize_t begin = 0; begin < count; begin += at_once) {
            const hsize_t here = std::min(at_once, count - begin);
            const Hdf5Id memory(H5Screate_simple(1, &here, nullptr), H5Sclose);
            H5Sselect_hyperslab(space, H5S_SELECT_SET, &begin, nullptr, &here, nullptr);
            lists.assign(here, {});
            if (H5Dread(data, type, memory, space, H5P_DEFAULT, lists.data()) < 0)
                throw Refusal("cannot be read as lists of numbers; the file may be truncated");
            for (const hvl_t& list : lists) {
                if (list.len > room / element.stored_bytes)
                    throw Refusal("holds more than the file has room for; the file may be damaged");
                room -= list.len * element.stored_bytes;
                answer_.put(Hdf5Status::fine);
                answer_.put(std::uint64_t{list.len});
                answer_.put_bytes(list.p, list.len * element.type.bytes);
            }
            H5Dvlen_reclaim(type, memory, H5P_DEFAULT, lists.data());
        }
    }

    int socket_;
    Answer answer_;
    Hdf5Id file_{-1, H5Fclose};
    std::uint64_t file_bytes_ = 0;
};

}  // namespace

void serve_hdf5(int socket) {
    Decoder(socket).serve();
}

}  // namespace synfire
