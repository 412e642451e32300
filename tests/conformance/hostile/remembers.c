/* An instance that counts ticks. */
#include <stdlib.h>

#include "sound.h"

static synfire_status create(const synfire_host* host, const double* parameters, double dt_ms,
                             void** instance) {
    (void)host, (void)parameters, (void)dt_ms;
    *instance = calloc(1, sizeof(int));
    return SYNFIRE_OK;
}
static void destroy(void* instance) {
    free(instance);
}
static synfire_status advance(const void* instance, synfire_neuron_slice* slice) {
    const synfire_status status = sound_advance(instance, slice);
    ((float*)slice->state[0])[0] += (float)++*(int*)instance * 1e-6f;
    return status;
}
HOSTILE_NEURON(create, destroy, advance)
