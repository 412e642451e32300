#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <memory>

#include "conformance/columns.hpp"
#include "conformance/exercise.hpp"
#include "conformance/threads.hpp"

namespace synfire::conformance {
namespace {

// What a loss is asked about: outputs on a map, and a target of each sort that it takes.
enum class Target { label, values, masked_values, frames, events };

std::vector<Target> targets_of(const synfire_loss& loss) {
    std::vector<Target> all;
    if (loss.flags & SYNFIRE_LOSS_TAKES_CLASS) all.push_back(Target::label);
    if (loss.flags & SYNFIRE_LOSS_TAKES_VALUES) {
        all.push_back(Target::values);
        all.push_back(Target::masked_values);
    }
    if (loss.flags & SYNFIRE_LOSS_TAKES_FRAMES) all.push_back(Target::frames);
    if (loss.flags & SYNFIRE_LOSS_TAKES_EVENTS) all.push_back(Target::events);
    return all;
}

class Window {
  public:
    static constexpr std::uint32_t pixels = Subject::map_side * Subject::map_side,
                                   outputs = pixels * Subject::map_channels,
                                   window_ticks = Subject::window_ticks, sample_ticks = 10,
                                   event_count = 300;
    // Rows need not follow one another closely.
    static constexpr std::uint32_t stride = outputs + 16;

    Window(Subject& subject, const Instance& instance, Target target, std::uint32_t sample)
        : subject_(subject),
          instance_(instance),
          target_(target),
          scope_(within("scope", [&] { return subject.loss().scope(instance.get()); })),
          rows_(scope_ == SYNFIRE_LOSS_OF_WINDOW ? window_ticks : 1),
          output_("'output'", std::size_t{rows_} * stride),
          wanted_("'target'", std::size_t{rows_} * outputs),
          error_("'error'", std::size_t{rows_} * stride),
          mask_("'mask'", pixels),
          frames_("'frames'", 2 * pixels),
          neurons_("'event_neurons'", event_count),
          ticks_("'event_ticks'", event_count),
          label_(sample % outputs) {
        if (scope_ > SYNFIRE_LOSS_OF_WINDOW)
            throw Fault(fmt::format("'scope' answers {}, which means nothing", scope_));
        Random random(sample, Stream::scene, 0, 3);
        const bool spikes = !(subject.loss().flags & SYNFIRE_LOSS_OF_VALUES);
        const bool sums = scope_ == SYNFIRE_LOSS_OF_SUM;
        for (std::uint32_t r = 0; r < rows_; ++r)
            for (std::uint32_t k = 0; k < outputs; ++k) {
                output(r, k) = spikes ? static_cast<float>(random.below(sums ? window_ticks : 2))
                                      : random.normal();
                wanted_[std::size_t{r} * outputs + k] = random.normal();
            }
        for (std::uint32_t p = 0; p < pixels; ++p) {
            mask_[p] = random.uniform() < 0.7f ? 1.0f : 0.0f;
            frames_[2 * p] = random.uniform();
            frames_[2 * p + 1] = random.uniform();
        }
        for (std::uint32_t e = 0; e < event_count; ++e) {
            neurons_[e] = random.below(pixels * Subject::map_channels);
            ticks_[e] = e * sample_ticks / event_count;
        }
        for (GuardedBytes* array :
             {static_cast<GuardedBytes*>(&wanted_), static_cast<GuardedBytes*>(&mask_),
              static_cast<GuardedBytes*>(&frames_), static_cast<GuardedBytes*>(&neurons_),
              static_cast<GuardedBytes*>(&ticks_)})
            array->seal();
    }

    std::uint32_t rows() const { return rows_; }
    float& output(std::uint32_t row, std::uint32_t k) const {
        return output_[std::size_t{row} * stride + k];
    }
    float error(std::uint32_t row, std::uint32_t k) const {
        return error_[std::size_t{row} * stride + k];
    }

