#include "conformance/guarded_array.hpp"

#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <stdexcept>

#include "conformance/check.hpp"
#include "conformance/scene.hpp"

namespace synfire::conformance {
namespace {

constexpr std::byte margin{0xa5};

// What a signal handler can read: where each array lies. A place that is free has no map.
struct Place {
    const std::byte *map, *end_of_map, *begin, *end;
    const char* name;
    const char* rule;  // what may be done with the array itself
};
constexpr std::size_t most_places = 4096;
std::array<Place, most_places> places;

Place* place_of(const std::byte* map) {
    for (Place& place : places)
        if (place.map == map) return &place;
    return nullptr;
}

std::size_t page_bytes() {
    return static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

// Signal-safe but for snprintf, which formats no floating-point numbers here.
void explain(int signal, siginfo_t* info, void*) {
    const auto* const at = static_cast<const std::byte*>(info->si_addr);
    char words[300];
    for (const Place& place : places) {
        if (!place.map || at < place.map || at >= place.end_of_map) continue;
        if (at >= place.begin && at < place.end)
            std::snprintf(words, sizeof words, "it touches byte %zu of %s, which %s",
                          static_cast<std::size_t>(at - place.begin), place.name, place.rule);
        else if (at >= place.end)
            std::snprintf(words, sizeof words, "it goes beyond %s: %zu bytes behind its end",
                          place.name, static_cast<std::size_t>(at - place.end) + 1);
        else
            std::snprintf(words, sizeof words, "it goes beyond %s: %zu bytes before its beginning",
                          place.name, static_cast<std::size_t>(place.begin - at));
        if (Scene::current()) Scene::current()->say(words);
        break;
    }
    std::signal(signal, SIG_DFL);
    raise(signal);
}

}  // namespace

GuardedBytes::GuardedBytes(std::string name, std::size_t bytes)
    : name_(std::move(name)), size_(bytes) {
    const std::size_t page = page_bytes();
    const std::size_t pages = (bytes + page - 1) / page * page + (bytes == 0 ? page : 0);
    mapped_ = pages + 2 * page;
    void* const memory =
        mmap(nullptr, mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    map_ = static_cast<std::byte*>(memory);
    pages_ = map_ + page;
    begin_ = pages_ + pages - (bytes + 63) / 64 * 64;
    Place* const place = place_of(nullptr);
    if (!place) throw std::logic_error("more guarded arrays than there are places");
    *place = {map_, map_ + mapped_, begin_, begin_ + size_, name_.c_str(), ""};
    open();
    std::memset(pages_, static_cast<int>(margin), pages);
    std::memset(begin_, 0, size_);
}

GuardedBytes::~GuardedBytes() {
    if (Place* const place = place_of(map_)) *place = {};
    munmap(map_, mapped_);
}

void GuardedBytes::protect(int how, const char* rule) {
    const std::size_t page = page_bytes();
    if (mprotect(pages_, mapped_ - 2 * page, how) != 0)
        throw std::runtime_error("pages cannot be protected");
    if (Place* const place = place_of(map_)) place->rule = rule;
}

void GuardedBytes::seal() {
    protect(PROT_READ, "is not to be written");
}
void GuardedBytes::close() {
    protect(PROT_NONE, "is no longer valid");
}
void GuardedBytes::open() {
    protect(PROT_READ | PROT_WRITE, "may be written");
}

void GuardedBytes::require_margins() const {
    auto require = [&](const std::byte* from, const std::byte* to, const char* where) {
        for (const std::byte* at = from; at < to; ++at)
            if (*at != margin) throw Fault(fmt::format("it writes {} {}", where, name_));
    };
    require(pages_, begin_, "before the beginning of");
    require(begin_ + size_, map_ + mapped_ - page_bytes(), "behind the end of");
}

void explain_memory_faults() {
    // A stack of its own, should the plugin's have run out.
    static std::byte stack[1 << 16];
    stack_t other{};
    other.ss_sp = stack;
    other.ss_size = sizeof stack;
    sigaltstack(&other, nullptr);
    struct sigaction action {};
    action.sa_sigaction = &explain;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    for (const int signal : {SIGSEGV, SIGBUS}) sigaction(signal, &action, nullptr);
}

}  // namespace synfire::conformance
