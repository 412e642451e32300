/* The binary interface between Synfire and its plugins: C linkage, no C++ types, no exceptions.
 *
 * A plugin is a shared object that exports one function, SYNFIRE_ENTRY, whose name carries the
 * major version of this interface, so a host can tell from the symbol table alone whether it
 * speaks the same language, before any code of the plugin runs. The function returns the
 * plugin's tables, which must stay valid and unchanged until the process ends; libraries are
 * never unloaded.
 *
 * What always holds:
 *  - every struct begins with its size in bytes as its author compiled it; structs only grow at
 *    their end; a reader touches a field only when size says that it is there, takes one that is
 *    not for 0, and walks an array of structs by the size of its first;
 *  - the host owns all state: columns of one element type, aligned to 64 bytes, allocated,
 *    reset, saved and recorded by the host from the variables that a descriptor declares;
 *  - a plugin's instance holds derived constants only and is immutable after create;
 *  - results depend on nothing but parameters, state, the slice's contents and the tick; calling
 *    with one slice or with its parts gives identical bits.
 *
 * Thread contract, stated beside each function:
 *  [setup] one thread at a time for the instance, no run active;
 *  [run]   any thread, concurrently for one instance with different state;
 *  [any]   any time, any thread.
 */
#ifndef SYNFIRE_ABI_H
#define SYNFIRE_ABI_H

#include <stddef.h>
#include <stdint.h>

#define SYNFIRE_ABI_MAJOR 2
#define SYNFIRE_ABI_MINOR 0
/* Major in the upper 16 bits, minor in the lower. */
#define SYNFIRE_ABI_MAKE(major, minor) (((uint32_t)(major) << 16) | (uint32_t)(minor))
#define SYNFIRE_ABI_VERSION SYNFIRE_ABI_MAKE(SYNFIRE_ABI_MAJOR, SYNFIRE_ABI_MINOR)
#define SYNFIRE_ABI_MAJOR_OF(version) ((uint32_t)(version) >> 16)
#define SYNFIRE_ABI_MINOR_OF(version) ((uint32_t)(version)&0xffffu)

/* The exported symbol: this prefix and the major version. */
#define SYNFIRE_ENTRY_PREFIX "synfire_plugin_entry_"
#define SYNFIRE_ENTRY synfire_plugin_entry_2

#if defined(__GNUC__)
#define SYNFIRE_EXPORT __attribute__((visibility("default")))
#else
#define SYNFIRE_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef int32_t synfire_status;
enum {
    SYNFIRE_OK = 0,
    SYNFIRE_FAILED = 1 /* the reason has been given to synfire_host.report */
};

enum { SYNFIRE_REPORT_WARNING = 1, SYNFIRE_REPORT_ERROR = 2 };

/* What the host offers a plugin. */
typedef struct synfire_host {
    uint32_t size;
    uint32_t abi_version; /* the host's SYNFIRE_ABI_VERSION */
    void* context;        /* handed back in report */
    /* [any] Hands one sentence (UTF-8) to whoever called the plugin. */
    void (*report)(void* context, int32_t severity, const char* message);
    /* [setup] The host's extension of that id ("name/revision"), or NULL. */
    const void* (*extension)(void* context, const char* id);
} synfire_host;

/* ---- descriptors ------------------------------------------------------------------------ */

enum { SYNFIRE_REAL = 1, SYNFIRE_INTEGER = 2, SYNFIRE_BOOLEAN = 3, SYNFIRE_CHOICE = 4 };
enum { SYNFIRE_OPEN_MIN = 1, SYNFIRE_OPEN_MAX = 2 }; /* the bound itself is not allowed */

/* A parameter. Values are handed to create as one double each, in the descriptor's order:
 * booleans as 0 or 1, choices as the index into `choices`. */
typedef struct synfire_parameter {
    uint32_t size;
    uint32_t type;
    uint32_t flags;
    uint32_t choice_count;
    const char* name;
    const char* unit; /* "" where there is none */
    const char* doc;  /* one line */
    const char* const* choices;
    double default_value; /* of a choice: its index */
    double min, max;      /* of reals and integers; infinities allowed */
} synfire_parameter;

