#include "base/workers.hpp"

#if defined(__SANITIZE_THREAD__)
#define SYNFIRE_PLAIN_THREADS 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SYNFIRE_PLAIN_THREADS 1
#endif
#endif

#ifdef SYNFIRE_PLAIN_THREADS
#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>
#else
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>
#endif

namespace synfire {

#ifdef SYNFIRE_PLAIN_THREADS

namespace {

void by_threads(std::size_t threads, std::size_t count,
                const std::function<void(std::size_t)>& body) {
    std::atomic<std::size_t> next = 0;
    std::mutex mutex;
    std::exception_ptr failure;
    std::vector<std::thread> running;
    for (std::size_t t = 0; t < std::min(threads, count); ++t)
        running.emplace_back([&] {
            try {
                for (std::size_t i; (i = next++) < count;) body(i);
            } catch (...) {
                const std::lock_guard lock(mutex);
                failure = std::current_exception();
            }
        });
    for (std::thread& thread : running) thread.join();
    if (failure) std::rethrow_exception(failure);
}

}  // namespace

struct Workers::Threads {
    unsigned count;
};

Workers::Workers(unsigned threads) : threads_(std::make_unique<Threads>(Threads{threads})) {}

void Workers::for_each(std::size_t count, const std::function<void(std::size_t)>& body) {
    by_threads(threads_->count, count, body);
}

void Workers::for_each_at_its_place(std::size_t count,
                                    const std::function<void(std::size_t)>& body) {
    by_threads(threads_->count, count, body);
}

void in_parallel(std::size_t count, const std::function<void(std::size_t)>& body) {
    by_threads(4, count, body);
}

#else

namespace tbb = oneapi::tbb;

struct Workers::Threads {
    explicit Threads(unsigned count)
        : allowed(tbb::global_control::max_allowed_parallelism, count),
          arena(static_cast<int>(count)) {}
    tbb::global_control allowed;  // more than there are cores, where so many are asked for
    tbb::task_arena arena;
    tbb::affinity_partitioner places;
};

Workers::Workers(unsigned threads) : threads_(std::make_unique<Threads>(threads)) {}

void Workers::for_each(std::size_t count, const std::function<void(std::size_t)>& body) {
    threads_->arena.execute(
        [&] { tbb::parallel_for(std::size_t{0}, count, body, tbb::simple_partitioner()); });
}

void Workers::for_each_at_its_place(std::size_t count,
                                    const std::function<void(std::size_t)>& body) {
    threads_->arena.execute(
        [&] { tbb::parallel_for(std::size_t{0}, count, body, threads_->places); });
}

void in_parallel(std::size_t count, const std::function<void(std::size_t)>& body) {
    tbb::parallel_for(std::size_t{0}, count, body);
}

#endif

Workers::~Workers() = default;

}  // namespace synfire
