// What the process in which a plugin is tried leaves for the one that waits for it, should it end
// in the middle: the call that it was in, the parameters,
// and what it had to say. Memory that both share.
#pragma once

#include <string>

namespace synfire::conformance {

class Scene {
  public:
    Scene();
    ~Scene();
    Scene(const Scene&) = delete;
    Scene& operator=(const Scene&) = delete;

    void clear() noexcept;
    // A function of the plugin, or a step of the host; a literal.
    void enter(const char* call) noexcept;
    // With which parameters; "" for the defaults.
    void at(const std::string& values) noexcept;
    // A sentence, of which the first is kept. May be called from a signal handler.
    void say(const char* words) noexcept;

    std::string call() const;
    std::string values() const;
    std::string words() const;

    // The one of this process; null before there is one.
    static Scene* current();

  private:
    struct Shared;
    Shared* shared_;
};

}  // namespace synfire::conformance
