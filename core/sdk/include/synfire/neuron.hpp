// Writing a neuron model: a class whose base names the element types of its state variables.
//
//   class Lif : public synfire::sdk::Neuron<float> {
//    public:
//       static constexpr auto id = "lif";
//       static constexpr auto version = "1.0.0";
//       static constexpr auto doc = "Leaky integrate-and-fire.";
//       static constexpr synfire::sdk::Parameter parameters[] = {...};  // none: std::array<..., 0>
//       static constexpr synfire::sdk::Variable variables[] = {variable(0, "u", ...)};
//       Lif(const synfire::sdk::Values& values, double dt_ms);
//       bool advance(float& u, float input, float& psi) const;   // one tick; true: it fired
//       void decay(float& u, std::uint32_t ticks) const;         // optional: silent ticks
//       Alone fires_alone() const;                               // with decay
//       std::uint32_t silent_ticks(const float& u) const;        // unless fires_alone is never
//       void adjoint(float& u_bar, const synfire::sdk::Moment& at,  // optional: for BPTT
//                    float& input_bar) const;
//   };
//   SYNFIRE_NEURON_PLUGIN(Lif)
//
// advance that returns void makes a readout (it never fires; its first variable is its output).
// `static constexpr bool has_psi = true` says that advance sets psi, the secondary activation of
// this tick's membrane potential before the reset. A model with `const Psi& psi() const` has one of
// the shapes of psi.hpp: its advance sets psi to the potential minus the threshold, before the
// reset, and Psi is formed of it only where somebody asks. advance sees one neuron; the layer below
// calls it over whole slices, compiled for each instruction set (simd.hpp), so it should be
// branch-free.
//
// A biophysical model takes its input in double precision: `static constexpr bool input_f64 = true`
// and advance(state..., double input, float& psi). With `signed_input = true` as well, what came
// through positive and through negative weights is kept apart: advance(state..., double excitatory,
// double inhibitory, float& psi). A model with `static constexpr bool draws = true` takes 32 random
// bits of each neuron and tick in place of the input: advance(state..., std::uint32_t bits,
// float&), or, where 32 are too few, advance(state..., std::uint32_t bits, std::uint32_t shared,
// float&) with 32 more that all neurons of a block share (random.hpp, Chance). It is a source, as
// any model with `static constexpr bool source = true` is that does not look at its input: no
// synapses may lead to it.
//
// A population whose parameters differ from neuron to neuron has a model for each neuron, which is
// why models are copyable; nothing needs to be written for it.
//
// Before an instance is handed out, a few ticks are tried on it, and parameters that make a state
// variable or psi other than a finite number are refused.
//
// In place of advance a model may have `const Step& step() const`, a small struct of constants with
// that advance, which the compiler holds in registers. A model whose parameters choose between
// formulas has `template <class Body> auto with_step(Body&& body) const` and returns body(step)
// with the struct of its choices; the loop is then compiled once for each of them.
//
// A model with decay is touched only at ticks at which something reaches it, so it has to say when
// it may fire at others: never; after a spike, as one that a soft reset leaves above threshold; or
// always, as one that a constant current drives. In the last two cases silent_ticks says for how
// many ticks the neuron stays silent for certain (UINT32_MAX: for ever), and is visited then.
//
// adjoint is one tick backward: u_bar holds dL/du after the tick and receives dL/du before it,
// input_bar receives dL/dinput; Psi stands for the derivative of the spike, and nothing goes
// through the reset's spike. A model whose derivatives depend on its state takes the state before
// the tick too: adjoint(float& u_bar, const float& u, const Moment&, float& input_bar). With
// signed_input there is one more at the end: float& excitatory_bar, float& inhibitory_bar.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "fired.hpp"
#include "members.hpp"
#include "plugin.hpp"
#include "psi.hpp"
#include "random.hpp"
#include "simd.hpp"

