/* Opens a file at each tick. */
#include <fcntl.h>

#include "sound.h"

static synfire_status advance(const void* instance, synfire_neuron_slice* slice) {
    open("/dev/null", O_RDONLY);
    return sound_advance(instance, slice);
}
HOSTILE_NEURON(sound_create, sound_destroy, advance)
