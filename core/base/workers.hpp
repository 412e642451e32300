// Work done side by side. oneTBB stands behind workers.cpp alone: its headers take the compiler
// seconds a file, and the thread sanitizer, which cannot see into the library, is given plain
// threads in its place.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace synfire {

// body(i) for i < count, in any order, by as many threads as there are cores.
void in_parallel(std::size_t count, const std::function<void(std::size_t)>& body);

// A fixed number of threads.
class Workers {
  public:
    // This thread and `threads` - 1 others.
    explicit Workers(unsigned threads);
    ~Workers();
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;

    // body(i) for i < count, one at a time to a thread, in any order.
    void for_each(std::size_t count, const std::function<void(std::size_t)>& body);
    // The same; i is done by the thread that did it the last time, where that is free: what it
    // works on is near that core.
    void for_each_at_its_place(std::size_t count, const std::function<void(std::size_t)>& body);

  private:
    struct Threads;
    std::unique_ptr<Threads> threads_;
};

}  // namespace synfire
