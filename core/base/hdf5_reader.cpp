#include "base/hdf5_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "base/lfs_pointer.hpp"
#include "base/numbers.hpp"
#include "base/problem.hpp"

namespace synfire {
namespace {

namespace fs = std::filesystem;

// Room for what libhdf5 makes of a file, whatever its size.
GuardedProcess::Limits limits_for(std::uint64_t file_bytes) {
    GuardedProcess::Limits limits;
    limits.memory_bytes += 16 * file_bytes;
    return limits;
}

}  // namespace

Hdf5Reader::Hdf5Reader(const std::string& path) : path_(path) {
    if (fs::is_directory(path))
        throw InputError(fmt::format("{}: this is a folder; an HDF5 file is expected.", path));
    if (!fs::is_regular_file(path))
        throw InputError(fmt::format("{}: there is no such file; an HDF5 file is expected.", path));
    if (is_lfs_pointer(path)) throw InputError(lfs_pointer_message(path));
    file_bytes_ = fs::file_size(path);
    process_ = std::make_unique<GuardedProcess>(&serve_hdf5, limits_for(file_bytes_));
    answer(Hdf5Question::open, path, 0, 0, [] {});
}

template <class Take>
std::invoke_result_t<const Take&> Hdf5Reader::answer(Hdf5Question question, const std::string& name,
                                                     std::uint64_t rows, std::uint64_t first,
                                                     const Take& take) {
    struct Taking {
        const Hdf5Reader& reader;
        ~Taking() {
            if (!reader.answered_) reader.process_->end();
        }
    } taking{*this};
    answered_ = false;
    try {
        const Hdf5Request request{question, static_cast<std::uint32_t>(name.size()), rows, first};
        process_->send(std::as_bytes(std::span(&request, 1)));
        process_->send(std::as_bytes(std::span(name)));
        require_fine(name);
        if constexpr (std::is_void_v<decltype(take())>) {
            take();
            answered_ = true;
        } else {
            auto taken = take();
            answered_ = true;
            return taken;
        }
    } catch (const ProcessLost& lost) {
        throw InputError(fmt::format(
            "{}: the file seems to be damaged: what read it {}; a whole HDF5 file is expected.",
            path_, lost.what()));
    }
}

template <class Value>
Value Hdf5Reader::receive() {
    Value value{};
    process_->receive(std::as_writable_bytes(std::span(&value, 1)));
    return value;
}

std::string Hdf5Reader::receive_text() {
    const auto size = receive<std::uint64_t>();
    if (size > file_bytes_ + 1024) throw ProcessLost("answered nonsense");
    std::string text(size, '\0');
    process_->receive(std::as_writable_bytes(std::span(text)));
    return text;
}

void Hdf5Reader::require_fine(const std::string& name) {
    if (receive<Hdf5Status>() == Hdf5Status::fine) return;
    const std::string why = receive_text();
    answered_ = true;
    throw InputError(name == path_ ? fmt::format("{}: {}.", path_, why)
                                   : fmt::format("{}: {} {}.", path_, name, why));
}

StoredType Hdf5Reader::receive_type() {
    const auto type = receive<StoredType>();
    const bool bytes_fit = type.bytes == 4 || type.bytes == 8 ||
                           (type.kind != StoredType::real && (type.bytes == 1 || type.bytes == 2));
    if (type.kind > StoredType::real || !bytes_fit) throw ProcessLost("answered nonsense");
    return type;
}

void Hdf5Reader::receive_block(const std::string& name, StoredArray& array) {
    require_fine(name);
    const auto count = receive<std::uint64_t>();
    // The most that the decoder lets through.
    if (count > 8192 * (file_bytes_ + 4096)) throw ProcessLost("answered nonsense");
    const std::size_t begin = array.size * array.type.bytes, bytes = count * array.type.bytes;
    array.memory.resize(std::max(array.memory.size(), (begin + bytes + 7) / 8));
    array.size += count;
    process_->receive(std::as_writable_bytes(std::span(array.memory)).subspan(begin, bytes));
}

bool Hdf5Reader::has(const std::string& dataset) {
    return answer(Hdf5Question::has, dataset, 0, 0, [&] { return receive<std::uint8_t>() != 0; });
}

std::vector<std::uint64_t> Hdf5Reader::shape(const std::string& dataset) {
    return answer(Hdf5Question::shape, dataset, 0, 0, [&] {
        const auto rank = receive<std::uint64_t>();
        if (rank > 64) throw ProcessLost("answered nonsense");
        std::vector<std::uint64_t> extents(rank);
        process_->receive(std::as_writable_bytes(std::span(extents)));
        return extents;
    });
}

std::string Hdf5Reader::text(const std::string& dataset) {
    return answer(Hdf5Question::text, dataset, 0, 0, [&] { return receive_text(); });
}

std::string Hdf5Reader::attribute(const std::string& name) {
    return answer(Hdf5Question::attribute, name, 0, 0, [&] { return receive_text(); });
}

StoredArray Hdf5Reader::numbers(const std::string& dataset, std::uint64_t rows,
                                std::uint64_t first) {
    return answer(Hdf5Question::numbers, dataset, rows, first, [&] {
        StoredArray array;
        array.type = receive_type();
        const auto blocks = receive<std::uint64_t>();
        for (std::uint64_t b = 0; b < blocks; ++b) receive_block(dataset, array);
        return array;
    });
}

void Hdf5Reader::ragged(const std::string& dataset, std::uint64_t rows,
                        const std::function<void(std::size_t, StoredNumbers)>& row) {
    answer(Hdf5Question::ragged, dataset, rows, 0, [&] {
        StoredArray array;
        array.type = receive_type();
        const auto count = receive<std::uint64_t>();
        for (std::uint64_t i = 0; i < count; ++i) {
            array.size = 0;
            receive_block(dataset, array);
            row(i, array.numbers());
        }
    });
}

std::vector<std::uint64_t> Hdf5Reader::whole_numbers(const std::string& dataset) {
    std::vector<std::uint64_t> result;
    numbers(dataset).numbers().visit([&](auto values) {
        for (const auto value : values) {
            const auto number = whole<std::uint64_t>(value);
            if (!number)
                throw InputError(
                    fmt::format("{}: value {} of {} is {}; whole numbers from 0 are expected.",
                                path_, result.size(), dataset, number_text(value)));
            result.push_back(*number);
        }
    });
    return result;
}

std::vector<double> Hdf5Reader::real_numbers(const std::string& dataset) {
    std::vector<double> result;
    numbers(dataset).numbers().visit([&](auto values) {
        result.reserve(values.size());
        for (const auto value : values) result.push_back(static_cast<double>(value));
    });
    return result;
}

std::vector<float> Hdf5Reader::finite_floats(const std::string& dataset) {
    std::vector<float> result;
    numbers(dataset).numbers().visit([&](auto values) {
        result.reserve(values.size());
        for (const auto value : values) {
            const auto number = static_cast<float>(value);
            if (!std::isfinite(number))
                throw InputError(
                    fmt::format("{}: value {} of {} is {}; finite numbers of single precision are "
                                "expected.",
                                path_, result.size(), dataset, number_text(value)));
            result.push_back(number);
        }
    });
    return result;
}

}  // namespace synfire