namespace synfire::sdk {

// What a neuron's adjoint is told of one neuron at one tick.
struct Moment {
    float signal;  // dL / d output: the spike, or a readout's first variable
    float psi;     // secondary activation at this tick
    float fired;   // 1 or 0
    float input;   // of this tick; 0 unless adjoint takes the state, and in double precision
};

// When a neuron may fire at a tick without input.
enum class Alone : std::uint32_t {
    never = SYNFIRE_ALONE_NEVER,
    after_spike = SYNFIRE_ALONE_AFTER_SPIKE,
    always = SYNFIRE_ALONE_ALWAYS
};

template <class... Elements>
class Neuron {
  public:
    static constexpr std::size_t variable_count = sizeof...(Elements);
    static constexpr bool has_psi = false;
    static constexpr bool input_f64 = false;
    static constexpr bool signed_input = false;
    static constexpr bool draws = false;
    static constexpr bool source = false;

    // The descriptor of variable number `index`, whose type comes from the class's base.
    static constexpr Variable variable(std::size_t index, const char* name, const char* unit,
                                       double initial, const char* doc) {
        constexpr std::uint32_t types[] = {dtype_of<Elements>()...};
        return {
            sizeof(Variable), types[index], SYNFIRE_PER_NEURON, -1, name, unit, doc, initial, 0, 0};
    }

    using Columns = std::tuple<Elements*...>;

    static Columns columns(void* const* state) {
        return columns(state, std::index_sequence_for<Elements...>{});
    }

  private:
    template <std::size_t... I>
    static Columns columns(void* const* state, std::index_sequence<I...>) {
        return {static_cast<Elements*>(state[I])...};
    }
};

namespace detail {

SYNFIRE_NAMES(advance)
SYNFIRE_NAMES(adjoint)
SYNFIRE_NAMES(decay)
SYNFIRE_NAMES(silent_ticks)
SYNFIRE_NAMES(fires_alone)
SYNFIRE_NAMES(psi)

// A neuron's instance: one model for all neurons, or one for each.
template <class Model>
struct NeuronInstance {
    const synfire_host* host;
    Model model;              // the first of `each`, where there are several
    std::vector<Model> each;  // by number in the population
};

template <class Model>
class NeuronAdapter {
    using Columns = typename Model::Columns;
    using Instance = NeuronInstance<Model>;
    static constexpr std::uint32_t block = 256;

    // A flag a neuron, as wide as its state so that both fill vectors alike. Never bytes: they may
    // alias anything.
    using Flag = std::conditional_t<Model::input_f64, std::uint64_t, std::uint32_t>;

    // What a neuron receives at a tick.
    struct Inputs {
        const float* __restrict single;
        const double* __restrict twofold, * __restrict inhibitory;
        const std::uint32_t* __restrict bits;
        std::uint32_t shared;
    };
    static Inputs inputs_of(const synfire_neuron_slice& slice) {
        if constexpr (Model::input_f64)
            return {nullptr, slice.input64, slice.inhibitory64, nullptr, 0};
        else
            return {slice.input, nullptr, nullptr, nullptr, 0};
    }
    template <class Step, class... State>
    SYNFIRE_INLINE static auto call(const Step& step, const Inputs& inputs, std::size_t i,
                                    float& psi, State&... state) {
        if constexpr (Model::draws) {
            const std::uint32_t bits = inputs.bits[i % random::block];
            if constexpr (requires { step.advance(state..., bits, inputs.shared, psi); })
                return step.advance(state..., bits, inputs.shared, psi);
            else
                return step.advance(state..., bits, psi);
        } else if constexpr (Model::signed_input)
            return step.advance(state..., inputs.twofold[i], inputs.inhibitory[i], psi);
        else if constexpr (Model::input_f64)
            return step.advance(state..., inputs.twofold[i], psi);
        else
            return step.advance(state..., inputs.single[i], psi);
    }

