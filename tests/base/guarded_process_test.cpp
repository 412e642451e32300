#include "base/guarded_process.hpp"

#include <doctest/doctest.h>

#include <sys/mman.h>
#include <unistd.h>
#include <atomic>

#include <array>
#include <chrono>
#include <csignal>
#include <string>

using namespace synfire;

namespace {

GuardedProcess::Limits short_limits() {
    GuardedProcess::Limits limits;
    limits.memory_bytes = std::uint64_t{64} << 20;
    limits.busy_s = 0.3;
    limits.quiet_s = 600;
    return limits;
}

// How a process was lost that does this in place of answering; "answered" where it was not.
std::string fate_of(const std::function<void(int)>& serve,
                    const GuardedProcess::Limits& limits = short_limits()) {
    GuardedProcess process(serve, limits);
    std::array<std::byte, 1> answer{};
    try {
        process.receive(answer);
        return "answered";
    } catch (const ProcessLost& lost) {
        CHECK_THROWS_AS(process.receive(answer), ProcessLost);
        CHECK_THROWS_AS(process.send(answer), ProcessLost);
        return lost.what();
    }
}

void answer(int socket) {
    const std::array<std::byte, 1> one{std::byte{1}};
    send_or_exit(socket, one);
}

}  // namespace

TEST_CASE("a process of its own answers, and more than a socket holds at once") {
    GuardedProcess process(
        [](int socket) {
            std::vector<std::byte> bytes(3 << 20);
            receive_or_exit(socket, bytes);
            for (std::byte& b : bytes) b ^= std::byte{0xff};
            send_or_exit(socket, std::span(bytes).first(10));
            send_or_exit(socket, std::span(bytes).subspan(10));
        },
        {});
    std::vector<std::byte> sent(3 << 20), received(3 << 20);
    for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<std::byte>(i * 7 >> 3);
    process.send(sent);
    for (std::size_t at = 0; at < 100; ++at) process.receive(std::span(received).subspan(at, 1));
    process.receive(std::span(received).subspan(100));
    for (std::size_t i = 0; i < sent.size(); ++i)
        REQUIRE(received[i] == (sent[i] ^ std::byte{0xff}));
}

TEST_CASE("whatever becomes of the process, its parent goes on and says what it was") {
    CHECK(fate_of(&answer) == "answered");
    CHECK(fate_of([](int) { std::raise(SIGSEGV); }).starts_with("ended with signal 11"));
    CHECK(fate_of([](int) { std::abort(); }).starts_with("ended with signal 6"));
    CHECK(fate_of([](int) {}) == "ended before it had answered");
    CHECK(fate_of([](int) { throw std::runtime_error("unseen"); }) ==
          "ended before it had answered");
    CHECK(fate_of([](int) {
              for (std::atomic<int> i = 0;; ++i) {
              }
          }) == "did not come to an end in 0.3 s");
    GuardedProcess::Limits impatient = short_limits();
    impatient.quiet_s = 0.6;
    CHECK(fate_of([](int) { pause(); }, impatient) == "did not answer for 0.6 s");
}

TEST_CASE("the process cannot take more memory than it is given") {
    auto takes = [](std::size_t bytes) {
        return [bytes](int socket) {
            if (mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
                MAP_FAILED)
                answer(socket);
        };
    };
    CHECK(fate_of(takes(std::size_t{32} << 20)) == "answered");
    CHECK(fate_of(takes(std::size_t{128} << 20)) == "ended before it had answered");
}

TEST_CASE("a process that waits for its parent ends with it") {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    {
        GuardedProcess process(
            [&](int) {
                close(ends[0]);
                pause();
            },
            {});
    }
    close(ends[1]);
    char none = 0;
    CHECK(read(ends[0], &none, 1) == 0);  // nobody holds the writing end any more
    close(ends[0]);
}
