// An HDF5 file that a test looks into.
#pragma once

#include <algorithm>
#include <type_traits>

#include "base/hdf5_reader.hpp"

namespace synfire::testing {

class SavedFile {
  public:
    static SavedFile open(const std::string& path) { return SavedFile(path); }

    template <class Element>
    std::vector<Element> read(const std::string& dataset) const {
        if constexpr (std::is_floating_point_v<Element>) {
            const auto numbers = reader_->real_numbers(dataset);
            return {numbers.begin(), numbers.end()};
        } else {
            const auto numbers = reader_->whole_numbers(dataset);
            std::vector<Element> whole(numbers.size());
            std::ranges::transform(numbers, whole.begin(),
                                   [](auto n) { return static_cast<Element>(n); });
            return whole;
        }
    }
    std::string read_text(const std::string& dataset) const { return reader_->text(dataset); }
    std::vector<std::uint64_t> shape(const std::string& dataset) const {
        return reader_->shape(dataset);
    }
    bool has(const std::string& dataset) const { return reader_->has(dataset); }

  private:
    explicit SavedFile(const std::string& path) : reader_(std::make_shared<Hdf5Reader>(path)) {}
    std::shared_ptr<Hdf5Reader> reader_;
};

}  // namespace synfire::testing
