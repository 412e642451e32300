#include "conformance/scene.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <stdexcept>

namespace synfire::conformance {

struct Scene::Shared {
    char call[64];
    char values[400];
    char words[400];
};

namespace {

Scene* the_scene = nullptr;

}  // namespace

Scene::Scene() {
    void* const memory =
        mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) throw std::runtime_error("There is no memory to share.");
    shared_ = static_cast<Shared*>(memory);
    clear();
    the_scene = this;
}

Scene::~Scene() {
    the_scene = nullptr;
    munmap(shared_, sizeof(Shared));
}

void Scene::clear() noexcept {
    shared_->call[0] = shared_->values[0] = shared_->words[0] = '\0';
}

// Of the first thread alone, which the others follow.
void Scene::enter(const char* call) noexcept {
    if (gettid() != getpid()) return;
    std::snprintf(shared_->call, sizeof shared_->call, "%s", call);
}

void Scene::at(const std::string& values) noexcept {
    std::snprintf(shared_->values, sizeof shared_->values, "%s", values.c_str());
}

void Scene::say(const char* words) noexcept {
    if (shared_->words[0] == '\0')
        std::snprintf(shared_->words, sizeof shared_->words, "%s", words);
}

std::string Scene::call() const {
    return shared_->call;
}
std::string Scene::values() const {
    return shared_->values;
}
std::string Scene::words() const {
    return shared_->words;
}

Scene* Scene::current() {
    return the_scene;
}

}  // namespace synfire::conformance
