/* Crashes before anything of it is asked for. */
#include "sound.h"

__attribute__((constructor)) static void begin(void) {
    *(volatile int*)16 = 1;
}
HOSTILE_NEURON(sound_create, sound_destroy, sound_advance)
