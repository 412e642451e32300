/* Refuses a parameter without a word. */
#include "sound.h"

static synfire_status create(const synfire_host* host, const double* parameters, double dt_ms,
                             void** instance) {
    sound_create(host, parameters, dt_ms, instance);
    return parameters[0] > 8 ? SYNFIRE_FAILED : SYNFIRE_OK;
}
HOSTILE_NEURON(create, sound_destroy, sound_advance)