enum { SYNFIRE_F32 = 1, SYNFIRE_F64 = 2, SYNFIRE_I32 = 3, SYNFIRE_U32 = 4 };
enum {
    SYNFIRE_PER_NEURON = 1, /* neurons: one element a neuron */
    SYNFIRE_PER_PRE = 2,    /* rules and releases: one element a source neuron */
    SYNFIRE_PER_POST = 3,   /* rules: one element a target neuron */
    SYNFIRE_PER_PROJECTION = 4,
    SYNFIRE_PER_SYNAPSE = 5 /* rules that write weights: one element a synapse */
};
enum {
    /* Neurons: survives from one sample to the next while a network is trained, and is saved with
     * it; a run without training begins with what training has left. */
    SYNFIRE_VARIABLE_KEPT = 1
};

/* A state variable: one column, or `count` columns behind one another, each padded to a
 * multiple of 16 elements, where count is the value of the integer parameter `count_parameter`
 * (an index into the parameters) or 1 where that is negative. */
typedef struct synfire_variable {
    uint32_t size;
    uint32_t dtype;
    uint32_t scope;
    int32_t count_parameter;
    const char* name;
    const char* unit;
    const char* doc;
    double initial; /* value at the start of a run or of a sample */
    uint32_t flags; /* SYNFIRE_VARIABLE_... */
    uint32_t reserved;
} synfire_variable;

typedef struct synfire_description {
    uint32_t size;
    uint32_t parameter_count;
    uint32_t variable_count;
    uint32_t reserved;
    const char* id;      /* what a network file says: lower case, digits, underscore */
    const char* version; /* of the model, "1.0.0" */
    const char* doc;     /* one line */
    const synfire_parameter* parameters;
    const synfire_variable* variables;
} synfire_description;

/* ---- neurons ---------------------------------------------------------------------------- */

enum {
    SYNFIRE_NEURON_SPIKES = 1, /* fires; without it the neuron's output is its first variable */
    SYNFIRE_NEURON_PSI = 2,    /* has a secondary activation (surrogate gradient) */
    SYNFIRE_NEURON_ADJOINT_STATE = 4, /* adjoint reads the state before the tick and the input */
    /* Its input is summed in double precision: input64 in place of input. */
    SYNFIRE_NEURON_INPUT_F64 = 8,
    /* With INPUT_F64: input64 holds what came through positive weights alone, and
     * inhibitory64 what came through negative ones. */
    SYNFIRE_NEURON_SIGNED_INPUT = 16,
    /* Fires by itself and takes no input: neither synapses nor noise may lead to it. */
    SYNFIRE_NEURON_SOURCE = 32
};

/* When a neuron may fire at a tick at which it receives nothing. */
enum {
    SYNFIRE_ALONE_NEVER = 0,
    SYNFIRE_ALONE_AFTER_SPIKE = 1, /* at the ticks after one at which it has fired */
    SYNFIRE_ALONE_ALWAYS = 2       /* whenever: from the initial state on, or driven by a current */
};

/* Some neurons of one population at one tick. Without `index` they are the elements 0..count-1
 * of every array; with it, element index[k] of every array for k < count, ascending. */
typedef struct synfire_neuron_slice {
    uint32_t size;
    uint32_t count;
    int64_t tick;
    const uint32_t* index;
    void* const* state;   /* columns in the order of the variables */
    const float* input;   /* summed synaptic input of this tick; NULL in decay */
    float* psi;           /* out, NULL where nobody asks: Psi of this tick, before the reset */
    uint32_t* spikes;     /* out: element numbers of those that fired, ascending; room for count */
    uint32_t spike_count; /* out */
    /* */
    uint32_t first;             /* number in the population of element 0 */
    uint64_t seed;              /* for random numbers, keyed by this, first + element, and tick */
    const double* input64;      /* NULL without SYNFIRE_NEURON_INPUT_F64 */
    const double* inhibitory64; /* NULL without SYNFIRE_NEURON_SIGNED_INPUT */
} synfire_neuron_slice;

/* A whole population at one tick, backward in time: derivatives of the loss L, with Psi for the
 * derivative of a spike, and none through the reset's spike. */