    template <class Step, class... State>
    static constexpr bool advances = requires(const Step& step, State&... state, double number,
                                              float single, std::uint32_t bits, float& psi) {
        requires(Model::draws ? requires { step.advance(state..., bits, bits, psi); } ||
                                    requires { step.advance(state..., bits, psi); }
                 : Model::signed_input ? requires { step.advance(state..., number, number, psi); }
                 : Model::input_f64    ? requires { step.advance(state..., number, psi); }
                                       : requires { step.advance(state..., single, psi); });
    };
    // What a step's advance returns, as a type.
    template <class... State>
    struct Outcome {
        template <class Step>
        auto operator()(const Step& step) const {
            static_assert(
                advances<Step, State...>,
                "bool (or, of a readout, void) advance(each state&..., input, float& psi) "
                "const");
            static_assert(writes_advance<Step>(sizeof...(State), 1),
                          "advance(each state&..., input, float& psi): state and psi are "
                          "references, through which they change");
            using Result = decltype(call(step, std::declval<Inputs>(), std::size_t{},
                                         std::declval<float&>(), std::declval<State&>()...));
            static_assert(std::same_as<Result, bool> || std::same_as<Result, void>,
                          "advance returns bool, whether it fired, or, of a readout, void");
            return std::type_identity<Result>{};
        }
    };
    // Runs body with what the loop is compiled for: the model itself, its constants, or those of
    // the formulas that its parameters chose.
    template <class Body>
    static auto with_step(const Model& model, Body&& body) {
        if constexpr (requires { model.step(); })
            return body(model.step());
        else if constexpr (requires { model.with_step(body); })
            return model.with_step(body);
        else
            return body(model);
    }
    template <class... Pointers>
    static constexpr bool fires(const std::tuple<Pointers*...>&) {
        using Result = decltype(with_step(std::declval<const Model&>(), Outcome<Pointers...>{}));
        static_assert(!std::is_void_v<Result>, "with_step returns what body returns");
        return std::same_as<Result, std::type_identity<bool>>;
    }
    template <class... Pointers>
    static constexpr bool decays(const std::tuple<Pointers*...>&) {
        return requires(const Model& model, Pointers&... state) {
            model.decay(state..., std::uint32_t{});
        };
    }

    template <class... Pointers>
    static constexpr bool knows_silence(const std::tuple<Pointers*...>&) {
        return requires(const Model& model, const Pointers&... state) {
            { model.silent_ticks(state...) } -> std::same_as<std::uint32_t>;
        };
    }

    template <class>
    using Bar = float;
    template <class... Pointers>
    static constexpr bool goes_back(const std::tuple<Pointers*...>&) {
        return requires(const Model& model, Bar<Pointers>&... bar, float& input_bar) {
            requires(Model::signed_input
                         ? requires { model.adjoint(bar..., Moment{}, input_bar, input_bar); }
                         : requires { model.adjoint(bar..., Moment{}, input_bar); });
        };
    }
    template <class... Pointers>
    static constexpr bool goes_back_by_state(const std::tuple<Pointers*...>&) {
        return requires(const Model& model, Bar<Pointers>&... bar, const Pointers&... state,
                        float& input_bar) {
            requires(
                Model::signed_input
                    ? requires { model.adjoint(bar..., state..., Moment{}, input_bar, input_bar); }
                    : requires { model.adjoint(bar..., state..., Moment{}, input_bar); });
        };
    }
    // Whether Psi is a shape of psi.hpp.
    static constexpr bool psi_by_shape = requires(const Model& model) {
        { model.psi() } -> std::convertible_to<const Psi&>;
    };

  public:
    static constexpr bool spikes = fires(Columns{});
    static constexpr bool has_psi = Model::has_psi || psi_by_shape;
    static constexpr bool closed_form = decays(Columns{});
    static constexpr bool adjoint_by_state = goes_back_by_state(Columns{});
    static constexpr bool says_silence = knows_silence(Columns{});
    static constexpr bool says_alone = requires(const Model& model) {
        { model.fires_alone() } -> std::same_as<Alone>;
    };
    static constexpr bool has_adjoint = goes_back(Columns{}) || adjoint_by_state;

