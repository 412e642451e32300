#include "plugins/in_plugin.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "base/atomic_file.hpp"
#include "plugins/instance.hpp"

namespace synfire {

thread_local constinit const char* InPlugin::current = nullptr;

namespace {

// Nothing is allocated.
[[noreturn]] void end_with_words(const char* what) {
    char words[600];
    const int length =
        std::snprintf(words, sizeof words,
                      "error: plugin '%s' has %s. 'synfire plugin check FILE.so' says more.\n",
                      InPlugin::current, what);
    if (length > 0) {
        const auto bytes = static_cast<std::size_t>(length);
        [[maybe_unused]] const auto written =
            ::write(STDERR_FILENO, words, bytes < sizeof words ? bytes : sizeof words - 1);
    }
    remove_unfinished();
    ::_exit(1);
}

void say_which_plugin(int signal) {
    std::signal(signal, SIG_DFL);
    if (!InPlugin::current) {
        raise(signal);
        return;
    }
    char what[40];
    std::snprintf(what, sizeof what, "crashed (signal %d)", signal);
    end_with_words(what);
}

}  // namespace

void name_crashing_plugins() {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // which say more themselves
    // A stack of its own for the first thread, should the plugin's have run out.
    static char stack[1 << 16];
    stack_t other{};
    other.ss_sp = stack;
    other.ss_size = sizeof stack;
    sigaltstack(&other, nullptr);
    struct sigaction action {};
    action.sa_handler = &say_which_plugin;
    action.sa_flags = SA_ONSTACK;
    for (const int signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT})
        sigaction(signal, &action, nullptr);
    std::atexit([] {
        if (InPlugin::current) end_with_words("ended the program");
    });
#endif
}

void throw_over_interface(const char* id) {
    try {
        throw;
    } catch (const PluginError&) {
        throw;
    } catch (const std::exception& error) {
        throw PluginError(
            fmt::format("plugin '{}' failed: an exception comes out of it over the C interface: {}",
                        id, error.what()));
    } catch (...) {
        throw PluginError(fmt::format(
            "plugin '{}' failed: an exception comes out of it over the C interface", id));
    }
}

}  // namespace synfire