    double evaluate() {
        std::ranges::fill(error_, std::numeric_limits<float>::quiet_NaN());
        output_.seal();
        synfire_loss_window window{};
        window.size = sizeof window;
        window.outputs = outputs;
        window.ticks = scope_ == SYNFIRE_LOSS_EACH_TICK ? 1 : window_ticks;
        window.rows = rows_;
        window.stride = stride;
        window.output = output_.data();
        window.label = target_ == Target::label ? label_ : UINT32_MAX;
        const bool values = target_ == Target::values || target_ == Target::masked_values;
        if (values) window.target = wanted_.data();
        window.target_stride = outputs;
        if (target_ == Target::masked_values) window.mask = mask_.data();
        if (target_ == Target::frames) window.frames = frames_.data();
        if (target_ == Target::events) {
            window.event_neurons = neurons_.data();
            window.event_ticks = ticks_.data();
            window.event_count = event_count;
            window.sample_ticks = sample_ticks;
        }
        window.error = error_.data();
        window.loss = std::numeric_limits<double>::quiet_NaN();
        subject_.require("evaluate", within("evaluate", [&] {
                             return subject_.loss().evaluate(instance_.get(), &window);
                         }));
        output_.open();
        error_.require_margins();
        for (std::uint32_t r = 0; r < rows_; ++r)
            for (std::uint32_t k = outputs; k < stride; ++k)
                if (!std::isnan(error(r, k)))
                    throw Fault(fmt::format("it writes behind the end of row {} of 'error'", r));
        return window.loss;
    }

    void append_to(Transcript& transcript, double loss) const {
        transcript.add("the loss", &loss, sizeof loss);
        for (std::uint32_t r = 0; r < rows_; ++r)
            transcript.add(fmt::format("row {} of the error", r), &error_[std::size_t{r} * stride],
                           outputs * sizeof(float));
    }

