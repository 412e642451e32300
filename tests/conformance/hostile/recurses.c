/* Calls itself until there is no stack. */
#include "sound.h"

static int deeper(volatile int* depth) {
    volatile char much[4096];
    much[0] = (char)*depth;
    ++*depth;
    return *depth > 0 ? deeper(depth) + much[0] : 0;
}
static synfire_status advance(const void* instance, synfire_neuron_slice* slice) {
    volatile int depth = 0;
    (void)instance;
    slice->spike_count = 0;
    return deeper(&depth) == 1 ? SYNFIRE_OK : SYNFIRE_FAILED;
}
HOSTILE_NEURON(sound_create, sound_destroy, advance)
