/* Never comes to the end of a tick. */
#include "sound.h"

static synfire_status advance(const void* instance, synfire_neuron_slice* slice) {
    volatile int on = 1;
    (void)instance, (void)slice;
    while (on) {
    }
    return SYNFIRE_OK;
}
HOSTILE_NEURON(sound_create, sound_destroy, advance)
