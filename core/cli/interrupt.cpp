#include "cli/interrupt.hpp"

#include <csignal>

namespace synfire::cli {
namespace {

volatile std::sig_atomic_t requested = 0;

void request(int) {
    requested = 1;
}

}  // namespace

void watch_for_interrupts() {
    struct sigaction action {};
    action.sa_handler = &request;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(SIGINT, &action, nullptr);
    sigaction(SIGTERM, &action, nullptr);
}

bool interrupt_requested() {
    return requested != 0;
}

}  // namespace synfire::cli
