// Which plugin this thread is in: what it throws over the C interface becomes a failure with its
// name, and where it crashes, the program's last words name it.
#pragma once

#include <exception>
#include <string>

namespace synfire {

// Held while a plugin runs; name: its id, or its file while that is loaded. It has to outlive this.
class InPlugin {
  public:
    explicit InPlugin(const char* name) : before_(current) { current = name; }
    ~InPlugin() { current = before_; }
    InPlugin(const InPlugin&) = delete;
    InPlugin& operator=(const InPlugin&) = delete;

    // Of this thread; null outside of plugins.
    static thread_local constinit const char* current;

  private:
    const char* before_;
};

// From now on a signal, or a call of exit, that ends this process while it is in a plugin says so
// on standard error and ends it with exit status 1.
void name_crashing_plugins();

// The exception that is being handled, which came out of a plugin's call: a PluginError with the
// plugin's id.
[[noreturn]] void throw_over_interface(const char* id);

}  // namespace synfire