typedef struct synfire_neuron_adjoint {
    uint32_t size;
    uint32_t count;
    int64_t tick;
    const float* signal;   /* dL / d output of this tick: the spike, or the first variable */
    const float* psi;      /* what advance gave; NULL where the neuron has none */
    const float* fired;    /* 1 where it fired, else 0; NULL where the neuron never does */
    const float* input;    /* of this tick, NULL with SYNFIRE_NEURON_INPUT_F64; and */
    void* const* before;   /* the state before it; NULL without SYNFIRE_NEURON_ADJOINT_STATE */
    float* const* carry;   /* in: dL / d state after the tick; out: before it; one array of
                            * floats a variable */
    float* input_gradient; /* out: dL / d input of this tick; with SIGNED_INPUT of input64 */
    /* Out: dL / d inhibitory64; NULL without SYNFIRE_NEURON_SIGNED_INPUT. */
    float* inhibitory_gradient;
} synfire_neuron_adjoint;

typedef struct synfire_neuron {
    uint32_t size;
    uint32_t flags;
    const synfire_description* description;
    /* [setup] dt_ms: one tick in milliseconds. */
    synfire_status (*create)(const synfire_host* host, const double* parameters, double dt_ms,
                             void** instance);
    /* [setup] */
    void (*destroy)(void* instance);
    /* [run] One tick: integrate the input, compare with the threshold, reset. */
    synfire_status (*advance)(const void* instance, synfire_neuron_slice* slice);
    /* [run] NULL, or the closed form of ticks[k] ticks without input of neuron index[k], in none
     * of which it fires: at most as many as silent_ticks says. The host uses it only where
     * fires_alone is there as well. */
    synfire_status (*decay)(const void* instance, synfire_neuron_slice* slice,
                            const uint32_t* ticks);
    /* [run] NULL, or what back-propagation through time needs. */
    synfire_status (*adjoint)(const void* instance, synfire_neuron_adjoint* slice);
    /* [any] When a neuron with these parameters may fire at a tick without input:
     * SYNFIRE_ALONE_... */
    uint32_t (*fires_alone)(const void* instance);
    /* [run] Where fires_alone is not SYNFIRE_ALONE_NEVER: ticks[k] = for how many coming
     * ticks without input neuron index[k] does not fire for certain, UINT32_MAX: for ever. A number
     * that is too small costs a visit, one that is too large a spike. State is not changed. */
    synfire_status (*silent_ticks)(const void* instance, const synfire_neuron_slice* slice,
                                   uint32_t* ticks);
    /* [setup] NULL, or as create, with values for each of `count` neurons: parameters[p][i] is
     * parameter p of neuron i. The instance is for the whole population: neuron first + element of
     * a slice, element of an adjoint. Slices have no index then, and decay and silent_ticks are not
     * called. A parameter that counts columns of a variable is the same for all. */
    synfire_status (*create_each)(const synfire_host* host, const double* const* parameters,
                                  uint32_t count, double dt_ms, void** instance);
} synfire_neuron;

/* ---- learning rules --------------------------------------------------------------------- */

/* Where an instance of a rule stands: one projection, or, with SYNFIRE_RULE_JOINS, several. To a
 * rule that learns backward, a neuron with SYNFIRE_NEURON_SIGNED_INPUT is two elements over post,
 * one for each of its inputs: those for weights that are not below 0 come first, padded to a
 * multiple of 16, then the others, so that post_count is twice that. Each weight takes its gradient
 * from the element of its present sign. */
typedef struct synfire_rule_site {
    uint32_t size;
    uint32_t pre_count;
    uint32_t post_count;
    uint32_t post_spikes; /* 0: the target is a readout, its Psi is 1 */
    double dt_ms;
} synfire_rule_site;

/* The only ways a rule writes a gradient. They know the topology; a rule does not. row and post are
 * arrays over post: post_count elements, padded with zeros to a multiple of 16 and aligned to 64
 * bytes. The host copies them and may add later, many at once. */