  private:
    Subject& subject_;
    const Instance& instance_;
    Target target_;
    std::uint32_t scope_, rows_;
    GuardedArray<float> output_, wanted_, error_, mask_, frames_;
    GuardedArray<std::uint32_t> neurons_, ticks_;
    std::uint32_t label_;
};

// The defaults, and others near them; body is told a number that differs.
template <class Body>
void with_losses(Subject& subject, Body&& body) {
    std::uint32_t number = 0;
    for (const Values& values : subject.near_defaults(4)) try {
            const Instance instance = subject.create(values);
            for (const Target target : targets_of(subject.loss())) body(instance, target, number++);
        } catch (const Fault& fault) {
            throw Fault(fmt::format("{} (with {})", fault.what(), subject.words_of(values)));
        }
}

Transcript judged(Window& window) {
    Transcript transcript;
    const double loss = window.evaluate();
    window.append_to(transcript, loss);
    return transcript;
}

void require_same_loss(const Transcript& a, const Transcript& b, const char* what) {
    if (const auto difference = a.difference(b))
        throw Fault(fmt::format("{}: {} is not the same", what, *difference));
}

void check_loss_bounds(Subject& subject) {
    with_losses(subject, [&](const Instance& instance, Target target, std::uint32_t k) {
        Window(subject, instance, target, k + 1).evaluate();
    });
}

void check_loss_reset(Subject& subject) {
    with_losses(subject, [&](const Instance& instance, Target target, std::uint32_t) {
        Window first(subject, instance, target, 1), second(subject, instance, target, 2);
        const Transcript before = judged(first);
        second.evaluate();
        require_same_loss(before, judged(first), "the same window is judged otherwise later");
    });
}

void check_loss_finite(Subject& subject) {
    with_losses(subject, [&](const Instance& instance, Target target, std::uint32_t k) {
        for (std::uint32_t sample = 1; sample < 4; ++sample) {
            Window window(subject, instance, target, 10 * k + sample);
            for (const float size : {1.0f, 0.0f, 100.0f}) {
                for (std::uint32_t r = 0; r < window.rows(); ++r)
                    for (std::uint32_t i = 0; i < Window::outputs; ++i) window.output(r, i) *= size;
                const double loss = window.evaluate();
                if (!std::isfinite(loss))
                    throw Fault(
                        fmt::format("its loss is {} (or is not set) for finite outputs", loss));
                for (std::uint32_t r = 0; r < window.rows(); ++r)
                    for (std::uint32_t i = 0; i < Window::outputs; ++i)
                        if (!std::isfinite(window.error(r, i)))
                            throw Fault(
                                fmt::format("its error is {} (or is not set) for finite outputs",
                                            window.error(r, i)));
            }
        }
    });
}

// The error against finite differences of the loss.
void check_loss_gradient(Subject& subject) {
    with_losses(subject, [&](const Instance& instance, Target target, std::uint32_t k) {
        Window window(subject, instance, target, k + 1);
        const double middle = window.evaluate();
        double largest = 0;
        std::vector<double> errors;
        for (std::uint32_t r = 0; r < window.rows(); ++r)
            for (std::uint32_t i = 0; i < Window::outputs; ++i) {
                errors.push_back(window.error(r, i));
                largest = std::max(largest, std::fabs(errors.back()));
            }
        Random random = random_of(41, k);
        for (int tried = 0; tried < 48; ++tried) {
            const std::uint32_t r = random.below(window.rows()), i = random.below(Window::outputs);
            constexpr float step = 1.0f / 256;
            const float from = window.output(r, i);
            window.output(r, i) = from + step;
            const double width = double{window.output(r, i)} - from;
            const double up = (window.evaluate() - middle) / width;
            window.output(r, i) = from - step;
            const double down = (middle - window.evaluate()) / (double{from} - window.output(r, i));
            window.output(r, i) = from;
            const double slope = (up + down) / 2, error = errors[r * Window::outputs + i];
            const double noise = 1e-6 * std::fabs(middle) / step + 0.01 * largest;
            if (std::fabs(slope - error) <= 0.03 * std::fabs(slope) + noise) continue;
            // A kink between the two has no slope.
            if (std::fabs(up - down) > 0.1 * std::fabs(slope - error)) continue;
            throw Fault(fmt::format(
                "its error for output {} is {:.6g}, and finite differences of the loss give {:.6g}",
                i, error, slope));
        }
    });
}

void check_loss_threads(Subject& subject) {
    constexpr std::size_t threads = 4;
    with_losses(subject, [&](const Instance& instance, Target target, std::uint32_t) {
        std::vector<std::unique_ptr<Window>> all;
        for (std::size_t k = 0; k < threads; ++k)
            all.push_back(
                std::make_unique<Window>(subject, instance, target, static_cast<std::uint32_t>(k)));
        std::array<Transcript, threads> alone, together;
        for (std::size_t k = 0; k < threads; ++k) alone[k] = judged(*all[k]);
        at_once(threads, [&](std::size_t k) {
            for (int again = 0; again < 100; ++again) together[k] = judged(*all[k]);
        });
        for (std::size_t k = 0; k < threads; ++k)
            require_same_loss(alone[k], together[k],
                              "several threads at once get other results than one alone");
    });
}

constexpr std::array<Check, 5> checks_of_losses = {{
    {"bounds", "it writes nowhere but into the error", &check_loss_bounds},
    {"reset", "results depend on parameters and the window alone", &check_loss_reset},
    {"finite", "finite outputs have a finite loss and error", &check_loss_finite},
    {"gradient", "the error agrees with finite differences of the loss", &check_loss_gradient},
    {"threads", "several threads at once get the same bits", &check_loss_threads},
}};

}  // namespace

void exercise_loss(Subject& subject, const Instance& instance, const Values&) {
    for (const Target target : targets_of(subject.loss()))
        Window(subject, instance, target, 1).evaluate();
}

std::span<const Check> loss_checks() {
    return checks_of_losses;
}

}  // namespace synfire::conformance
