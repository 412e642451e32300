// The same work on several threads at once.
#pragma once

#include <exception>
#include <functional>
#include <thread>
#include <vector>

namespace synfire::conformance {

// body(k), k below `count`, all at once. Throws what the first of them has thrown.
inline void at_once(std::size_t count, const std::function<void(std::size_t)>& body) {
    std::vector<std::exception_ptr> faults(count);
    std::vector<std::thread> running;
    for (std::size_t k = 0; k < count; ++k)
        running.emplace_back([&, k] {
            try {
                body(k);
            } catch (...) {
                faults[k] = std::current_exception();
            }
        });
    for (std::thread& thread : running) thread.join();
    for (const std::exception_ptr& fault : faults)
        if (fault) std::rethrow_exception(fault);
}

}  // namespace synfire::conformance
