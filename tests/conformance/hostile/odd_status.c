/* Answers with a status that there is not. */
#include "sound.h"

static synfire_status create(const synfire_host* host, const double* parameters, double dt_ms,
                             void** instance) {
    (void)host, (void)parameters, (void)dt_ms, (void)instance;
    return 7;
}
HOSTILE_NEURON(create, sound_destroy, sound_advance)
