/* Aborts when an instance is made. */
#include <stdlib.h>

#include "sound.h"

static synfire_status create(const synfire_host* host, const double* parameters, double dt_ms,
                             void** instance) {
    (void)host, (void)parameters, (void)dt_ms, (void)instance;
    abort();
}
HOSTILE_NEURON(create, sound_destroy, sound_advance)
