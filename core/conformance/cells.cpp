#include "conformance/cells.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace synfire::conformance {

constexpr std::uint64_t seed = 11;

Cells::Cells(Subject& subject, const Values& values, std::uint32_t count)
    : subject_(subject),
      table_(subject.neuron()),
      count_(count),
      state_(subject.description(), values, {.neurons = count}),
      input_("'input'", count),
      psi_("'psi'", count),
      input64_("'input64'", count),
      inhibitory64_("'inhibitory64'", count),
      spikes_("'spikes'", count),
      listed_("'index'", count),
      ticks_("the array of ticks", count),
      moved_(state_.count()),
      fired_(count) {
    no_input();
}

void Cells::no_input() {
    for (GuardedBytes* array : inputs()) {
        array->open();
        std::memset(array->bytes(), 0, array->byte_count());
        array->seal();
    }
}

void Cells::add_input(double input, double inhibitory) {
    for (GuardedBytes* array : inputs()) array->open();
    for (std::uint32_t i = 0; i < count_; ++i) {
        input_[i] = static_cast<float>(input_[i] + input);
        input64_[i] += input;
        inhibitory64_[i] += inhibitory;
    }
    for (GuardedBytes* array : inputs()) array->seal();
}

double Cells::input_of(std::uint32_t neuron) const {
    return table_.flags & SYNFIRE_NEURON_INPUT_F64 ? input64_[neuron] : double{input_[neuron]};
}
double Cells::inhibitory_of(std::uint32_t neuron) const {
    return inhibitory64_[neuron];
}
bool Cells::receives(std::uint32_t neuron) const {
    return input_of(neuron) != 0 || inhibitory_of(neuron) != 0;
}

void Cells::drive(std::int64_t tick, double scale) {
    no_input();
    if (table_.flags & SYNFIRE_NEURON_SOURCE) return;
    const bool is_signed = table_.flags & SYNFIRE_NEURON_SIGNED_INPUT;
    for (GuardedBytes* array : inputs()) array->open();
    Random random(seed, Stream::noise, static_cast<std::uint32_t>(tick), 0);
    for (std::uint32_t i = 0; i < count_; ++i) {
        const bool some = random.uniform() < 0.3f, negative = random.uniform() < 0.2f;
        const double size = some ? scale * 2 * random.uniform() : 0;
        input_[i] = static_cast<float>(negative ? -size : size);
        input64_[i] = is_signed ? size : double{input_[i]};
        inhibitory64_[i] = is_signed && negative ? -size / 2 : 0;
    }
    for (GuardedBytes* array : inputs()) array->seal();
}

synfire_neuron_slice Cells::slice(std::int64_t tick, Part part, bool wants_psi) {
    synfire_neuron_slice s{};
    s.size = sizeof s;
    s.count = part.count;
    s.tick = tick;
    for (std::size_t v = 0; v < moved_.size(); ++v)
        moved_[v] = static_cast<std::byte*>(state_.pointers()[v]) + part.begin * state_.bytes_of(v);
    s.state = moved_.data();
    s.input = input_.data() + part.begin;
    if (wants_psi && table_.flags & SYNFIRE_NEURON_PSI) s.psi = psi_.data() + part.begin;
    s.spikes = spikes_.data() + part.begin;
    s.first = part.begin;
    s.seed = seed;
    if (table_.flags & SYNFIRE_NEURON_INPUT_F64) {
        s.input = nullptr;
        s.input64 = input64_.data() + part.begin;
    }
    if (table_.flags & SYNFIRE_NEURON_SIGNED_INPUT)
        s.inhibitory64 = inhibitory64_.data() + part.begin;
    return s;
}

void Cells::take_spikes(const synfire_neuron_slice& slice, std::uint32_t first,
                        const std::vector<std::uint32_t>* listed) {
    const std::uint32_t most = listed ? static_cast<std::uint32_t>(listed->size()) : slice.count;
    if (slice.spike_count > most)
        throw Fault(fmt::format("it says that {} of {} neurons fire", slice.spike_count, most));
    if (!(table_.flags & SYNFIRE_NEURON_SPIKES)) {
        if (slice.spike_count > 0) throw Fault("it fires, and its table says that it never does");
        return;
    }
    for (std::uint32_t k = 0; k < slice.spike_count; ++k) {
        const std::uint32_t i = slice.spikes[k];
        if (listed ? !std::ranges::binary_search(*listed, i) : i >= slice.count)
            throw Fault(
                fmt::format("it lists a spike of neuron {}, which is none of the slice's", i));
        if (k > 0 && i <= slice.spikes[k - 1]) throw Fault("its list of spikes is not ascending");
        fired_[first + i] = 1;
    }
}

void Cells::advance(const Instance& instance, std::int64_t tick, bool wants_psi) {
    advance(instance, tick, Part{0, count_}, wants_psi);
}

