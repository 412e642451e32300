/* Keeps its contract. */
#include "sound.h"

HOSTILE_LAZY_NEURON(sound_create, sound_destroy, sound_advance, sound_decay, sound_alone)
