// A process of its own for work that may crash, never end or take all memory, such as decoding a
// file that is damaged: a copy of this process that answers requests over a socket. Whatever
// becomes of it, this process goes on and says what happened.
//
// The copy has one thread, the caller's; other threads' locks must not matter to what it does.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <vector>

namespace synfire {

// The process ended or was ended before it had answered; what() is a clause that says how.
class ProcessLost : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

class GuardedProcess {
  public:
    struct Limits {
        std::uint64_t memory_bytes = std::uint64_t{1} << 30;  // beyond what it begins with
        double busy_s = 4;     // of computing without an answer in part or in whole
        double quiet_s = 120;  // of waiting for anything
    };

    // serve: what the copy does with its end of the socket; it ends where serve returns. Throws
    // std::runtime_error where no process can be made.
    GuardedProcess(const std::function<void(int)>& serve, const Limits& limits);
    ~GuardedProcess();
    GuardedProcess(const GuardedProcess&) = delete;
    GuardedProcess& operator=(const GuardedProcess&) = delete;

    // Both throw ProcessLost.
    void send(std::span<const std::byte> bytes);
    void receive(std::span<std::byte> bytes);

    // Ends the process; nothing can be sent or received any more.
    void end();

  private:
    [[noreturn]] void lost();
    void wait_for_answer();
    double busy_seconds() const;
    std::size_t receive_some(std::span<std::byte> bytes);

    Limits limits_;
    std::vector<std::byte> received_;  // more than was asked for, from taken_ on
    std::size_t taken_ = 0;
    int socket_ = -1;
    pid_t process_ = -1;
};

// The served end: all of the bytes, or the process ends, since there is nobody left to answer.
void receive_or_exit(int socket, std::span<std::byte> bytes);
void send_or_exit(int socket, std::span<const std::byte> bytes);

}  // namespace synfire