typedef struct synfire_rule_primitives {
    uint32_t size;
    uint32_t reserved;
    /* [run] Row j of the gradient += row, for each source neuron j of the list. */
    void (*add_row)(void* target, const uint32_t* sources, uint32_t count, const float* row);
    /* [run] Row j of the gradient += scale[j] * row, for every source neuron j. */
    void (*add_outer)(void* target, const float* scale, const float* row);
    /* [run] gradient of the bias += post; nothing where the projection has no bias. */
    void (*add_bias)(void* target, const float* post);
    /* [run] A row over target neurons, padded, with any content: to be filled and handed to
     * add_row, which then has nothing to copy. It is valid until the next call of add_row,
     * add_outer, new_row or a function below. */
    float* (*new_row)(void* target);
    /* [run] As add_row, which also counts the source neurons; a NULL row stands for zeros. Then:
     * row j of the gradient += n * row, where n is how often source neuron j has been counted since
     * the last call. Cheaper than add_outer with a count of spikes: pending rows are changed in
     * place. */
    void (*add_counted_row)(void* target, const uint32_t* sources, uint32_t count,
                            const float* row);
    void (*add_outer_of_counts)(void* target, const float* row);
} synfire_rule_primitives;

typedef struct synfire_rule_context {
    uint32_t size;
    uint32_t reserved;
    void* const* state; /* columns in the order of the variables */
    const synfire_rule_primitives* primitives;
    void* target; /* first argument of the primitives */
} synfire_rule_context;

/* How a rule writes, and what it needs. */
enum {
    /* Learns backward: when a sample, or a stretch of it, is over, on_tick is called for its ticks
     * from the last to the first, with the derivative of the loss to the target's input as the
     * signal and without Psi. */
    SYNFIRE_RULE_BACKWARD = 1,
    /* Changes weights at once, from spikes and modulators: row and post_spike are called in place
     * of on_tick and on_window_end. Without it, the rule writes a gradient, which an optimiser
     * follows. */
    SYNFIRE_RULE_WRITES_WEIGHTS = 2,
    /* What it adds for a source neuron depends on that neuron's spikes, on psi and on the signal
     * alone, not on other source neurons or their number: the host may let one instance see several
     * projections onto one population as one, whose source neurons it numbers through. */
    SYNFIRE_RULE_JOINS = 4,
    /* A projection onto neurons that never spike has nothing for it to learn from. */
    SYNFIRE_RULE_NEEDS_TARGET_SPIKES = 8,
    /* Of rules that write weights: one of the projection's modulators has to be named. */
    SYNFIRE_RULE_NEEDS_MODULATOR = 16,
    /* With BACKWARD: no derivative passes from a neuron through time to another one. The signal is
     * the error at the readout's input, brought to a population in space alone, at the same tick,
     * and then carried back through time by each neuron's own dynamics. */
    SYNFIRE_RULE_LOCAL = 32,
    /* Of rules that write weights and have no variable of scope PER_SYNAPSE: nothing changes a
     * synapse before the first spike of its target. The host may then leave such synapses out of a
     * row. */
    SYNFIRE_RULE_IDLE_WITHOUT_TARGET = 64,
    /* Of rules that write weights: none passes 0. Where the host adds up what a rule has changed in
     * several samples or at several synapses that share a weight, it stops there, too. A 0 that the
     * rule writes tells by its own sign whence it came. */
    SYNFIRE_RULE_KEEPS_SIGN = 128
};

/* The synapses of one source neuron, to be brought up to date at a spike of it, or in between.
 * Synapse k leads to element targets[k] of the history. With a delay of 0, a target's spike reaches
 * the synapse one tick later, as with a delay of 1. Variables are SYNFIRE_F32. */
typedef struct synfire_plastic_row {
    uint32_t size;
    uint32_t count;
    int32_t tick; /* of the spike, at the source */
    int32_t
        last_tick; /* up to which the row is up to date; what happened after it has not been seen */
    int32_t delay; /* ticks from a target's spike to its effect on the synapse, at least 1 */
    uint32_t spike; /* 0: the source does not fire at tick; only what else happened is to be seen */
    const uint32_t* targets;
    float* weights; /* in and out */
    /* In and out, by variable: PER_PRE, the source's element, as of just after last_tick, then of
     * just after tick; PER_SYNAPSE, an array over the synapses; NULL for others. */
    float* const* state;
    /* Each target's spikes, the last first: post_ticks[n * stride + i] is the tick of the n-th last
     * of target i, or a number below every tick. post_state[v], of variable v of scope PER_POST, is
     * laid out alike: its value just after that spike; NULL for others. */
    uint32_t depth;
    uint32_t modulator_count;
    size_t stride;
    const int32_t* post_ticks;
    const float* const* post_state;
    /* Events of the modulator in (last_tick, tick], ascending: what it released at which tick. */
    const int32_t* modulator_ticks;
    const float* modulator_values;
    uint32_t variable_count; /* of state and post_state */
    uint32_t reserved;
} synfire_plastic_row;

