// Throws over the C interface at each tick.
#include <stdexcept>

#include "sound.h"

static synfire_status advance(const void*, synfire_neuron_slice*) {
    throw std::runtime_error("out of ideas");
}
HOSTILE_NEURON(sound_create, sound_destroy, advance)
