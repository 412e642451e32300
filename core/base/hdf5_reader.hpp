// An HDF5 file to read from, be it whole or damaged: the file is decoded in a process of its own
// (hdf5_decoder.hpp), so whatever libhdf5 makes of it, this process gets numbers or a sentence.
// Failures are InputErrors that name the file, the dataset and what it lacks.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "base/guarded_process.hpp"
#include "base/hdf5_decoder.hpp"
#include "base/stored_numbers.hpp"

namespace synfire {

// A dataset's numbers, row by row, and what type they were stored as.
struct StoredArray {
    StoredType type;
    std::vector<std::uint64_t> memory;  // of `size` numbers, whatever their type
    std::size_t size = 0;

    StoredNumbers numbers() const { return {type, memory.data(), size}; }
    // In double precision, whatever they were.
    std::vector<double> as_doubles() const {
        return numbers().visit(
            [](auto stored) { return std::vector<double>(stored.begin(), stored.end()); });
    }
};

class Hdf5Reader {
  public:
    explicit Hdf5Reader(const std::string& path);

    const std::string& path() const { return path_; }
    bool has(const std::string& dataset);
    // Extents of a dataset; none of a single value.
    std::vector<std::uint64_t> shape(const std::string& dataset);
    std::string text(const std::string& dataset);  // of fixed length

    // Of the file as a whole, as text: numbers with blanks between; "" where there is none.
    std::string attribute(const std::string& name);

    // At most `rows` rows along the first extent, from row `first` on. NAME@MEMBER: of a dataset of
    // records, one member's numbers.
    StoredArray numbers(const std::string& dataset, std::uint64_t rows = UINT64_MAX,
                        std::uint64_t first = 0);
    // The first `rows` rows of a ragged dataset (one variable-length list a row), one after
    // another.
    void ragged(const std::string& dataset, std::uint64_t rows,
                const std::function<void(std::size_t, StoredNumbers)>& row);

    // A whole dataset as numbers of one type; one that is not such a number is refused.
    std::vector<std::uint64_t> whole_numbers(const std::string& dataset);
    std::vector<double> real_numbers(const std::string& dataset);
    std::vector<float> finite_floats(const std::string& dataset);

  private:
    // Asks, and hands over what take() makes of the answer. A process that is lost, or left in the
    // middle of an answer, is not asked again.
    template <class Take>
    std::invoke_result_t<const Take&> answer(Hdf5Question question, const std::string& name,
                                             std::uint64_t rows, std::uint64_t first,
                                             const Take& take);
    void require_fine(const std::string& name);
    template <class Value>
    Value receive();
    std::string receive_text();
    StoredType receive_type();
    // Adds the numbers of one block to the array.
    void receive_block(const std::string& name, StoredArray& array);

    std::string path_;
    std::uint64_t file_bytes_ = 0;
    std::unique_ptr<GuardedProcess> process_;
    bool answered_ = true;  // whether the answer to the last question was taken to its end
};

}  // namespace synfire
