// A set of neurons of one population, kept as two levels of bits so that taking out its few members
// in ascending order costs little more than their number.
#pragma once

#include <bit>
#include <cstdint>
#include <vector>

namespace synfire {

class Frontier {
  public:
    explicit Frontier(std::uint32_t size = 0)
        : size_(size), words_((size + 63) / 64), groups_((words_.size() + 63) / 64) {}

    void insert(std::uint32_t neuron) {
        words_[neuron / 64] |= std::uint64_t{1} << (neuron % 64);
        groups_[neuron / 4096] |= std::uint64_t{1} << (neuron / 64 % 64);
        empty_ = false;
    }
    void insert_all() {
        for (std::uint32_t neuron = 0; neuron < size_; ++neuron) insert(neuron);
    }
    bool empty() const { return empty_; }

    // Puts the members into `list`, ascending, and empties the set.
    void take(std::vector<std::uint32_t>& list) {
        list.clear();
        if (empty_) return;
        for (std::uint32_t g = 0; g < groups_.size(); ++g)
            for (std::uint64_t& group = groups_[g]; group != 0; group &= group - 1) {
                const std::uint32_t w =
                    g * 64 + static_cast<std::uint32_t>(std::countr_zero(group));
                for (std::uint64_t& word = words_[w]; word != 0; word &= word - 1)
                    list.push_back(w * 64 + static_cast<std::uint32_t>(std::countr_zero(word)));
            }
        empty_ = true;
    }

  private:
    std::uint32_t size_;
    std::vector<std::uint64_t> words_, groups_;
    bool empty_ = true;
};

}  // namespace synfire