void Cells::advance(const Instance& instance, std::int64_t tick, Part part, bool wants_psi) {
    std::fill_n(fired_.begin() + part.begin, part.count, std::uint8_t{0});
    std::fill_n(psi_.data() + part.begin, part.count, std::numeric_limits<float>::quiet_NaN());
    std::fill_n(spikes_.data() + part.begin, part.count, UINT32_MAX);
    synfire_neuron_slice s = slice(tick, part, wants_psi);
    subject_.require("advance",
                     within("advance", [&] { return table_.advance(instance.get(), &s); }));
    require_margins();
    take_spikes(s, part.begin, nullptr);
}

void Cells::advance(const Instance& instance, std::int64_t tick,
                    const std::vector<std::uint32_t>& listed, bool wants_psi) {
    std::ranges::fill(fired_, std::uint8_t{0});
    listed_.open();
    std::ranges::copy(listed, listed_.begin());
    listed_.seal();
    synfire_neuron_slice s = slice(tick, {0, count_}, wants_psi);
    s.count = static_cast<std::uint32_t>(listed.size());
    s.index = listed_.data();
    subject_.require("advance",
                     within("advance", [&] { return table_.advance(instance.get(), &s); }));
    require_margins();
    take_spikes(s, 0, &listed);
}

std::uint32_t Cells::fired_count() const {
    return static_cast<std::uint32_t>(std::ranges::count(fired_, 1));
}

void Cells::decay(const Instance& instance, const std::vector<std::uint32_t>& listed,
                  const std::vector<std::uint32_t>& ticks) {
    listed_.open();
    std::ranges::copy(listed, listed_.begin());
    listed_.seal();
    ticks_.open();
    std::ranges::copy(ticks, ticks_.begin());
    ticks_.seal();
    synfire_neuron_slice s = slice(0, {0, count_}, false);
    s.count = static_cast<std::uint32_t>(listed.size());
    s.index = listed_.data();
    s.input = nullptr;
    s.input64 = s.inhibitory64 = nullptr;
    subject_.require(
        "decay", within("decay", [&] { return table_.decay(instance.get(), &s, ticks_.data()); }));
    ticks_.open();
    require_margins();
}

std::vector<std::uint32_t> Cells::silent_ticks(const Instance& instance,
                                               const std::vector<std::uint32_t>& listed) {
    listed_.open();
    std::ranges::copy(listed, listed_.begin());
    listed_.seal();
    ticks_.open();
    synfire_neuron_slice s = slice(0, {0, count_}, false);
    s.count = static_cast<std::uint32_t>(listed.size());
    s.index = listed_.data();
    std::vector<std::byte> before, after;
    state_.append_to(before);
    subject_.require("silent_ticks", within("silent_ticks", [&] {
                         return table_.silent_ticks(instance.get(), &s, ticks_.data());
                     }));
    state_.append_to(after);
    if (before != after) throw Fault("'silent_ticks' changes state");
    require_margins();
    return {ticks_.data(), ticks_.data() + listed.size()};
}

void Cells::require_margins() const {
    state_.require_margins();
    for (const GuardedBytes* array :
         {static_cast<const GuardedBytes*>(&input_), static_cast<const GuardedBytes*>(&psi_),
          static_cast<const GuardedBytes*>(&input64_),
          static_cast<const GuardedBytes*>(&inhibitory64_),
          static_cast<const GuardedBytes*>(&spikes_), static_cast<const GuardedBytes*>(&listed_),
          static_cast<const GuardedBytes*>(&ticks_)})
        array->require_margins();
}

double scale_of(Subject& subject, const Values& values) {
    constexpr std::uint32_t neurons = 64, ticks = 60;
    const Instance instance = subject.create(values);
    if (!(subject.neuron().flags & SYNFIRE_NEURON_SPIKES)) return 1;
    double last = 1;
    for (const double scale : {0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1e3, 3e3, 1e4, 1e5}) try {
            Cells cells(subject, values, neurons);
            std::uint32_t spikes = 0;
            for (std::int64_t t = 0; t < ticks; ++t) {
                cells.drive(t, scale);
                cells.advance(instance, t);
                spikes += cells.fired_count();
            }
            if (spikes >= neurons * ticks / 50) return scale;
            last = scale;
        } catch (const Refused&) {
            return last;  // more than it can take
        }
    return 1;
}

Transcript run(Cells& cells, const Instance& instance, std::int64_t ticks, double scale,
               std::int64_t first) {
    Transcript transcript;
    for (std::int64_t t = first; t < first + ticks; ++t) {
        cells.drive(t, scale);
        cells.advance(instance, t);
        const std::string when = fmt::format("after tick {}", t);
        transcript.add(when, cells.state());
        transcript.add("spikes " + when, cells.fired().data(), cells.count());
        transcript.add("psi " + when, cells.psi_data(), cells.count() * sizeof(float));
    }
    return transcript;
}

}  // namespace synfire::conformance
