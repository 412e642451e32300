#include "base/workers.hpp"

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>

namespace synfire {

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
Workers::~Workers() = default;

void Workers::for_each(std::size_t count, const std::function<void(std::size_t)>& body) {
    threads_->arena.execute(
        [&] { tbb::parallel_for(std::size_t{0}, count, body, tbb::simple_partitioner()); });
}

void Workers::for_each_at_its_place(std::size_t count,
                                    const std::function<void(std::size_t)>& body) {
    threads_->arena.execute(
        [&] { tbb::parallel_for(std::size_t{0}, count, body, threads_->places); });
}

}  // namespace synfire
