// Throws where nothing may be thrown.
#include <stdexcept>

#include "sound.h"

static synfire_status think() {
    throw std::runtime_error("out of ideas");
}
static synfire_status advance(const void*, synfire_neuron_slice*) noexcept {
    return think();
}
HOSTILE_NEURON(sound_create, sound_destroy, advance)