/* One tick of a projection, after every population has been advanced. */
typedef struct synfire_rule_tick {
    uint32_t size;
    uint32_t arrival_count;
    int64_t tick;
    const uint32_t* arrivals; /* source neurons whose spike arrives at this tick, ascending */
    const float* psi;         /* over post; NULL for a readout */
    const float* signal;      /* learning signal over post; NULL outside the learning window */
} synfire_rule_tick;

typedef struct synfire_rule {
    uint32_t size;
    uint32_t flags;
    const synfire_description* description;
    /* [setup] */
    synfire_status (*create)(const synfire_host* host, const double* parameters,
                             const synfire_rule_site* site, void** instance);
    /* [setup] */
    void (*destroy)(void* instance);
    /* [run] */
    synfire_status (*on_tick)(const void* instance, synfire_rule_context* context,
                              const synfire_rule_tick* tick);
    /* [run] After the last tick of a sample: write whatever is still held back. */
    synfire_status (*on_window_end)(const void* instance, synfire_rule_context* context);
    /* [any] Of a rule that learns backward: the most ticks that it wants to be kept and
     * gone back through at once; 0, or NULL here: the whole sample. */
    uint32_t (*horizon)(const void* instance);
    /* Of rules that write weights. */
    /* [run] */
    synfire_status (*row)(const void* instance, synfire_plastic_row* row);
    /* [run] A target fires, `ticks` ticks after its last spike (UINT32_MAX: its first): values[v],
     * of the v-th variable of scope PER_POST, in: just after the spike before; out: just after
     * this. */
    void (*post_spike)(const void* instance, float* values, uint32_t ticks);
    /* [any] After so many ticks a spike has no more effect on what comes. */
    uint32_t (*memory)(const void* instance);
    /* [any] The lowest and the highest weight that the rule begins with and ever makes;
     * infinities allowed. The host refuses a projection with an initial weight outside. NULL: any
     * weight. */
    synfire_status (*weight_range)(const void* instance, double* low, double* high);
    /* [any] NULL, or what the weights that lead to a neuron are scaled to sum to, by size and
     * within the range, whenever a batch has changed any of them; 0: they are not. */
    double (*weight_sum)(const void* instance);
} synfire_rule;

/* ---- releases ---------------------------------------------------------------------------- */

/* Spikes that arrive through one projection at one tick: of source neurons sources[k], k < count,
 * ascending, each the element of that number of every column. */
typedef struct synfire_release_spikes {
    uint32_t size;
    uint32_t count;
    const uint32_t* sources;
    const uint32_t* ticks; /* since that source's last spike; UINT32_MAX: its first */
    void* const* state;    /* columns in the order of the variables, SYNFIRE_PER_PRE */
    double* factors;       /* out: what the weight of each spike is multiplied by */
} synfire_release_spikes;

/* Short-term plasticity: what part of its weight a spike delivers, from the history of its source
 * alone. */
typedef struct synfire_release {
    uint32_t size;
    uint32_t flags; /* 0 */
    const synfire_description* description;
    /* [setup] dt_ms: one tick in milliseconds. */
    synfire_status (*create)(const synfire_host* host, const double* parameters, double dt_ms,
                             void** instance);
    /* [setup] */
    void (*destroy)(void* instance);
    /* [run] */
    synfire_status (*release)(const void* instance, synfire_release_spikes* spikes);
} synfire_release;

/* ---- losses ------------------------------------------------------------------------------ */

enum {
    /* Which readouts it can judge: populations that never spike, whose output is their first
     * variable, and populations that do, whose output is 1 where a neuron fires and else 0. */
    SYNFIRE_LOSS_OF_VALUES = 1,
    SYNFIRE_LOSS_OF_SPIKES = 2,
    /* Which targets it takes: the number of the output that is right, and values, one an output
     * and tick. */
    SYNFIRE_LOSS_TAKES_CLASS = 4,
    SYNFIRE_LOSS_TAKES_VALUES = 8,
    /* It is judged by the grey pictures with which a sample begins and ends, or by its events. Both
     * ask for a readout with a shape, of as many rows and columns as the input. */
    SYNFIRE_LOSS_TAKES_FRAMES = 16,
    SYNFIRE_LOSS_TAKES_EVENTS = 32
};