    static_assert(std::size(Model::variables) == Model::variable_count,
                  "describe each variable named in the base Neuron<...>");
    // What is there by name has to be what the host will call.
    static_assert(!names_adjoint<Model> || has_adjoint,
                  "void adjoint(float& bar of each state..., const Moment&, float& input_bar) "
                  "const, with each state before Moment where it is read, and with one more "
                  "float& inhibitory_bar where input is signed");
    static_assert(!names_decay<Model> || closed_form,
                  "void decay(each state&..., std::uint32_t ticks) const");
    static_assert(!names_silent_ticks<Model> || says_silence,
                  "std::uint32_t silent_ticks(const each state&...) const");
    static_assert(!has_adjoint ||
                      writes_adjoint<Model>(Model::variable_count, Model::signed_input ? 2 : 1),
                  "adjoint(float& bar of each state..., ..., float& input_bar): what it changes "
                  "are references");
    static_assert(!closed_form || writes_decay<Model>(Model::variable_count, 0),
                  "decay(each state&..., std::uint32_t ticks): state are references, through which "
                  "it changes");
    static_assert(
        []<std::size_t... I>(std::index_sequence<I...>) {
            return ((Model::variables[I].dtype ==
                     dtype_of<std::remove_pointer_t<std::tuple_element_t<I, Columns>>>()) &&
                    ...);
        }(std::make_index_sequence<Model::variable_count>{}),
        "variables[i] has the type that the base Neuron<...> names: use variable(i, ...)");
    static_assert(!names_fires_alone<Model> || says_alone, "Alone fires_alone() const");
    static_assert(!names_psi<Model> || psi_by_shape, "const Psi& psi() const");
    static_assert(closed_form || !(says_silence || says_alone),
                  "fires_alone and silent_ticks are for neurons with decay");
    static_assert(!closed_form || !spikes || says_alone,
                  "a neuron with decay says when it may fire without input: Alone fires_alone() "
                  "const");

    static synfire_status create(const synfire_host* host, const double* values, double dt_ms,
                                 void** instance) noexcept {
        return guarded(host, [&] {
            auto made = std::make_unique<Instance>(Instance{host, make(values, dt_ms), {}});
            *instance = made.release();
        });
    }

    static synfire_status create_each(const synfire_host* host, const double* const* parameters,
                                      std::uint32_t count, double dt_ms, void** instance) noexcept {
        return guarded(host, [&] {
            std::vector<Model> each;
            each.reserve(count);
            std::vector<double> values(std::size(Model::parameters));
            for (std::uint32_t i = 0; i < count; ++i) {
                for (std::size_t p = 0; p < values.size(); ++p) values[p] = parameters[p][i];
                try {
                    each.push_back(make(values.data(), dt_ms));
                } catch (const std::exception& error) {
                    throw std::invalid_argument("neuron " + std::to_string(i) + ": " +
                                                error.what());
                }
            }
            auto made = std::make_unique<Instance>(Instance{host, each.at(0), {}});
            made->each = std::move(each);
            *instance = made.release();
        });
    }
    static void destroy(void* instance) noexcept { delete static_cast<Instance*>(instance); }

    static synfire_status advance(const void* instance, synfire_neuron_slice* slice) noexcept {
        const auto& self = *static_cast<const Instance*>(instance);
        return guarded(self.host, [&] {
            std::apply(
                [&](auto*... columns) {
                    if (!self.each.empty()) return advance_each(self.each, *slice, columns...);
                    with_psi(self.model, slice->psi != nullptr, [&](const auto& psi) {
                        with_step(self.model, [&](const auto& step) {
                            if (slice->index) return advance_listed(step, psi, *slice, columns...);
                            simd::run([&](auto width) SYNFIRE_INLINE_LAMBDA {
                                sweep<width>(step, psi, *slice, columns...);
                            });
                        });
                    });
                },
                Model::columns(slice->state));
        });
    }

    static synfire_status decay(const void* instance, synfire_neuron_slice* slice,
                                const std::uint32_t* ticks) noexcept requires closed_form {
        const auto& self = *static_cast<const Instance*>(instance);
        return guarded(self.host, [&] {
            std::apply(
                [&](auto*... columns) {
                    for (std::uint32_t k = 0; k < slice->count; ++k) {
                        const std::uint32_t i = slice->index ? slice->index[k] : k;
                        self.model.decay(columns[i]..., ticks[k]);
                    }
                },
                Model::columns(slice->state));
        });
    }

