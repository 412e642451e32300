#include "base/guarded_process.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <ctime>
#include <fstream>

namespace synfire {
namespace {

void limit(int what, rlim_t most) {
    rlimit now{};
    getrlimit(what, &now);
    now.rlim_cur = std::min(now.rlim_max, most);
    setrlimit(what, &now);
}

std::uint64_t address_space_bytes() {
    std::uint64_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

// What the copy is before it begins: silent, without a core file, gone as soon as its parent is.
void settle(pid_t parent, std::uint64_t memory_bytes) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT})
        std::signal(signal, SIG_DFL);
    std::signal(SIGINT, SIG_IGN);  // the parent decides
    const int nowhere = open("/dev/null", O_RDWR);
    dup2(nowhere, STDOUT_FILENO);
    dup2(nowhere, STDERR_FILENO);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_AS, memory_bytes);
}

}  // namespace

GuardedProcess::GuardedProcess(const std::function<void(int)>& serve, const Limits& limits)
    : limits_(limits) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        throw std::runtime_error(
            fmt::format("No process can be made to read a file ({}).", std::strerror(errno)));
    const std::uint64_t memory = address_space_bytes() + limits.memory_bytes;
    const pid_t self = getpid();
    process_ = fork();
    if (process_ == 0) {
        close(ends[0]);
        settle(self, memory);
        try {
            serve(ends[1]);
        } catch (...) {
            _exit(1);
        }
        _exit(0);  // without flushing what the parent had written to its streams
    }
    const int error = errno;
    close(ends[1]);
    socket_ = ends[0];
    if (process_ < 0) {
        close(socket_);
        throw std::runtime_error(
            fmt::format("No process can be made to read a file ({}).", std::strerror(error)));
    }
}

GuardedProcess::~GuardedProcess() {
    end();
}

void GuardedProcess::end() {
    if (socket_ < 0) return;
    close(socket_);
    socket_ = -1;
    kill(process_, SIGKILL);
    while (waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

void GuardedProcess::lost() {
    kill(process_, SIGKILL);  // changes nothing where it has ended by itself
    int status = 0;
    pid_t ended = -1;
    do ended = waitpid(process_, &status, 0);
    while (ended < 0 && errno == EINTR);
    close(socket_);
    socket_ = -1;
    if (ended == process_ && WIFSIGNALED(status))
        throw ProcessLost(fmt::format("ended with signal {} ({})", WTERMSIG(status),
                                      strsignal(WTERMSIG(status))));
    throw ProcessLost("ended before it had answered");
}

double GuardedProcess::busy_seconds() const {
    clockid_t clock{};
    timespec time{};
    if (clock_getcpuclockid(process_, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

// Returns when there is something to receive, the end included.
void GuardedProcess::wait_for_answer() {
    using Clock = std::chrono::steady_clock;
    pollfd answer{socket_, POLLIN, 0};
    constexpr int look_ms = 250;
    if (poll(&answer, 1, look_ms) > 0) return;
    const double busy_before = busy_seconds();
    const auto begun = Clock::now();
    while (true) {
        const int ready = poll(&answer, 1, look_ms);
        if (ready > 0) return;
        const double busy = busy_seconds() - busy_before;
        const double waited = std::chrono::duration<double>(Clock::now() - begun).count();
        if (busy < limits_.busy_s && waited < limits_.quiet_s) continue;
        end();
        throw ProcessLost(busy >= limits_.busy_s
                              ? fmt::format("did not come to an end in {} s", limits_.busy_s)
                              : fmt::format("did not answer for {} s", limits_.quiet_s));
    }
}

std::size_t GuardedProcess::receive_some(std::span<std::byte> bytes) {
    if (socket_ < 0) throw ProcessLost("has ended");
    while (true) {
        const ssize_t got = recv(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT);
        if (got > 0) return static_cast<std::size_t>(got);
        if (got < 0 && errno == EAGAIN)
            wait_for_answer();
        else if (got == 0 || errno != EINTR)
            lost();
    }
}

void GuardedProcess::receive(std::span<std::byte> bytes) {
    constexpr std::size_t piece = std::size_t{1} << 16;
    while (!bytes.empty()) {
        const std::size_t ready = std::min(bytes.size(), received_.size() - taken_);
        std::copy_n(received_.begin() + static_cast<std::ptrdiff_t>(taken_), ready, bytes.begin());
        taken_ += ready;
        bytes = bytes.subspan(ready);
        if (bytes.size() >= piece) {
            bytes = bytes.subspan(receive_some(bytes));
        } else if (!bytes.empty()) {
            received_.resize(piece);
            taken_ = received_.size();  // nothing, should receiving fail
            const std::size_t got = receive_some(received_);
            received_.resize(got);
            taken_ = 0;
        }
    }
}

void GuardedProcess::send(std::span<const std::byte> bytes) {
    if (socket_ < 0) throw ProcessLost("has ended");
    while (!bytes.empty()) {
        const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent > 0)
            bytes = bytes.subspan(static_cast<std::size_t>(sent));
        else if (errno != EINTR)
            lost();
    }
}

void receive_or_exit(int socket, std::span<std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t got = recv(socket, bytes.data(), bytes.size(), 0);
        if (got > 0)
            bytes = bytes.subspan(static_cast<std::size_t>(got));
        else if (got == 0 || errno != EINTR)
            _exit(0);
    }
}

void send_or_exit(int socket, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
        const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent > 0)
            bytes = bytes.subspan(static_cast<std::size_t>(sent));
        else if (errno != EINTR)
            _exit(0);
    }
}

}  // namespace synfire
