/* A neuron that keeps its contract, in C, of which hostile ones change a piece. */
#ifndef SYNFIRE_TESTS_SOUND_H
#define SYNFIRE_TESTS_SOUND_H

#include <synfire/abi.h>

#ifdef __cplusplus
#define SOUND_FUNCTION [[maybe_unused]] static
#else
#define SOUND_FUNCTION __attribute__((unused)) static
#endif

SOUND_FUNCTION synfire_status sound_create(const synfire_host* host, const double* parameters,
                                           double dt_ms, void** instance) {
    (void)host, (void)parameters, (void)dt_ms;
    *instance = 0;
    return SYNFIRE_OK;
}
SOUND_FUNCTION void sound_destroy(void* instance) {
    (void)instance;
}
SOUND_FUNCTION synfire_status sound_advance(const void* instance, synfire_neuron_slice* slice) {
    float* const u = (float*)slice->state[0];
    (void)instance;
    slice->spike_count = 0;
    for (uint32_t k = 0; k < slice->count; ++k) {
        const uint32_t i = slice->index ? slice->index[k] : k;
        u[i] = 0.5f * u[i] + slice->input[i];
        if (!(u[i] > 1)) continue;
        u[i] = 0;
        slice->spikes[slice->spike_count++] = i;
    }
    return SYNFIRE_OK;
}
SOUND_FUNCTION synfire_status sound_decay(const void* instance, synfire_neuron_slice* slice,
                                          const uint32_t* ticks) {
    float* const u = (float*)slice->state[0];
    (void)instance;
    for (uint32_t k = 0; k < slice->count; ++k) {
        const uint32_t i = slice->index ? slice->index[k] : k;
        for (uint32_t t = 0; t < ticks[k] && u[i] != 0; ++t) u[i] *= 0.5f;
    }
    return SYNFIRE_OK;
}
SOUND_FUNCTION uint32_t sound_alone(const void* instance) {
    (void)instance;
    return SYNFIRE_ALONE_NEVER;
}

static const synfire_parameter sound_parameters[] = {
    {sizeof(synfire_parameter), SYNFIRE_REAL, 0, 0, "tau", "ms", "time constant", 0, 5, 1, 10}};
static const synfire_variable sound_variables[] = {
    {sizeof(synfire_variable), SYNFIRE_F32, SYNFIRE_PER_NEURON, -1, "u", "", "potential", 0, 0, 0}};

#define SOUND_DESCRIPTION(ID)                                                             \
    {                                                                                     \
        sizeof(synfire_description), 1, 1, 0, ID, "1.0.0", "for tests", sound_parameters, \
            sound_variables                                                               \
    }

/* The whole of a library with one neuron, called `hostile`. */
#define HOSTILE_NEURON(CREATE, DESTROY, ADVANCE) HOSTILE_LAZY_NEURON(CREATE, DESTROY, ADVANCE, 0, 0)
#define HOSTILE_LAZY_NEURON(CREATE, DESTROY, ADVANCE, DECAY, ALONE)              \
    static const synfire_description description = SOUND_DESCRIPTION("hostile"); \
    static const synfire_neuron neuron = {sizeof(synfire_neuron),                \
                                          SYNFIRE_NEURON_SPIKES,                 \
                                          &description,                          \
                                          CREATE,                                \
                                          DESTROY,                               \
                                          ADVANCE,                               \
                                          DECAY,                                 \
                                          0,                                     \
                                          ALONE,                                 \
                                          0,                                     \
                                          0};                                    \
    static const synfire_neuron* const neurons[] = {&neuron};                    \
    static const synfire_plugin plugin = {sizeof(synfire_plugin),                \
                                          SYNFIRE_ABI_VERSION,                   \
                                          SYNFIRE_ABI_VERSION,                   \
                                          1,                                     \
                                          0,                                     \
                                          0,                                     \
                                          neurons,                               \
                                          0,                                     \
                                          0,                                     \
                                          0,                                     \
                                          0,                                     \
                                          0};                                    \
    const synfire_plugin* SYNFIRE_ENTRY(void) {                                  \
        return &plugin;                                                          \
    }

#endif
