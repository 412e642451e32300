// The gradients of a batch: those of its lanes, added up in the order of the lanes, whichever
// thread finishes one when. Sums then do not depend on the number of threads, and there are about
// as many arrays as threads, not as lanes.
#pragma once

#include <map>
#include <mutex>
#include <vector>

#include "learning/gradient_arrays.hpp"

namespace synfire {

class GradientSum {
  public:
    explicit GradientSum(const Network& network);

    // Begins a new sum, from 0.
    void begin() { next_ = 0; }
    // What is handed over below is exchanged for arrays that hold anything.

    // Keeps a lane that is continued later.
    void suspend(std::size_t lane, GradientArrays& gradients);
    // Gradients become those of a suspended lane.
    void resume(std::size_t lane, GradientArrays& gradients);
    // A lane is over: its gradients are added once those of all lanes before it are.
    void finish(std::size_t lane, GradientArrays& gradients);

    // Of all lanes, once they have finished.
    GradientArrays& total() { return total_; }

    // Of all arrays it has, between batches.
    std::size_t bytes() const;

  private:
    using Kept = std::map<std::size_t, GradientArrays>;  // by lane

    void keep(Kept& in, std::size_t lane, GradientArrays& gradients);
    void release(Kept& from, Kept::iterator kept);
    void add(GradientArrays& gradients);

    const Network& network_;
    std::mutex mutex_;
    std::size_t next_ = 0;  // lane to be added
    GradientArrays total_;
    Kept suspended_, early_;  // suspended; finished before their turn
    std::vector<GradientArrays> spare_;
};

}  // namespace synfire