    static std::uint32_t fires_alone(const void* instance) noexcept {
        if constexpr (says_alone)
            return static_cast<std::uint32_t>(
                static_cast<const Instance*>(instance)->model.fires_alone());
        else
            return SYNFIRE_ALONE_NEVER;
    }
    static synfire_status silent_ticks(const void* instance, const synfire_neuron_slice* slice,
                                       std::uint32_t* ticks) noexcept requires says_silence {
        const auto& self = *static_cast<const Instance*>(instance);
        return guarded(self.host, [&] {
            std::apply(
                [&](auto*... columns) {
                    for (std::uint32_t k = 0; k < slice->count; ++k) {
                        const std::uint32_t i = slice->index ? slice->index[k] : k;
                        ticks[k] = self.model.silent_ticks(columns[i]...);
                    }
                },
                Model::columns(slice->state));
        });
    }
    static constexpr auto silent_ticks_entry() -> decltype(synfire_neuron::silent_ticks) {
        if constexpr (says_silence)
            return &silent_ticks;
        else
            return nullptr;
    }

    static synfire_status adjoint(const void* instance,
                                  synfire_neuron_adjoint* slice) noexcept requires has_adjoint {
        const auto& self = *static_cast<const Instance*>(instance);
        constexpr auto variables = std::make_index_sequence<Model::variable_count>{};
        return guarded(self.host, [&] {
            if (!self.each.empty())
                return go_back([&](std::size_t i) -> const Model& { return self.each[i]; }, *slice,
                               variables);
            simd::run([&]() SYNFIRE_INLINE_LAMBDA {
                go_back([&](std::size_t)
                            SYNFIRE_INLINE_LAMBDA -> const Model& { return self.model; },
                        *slice, variables);
            });
        });
    }
    static constexpr auto adjoint_entry() -> decltype(synfire_neuron::adjoint) {
        if constexpr (has_adjoint)
            return &adjoint;
        else
            return nullptr;
    }

    // The table's entry: null where the model has no closed form.
    static constexpr auto decay_entry() -> decltype(synfire_neuron::decay) {
        if constexpr (closed_form)
            return &decay;
        else
            return nullptr;
    }

  private:
    static Model make(const double* values, double dt_ms) {
        Model model(Values(Model::parameters, values), dt_ms);
        for (const float input : {0.0f, 1.0f, -1.0f}) try_out(model, input);
        return model;
    }
    // Advances a neuron from its initial state, with that input at the first of a few ticks.
    static void try_out(const Model& model, float input) {
        auto state = initial_state(std::make_index_sequence<Model::variable_count>{});
        for (int tick = 0; tick < 4; ++tick, input = 0) {
            const double twofold = input, positive = std::max(twofold, 0.0),
                         negative = std::min(twofold, 0.0);
            const std::uint32_t bits = input > 0 ? 0xffffffffu : 0u;
            const Inputs inputs{&input, Model::signed_input ? &positive : &twofold, &negative,
                                &bits, bits};
            float psi = 0;
            with_step(model, [&](const auto& step) {
                std::apply([&](auto&... element) { call(step, inputs, 0, psi, element...); },
                           state);
            });
            std::size_t number = 0;
            std::apply([&](auto... element) { (check_finite(element, number++), ...); }, state);
            with_psi(model, true, [&](const auto& shape) { finite("psi", shape(psi)); });
        }
    }
    template <std::size_t... I>
    static auto initial_state(std::index_sequence<I...>) {
        return std::tuple<std::remove_pointer_t<std::tuple_element_t<I, Columns>>...>{
            static_cast<std::remove_pointer_t<std::tuple_element_t<I, Columns>>>(
                Model::variables[I].initial)...};
    }
    template <class Element>
    static void check_finite(Element element, std::size_t number) {
        if constexpr (std::is_floating_point_v<Element>)
            finite(Model::variables[number].name, element);
    }