/* What an instance of a loss looks at. */
enum {
    SYNFIRE_LOSS_EACH_TICK = 0, /* each tick by itself: the loss of a window is their sum */
    SYNFIRE_LOSS_OF_SUM = 1,    /* the sum of the outputs over the window */
    SYNFIRE_LOSS_OF_WINDOW = 2  /* the outputs of all ticks of the window */
};

/* The readout that an instance of a loss judges. */
typedef struct synfire_loss_site {
    uint32_t size;
    uint32_t outputs;
    uint32_t window_ticks; /* that have a learning signal, of a whole sample */
    uint32_t spikes;       /* 0: the readout never spikes */
    double dt_ms;
    /* How the outputs lie on a map, output = (row * columns + column) * channels + channel; 0 where
     * they do not. */
    uint32_t channels, rows, columns;
    uint32_t input_channels; /* of the input's map; 0 where it has none */
} synfire_loss_site;

/* Output over the learning window and target in, loss and error out. The window is that of a
 * sample, or its part in a stretch that a rule which learns backward asks for; a rule that learns
 * forward, which cannot know what comes, has the window end with each of its ticks in turn, and is
 * given the error of that tick. Row k of an array begins at element k * stride. */
typedef struct synfire_loss_window {
    uint32_t size;
    uint32_t outputs;
    uint32_t ticks; /* of the window, up to now */
    uint32_t rows;  /* of output, target and error: one a tick; with OF_SUM one, their sum */
    size_t stride;
    const float* output;
    const float* target; /* as output; NULL where the target is a class, */
    uint32_t label;      /* which this is; UINT32_MAX where it is not */
    uint32_t reserved;
    float* error; /* out: derivative of the loss to the output of each tick; with OF_SUM, of any */
    double loss;  /* out */
    /* Of a target of values: row k of it begins at element k * target_stride. */
    size_t target_stride;
    const float* mask;   /* by pixel: 1 where the target's values count, else 0; NULL: all do */
    const float* frames; /* by pixel: grey value before and after, 0 to 1; NULL where there are
                          * none */
    /* The sample's events, by tick: neurons of the input and ticks from 0 on; NULL without
     * SYNFIRE_LOSS_TAKES_EVENTS. */
    const uint32_t* event_neurons;
    const uint32_t* event_ticks;
    uint32_t event_count;
    uint32_t sample_ticks;
} synfire_loss_window;

typedef struct synfire_loss {
    uint32_t size;
    uint32_t flags;
    const synfire_description* description; /* without variables */
    /* [setup] */
    synfire_status (*create)(const synfire_host* host, const double* parameters,
                             const synfire_loss_site* site, void** instance);
    /* [setup] */
    void (*destroy)(void* instance);
    /* [any] SYNFIRE_LOSS_EACH_TICK, OF_SUM or OF_WINDOW. */
    uint32_t (*scope)(const void* instance);
    /* [run] */
    synfire_status (*evaluate)(const void* instance, synfire_loss_window* window);
} synfire_loss;

/* ---- the library ------------------------------------------------------------------------ */

typedef struct synfire_plugin {
    uint32_t size;
    uint32_t abi_version;  /* SYNFIRE_ABI_VERSION the plugin was compiled with */
    uint32_t min_host_abi; /* oldest host it works with */
    uint32_t neuron_count;
    uint32_t rule_count;
    uint32_t release_count;
    const synfire_neuron* const* neurons;
    const synfire_rule* const* rules;
    const synfire_release* const* releases;
    const synfire_loss* const* losses;
    uint32_t loss_count;
    uint32_t reserved;
} synfire_plugin;

/* [setup] The plugin's tables. */
typedef const synfire_plugin* (*synfire_entry_function)(void);
SYNFIRE_EXPORT const synfire_plugin* SYNFIRE_ENTRY(void);

#ifdef __cplusplus
}
#endif

#endif
