/* Changes the parameter values that it is handed. */
#include "sound.h"

static synfire_status create(const synfire_host* host, const double* parameters, double dt_ms,
                             void** instance) {
    ((double*)parameters)[0] = 7;
    return sound_create(host, parameters, dt_ms, instance);
}
HOSTILE_NEURON(create, sound_destroy, sound_advance)