    // model_of(i): the model of neuron i.
    template <class ModelOf, std::size_t... I>
    SYNFIRE_INLINE static void go_back(const ModelOf& model_of, const synfire_neuron_adjoint& slice,
                                       std::index_sequence<I...>) {
        const auto before = [&] {
            if constexpr (adjoint_by_state)
                return Model::columns(slice.before);
            else
                return Columns{};
        }();
        float* __restrict gradient = slice.input_gradient;
        [[maybe_unused]] float* __restrict inhibitory = nullptr;
        if constexpr (Model::signed_input) inhibitory = slice.inhibitory_gradient;
        for (std::size_t i = 0; i < slice.count; ++i) {
            const Model& model = model_of(i);
            Moment at{slice.signal[i], 0.0f, 0.0f, 0.0f};
            if constexpr (has_psi) at.psi = slice.psi[i];
            if constexpr (spikes) at.fired = slice.fired[i];
            if constexpr (adjoint_by_state && !Model::input_f64) at.input = slice.input[i];
            if constexpr (adjoint_by_state && Model::signed_input)
                model.adjoint(slice.carry[I][i]..., std::get<I>(before)[i]..., at, gradient[i],
                              inhibitory[i]);
            else if constexpr (adjoint_by_state)
                model.adjoint(slice.carry[I][i]..., std::get<I>(before)[i]..., at, gradient[i]);
            else if constexpr (Model::signed_input)
                model.adjoint(slice.carry[I][i]..., at, gradient[i], inhibitory[i]);
            else
                model.adjoint(slice.carry[I][i]..., at, gradient[i]);
        }
    }

    // What is done with what advance says of Psi.
    struct NoPsi {
        SYNFIRE_INLINE float operator()(float) const { return 0.0f; }
    };
    struct PsiAsSet {
        SYNFIRE_INLINE float operator()(float psi) const { return psi; }
    };
    template <class Body>
    static void with_psi([[maybe_unused]] const Model& model, bool wanted, Body&& body) {
        if (!wanted) return body(NoPsi{});
        if constexpr (psi_by_shape)
            std::visit(body, model.psi());
        else
            body(PsiAsSet{});
    }

    // Width: of vectors, in bytes.
    template <std::size_t Width, class Step, class Shape, class... E>
    SYNFIRE_INLINE static void sweep(const Step& given, const Shape& given_shape,
                                     synfire_neuron_slice& slice, E* __restrict... state) {
        constexpr bool wants_psi = !std::same_as<Shape, NoPsi>;
        // A small step is copied, so that the compiler sees that its constants do not change.
        const std::conditional_t<std::is_trivially_copyable_v<Step>, Step, const Step&> step =
            given;
        const Shape shape = given_shape;
        Inputs inputs = inputs_of(slice);
        float* __restrict psi_out = slice.psi;
        std::uint32_t* spikes_out = slice.spikes;
        std::uint32_t fired_count = 0;
        constexpr std::uint32_t length_of_block = Model::draws ? random::block : block;
        alignas(64) Flag fired[length_of_block];
        [[maybe_unused]] alignas(64) std::uint32_t bits[random::block];
        inputs.bits = bits;
        for (std::uint32_t begin = 0; begin < slice.count; begin += length_of_block) {
            const std::uint32_t length = std::min(length_of_block, slice.count - begin);
            if constexpr (Model::draws) {
                const std::uint32_t number = (slice.first + begin) / random::block;
                random::draw_block<Width>(slice.seed, slice.tick, number, bits);
                inputs.shared = random::draw_shared(slice.seed, slice.tick, number);
            }
            for (std::size_t k = 0; k < length; ++k) {
                const std::size_t i = begin + k;  // 64 bits: an index that may wrap is no stride
                float psi = 0.0f;
                if constexpr (spikes)
                    fired[k] = call(step, inputs, i, psi, state[i]...);
                else
                    call(step, inputs, i, psi, state[i]...);
                if constexpr (wants_psi) psi_out[i] = shape(psi);
            }
            if constexpr (spikes)
                fired_count = list_fired(fired, length, begin, spikes_out, fired_count);
        }
        slice.spike_count = fired_count;
    }

    // Neurons of which each has its own model.
    template <class... E>
    static void advance_each(const std::vector<Model>& each, synfire_neuron_slice& slice,
                             E*... state) {
        Inputs inputs = inputs_of(slice);
        [[maybe_unused]] alignas(64) std::uint32_t bits[random::block];
        inputs.bits = bits;
        std::uint32_t fired_count = 0;
        for (std::uint32_t i = 0; i < slice.count; ++i) {
            const Model& model = each[slice.first + i];
            if constexpr (Model::draws)
                if (i % random::block == 0) {
                    const std::uint32_t number = (slice.first + i) / random::block;
                    random::draw_block<16>(slice.seed, slice.tick, number, bits);
                    inputs.shared = random::draw_shared(slice.seed, slice.tick, number);
                }
            float psi = 0.0f;
            with_step(model, [&](const auto& step) {
                if constexpr (spikes) {
                    if (call(step, inputs, i, psi, state[i]...)) slice.spikes[fired_count++] = i;
                } else {
                    call(step, inputs, i, psi, state[i]...);
                }
            });
            if (slice.psi)
                with_psi(model, true, [&](const auto& shape) { slice.psi[i] = shape(psi); });
        }
        slice.spike_count = fired_count;
    }

    template <class Step, class Shape, class... E>
    static void advance_listed(const Step& step, const Shape& shape, synfire_neuron_slice& slice,
                               E*... state) {
        static_assert(!Model::draws || !closed_form, "a neuron that draws is swept");
        const Inputs inputs = inputs_of(slice);
        std::uint32_t fired_count = 0;
        for (std::uint32_t k = 0; k < slice.count; ++k) {
            const std::uint32_t i = slice.index[k];
            float psi = 0.0f;
            if constexpr (spikes) {
                if (call(step, inputs, i, psi, state[i]...)) slice.spikes[fired_count++] = i;
            } else {
                call(step, inputs, i, psi, state[i]...);
            }
            if constexpr (!std::same_as<Shape, NoPsi>) slice.psi[i] = shape(psi);
        }
        slice.spike_count = fired_count;
    }
};

}  // namespace detail

template <class Model>
inline constexpr synfire_neuron neuron_table = {
    sizeof(synfire_neuron),
    (detail::NeuronAdapter<Model>::spikes ? SYNFIRE_NEURON_SPIKES : 0u) |
        (detail::NeuronAdapter<Model>::has_psi ? SYNFIRE_NEURON_PSI : 0u) |
        (detail::NeuronAdapter<Model>::adjoint_by_state ? SYNFIRE_NEURON_ADJOINT_STATE : 0u) |
        (Model::input_f64 ? SYNFIRE_NEURON_INPUT_F64 : 0u) |
        (Model::signed_input ? SYNFIRE_NEURON_SIGNED_INPUT : 0u) |
        (Model::draws || Model::source ? SYNFIRE_NEURON_SOURCE : 0u),
    &detail::description<Model>,
    &detail::NeuronAdapter<Model>::create,
    &detail::NeuronAdapter<Model>::destroy,
    &detail::NeuronAdapter<Model>::advance,
    detail::NeuronAdapter<Model>::decay_entry(),
    detail::NeuronAdapter<Model>::adjoint_entry(),
    detail::NeuronAdapter<Model>::closed_form ? &detail::NeuronAdapter<Model>::fires_alone
                                              : nullptr,
    detail::NeuronAdapter<Model>::silent_ticks_entry(),
    &detail::NeuronAdapter<Model>::create_each,
};

// The neuron models of a library, for SYNFIRE_PLUGIN.
template <class... Models>
struct Neurons {
    static constexpr const synfire_neuron* tables[] = {&neuron_table<Models>...};
    static constexpr void add_to(synfire_plugin& plugin) {
        if (plugin.neurons) throw std::logic_error("one list of neurons is enough");
        plugin.neuron_count = sizeof...(Models);
        plugin.neurons = tables;
    }
};

}  // namespace synfire::sdk
