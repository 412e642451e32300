#include "conformance/subject.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "conformance/guarded_array.hpp"

namespace synfire::conformance {

const char* kind_of(const Table& table) {
    static const char* const kinds[] = {"neuron", "rule", "release", "loss"};
    return kinds[table.index()];
}

const synfire_description& description_of(const Table& table) {
    return *std::visit([](const auto* t) { return t->description; }, table);
}

Instance::~Instance() {
    if (instance_) try {
            subject_->destroy(std::exchange(instance_, nullptr));
        } catch (const Fault&) {
        }
}

void Instance::destroy() {
    subject_->destroy(std::exchange(instance_, nullptr));
}

Subject::Subject(Table table, std::filesystem::path file,
                 std::vector<std::filesystem::path> shipped)
    : table_(table),
      file_(std::move(file)),
      shipped_(std::move(shipped)),
      host_{sizeof(synfire_host), SYNFIRE_ABI_VERSION, this, &Subject::hear,
            [](void*, const char*) -> const void* { return nullptr; }} {}

void Subject::hear(void* subject, std::int32_t severity, const char* message) {
    auto& self = *static_cast<Subject*>(subject);
    const std::lock_guard lock(self.mutex_);
    if (severity != SYNFIRE_REPORT_WARNING) self.words_ = message ? message : "";
}

synfire_rule_site Subject::rule_site() const {
    return {sizeof(synfire_rule_site), pre_, post_count, readout_ ? 0u : 1u, dt_ms};
}

synfire_loss_site Subject::loss_site() const {
    const bool spikes = !(loss().flags & SYNFIRE_LOSS_OF_VALUES);
    return {sizeof(synfire_loss_site),
            map_side * map_side * map_channels,
            window_ticks,
            spikes ? 1u : 0u,
            dt_ms,
            map_channels,
            map_side,
            map_side,
            map_channels};
}

std::optional<Instance> Subject::try_create(const Values& values) {
    words_.clear();
    // The plugin may read the values; it may not change them, or keep where they are.
    GuardedArray<double> given("the parameter values of 'create'", values.size());
    std::ranges::copy(values, given.begin());
    given.seal();
    void* instance = nullptr;
    const synfire_rule_site at_rule = rule_site();
    const synfire_status status = within("create", [&] {
        switch (table_.index()) {
            case 0:
                return neuron().create(&host_, given.data(), dt_ms, &instance);
            case 1:
                return rule().create(&host_, given.data(), &at_rule, &instance);
            case 2:
                return release().create(&host_, given.data(), dt_ms, &instance);
            default: {
                const synfire_loss_site at = loss_site();
                return loss().create(&host_, given.data(), &at, &instance);
            }
        }
    });
    if (status == SYNFIRE_OK) return Instance(*this, instance);
    if (status != SYNFIRE_FAILED)
        throw Fault(
            fmt::format("'create' answers with the status {}, which is neither SYNFIRE_OK "
                        "nor SYNFIRE_FAILED",
                        status));
    return std::nullopt;
}

Instance Subject::create(const Values& values) {
    auto made = try_create(values);
    if (!made)
        throw Fault(fmt::format("it refuses {}: {}", words_of(values),
                                words_.empty() ? "no reason given" : words_));
    return std::move(*made);
}

void Subject::destroy(void* instance) {
    within("destroy",
           [&] { std::visit([&](const auto* table) { table->destroy(instance); }, table_); });
}

void Subject::require(const char* call, synfire_status status) {
    if (status == SYNFIRE_OK) return;
    const std::lock_guard lock(mutex_);
    const std::string words = std::exchange(words_, {});
    if (words.empty()) throw Fault(fmt::format("'{}' fails without a word", call));
    throw Refused(fmt::format("'{}' fails: {}", call, words));
}

Values Subject::defaults() const {
    Values values;
    const synfire_description& d = description();
    for (std::uint32_t p = 0; p < d.parameter_count; ++p)
        values.push_back(d.parameters[p].default_value);
    return values;
}

namespace {

bool counts_columns(const synfire_description& d, std::uint32_t parameter) {
    for (std::uint32_t v = 0; v < d.variable_count; ++v)
        if (d.variables[v].count_parameter == static_cast<std::int32_t>(parameter)) return true;
    return false;
}

// The least and the greatest value that is allowed; of an open bound, the next to it.
double least(const synfire_parameter& p) {
    if (p.type == SYNFIRE_INTEGER) return std::ceil(p.min) + (p.flags & SYNFIRE_OPEN_MIN ? 1 : 0);
    return p.flags & SYNFIRE_OPEN_MIN ? std::nextafter(p.min, p.max) : p.min;
}
double greatest(const synfire_parameter& p) {
    if (p.type == SYNFIRE_INTEGER) return std::floor(p.max) - (p.flags & SYNFIRE_OPEN_MAX ? 1 : 0);
    return p.flags & SYNFIRE_OPEN_MAX ? std::nextafter(p.max, p.min) : p.max;
}

double one_of_choices(const synfire_parameter& p, Random& random) {
    return random.below(p.type == SYNFIRE_BOOLEAN ? 2 : p.choice_count);
}

bool is_number(const synfire_parameter& p) {
    return p.type == SYNFIRE_REAL || p.type == SYNFIRE_INTEGER;
}

// A number that JSON can say and that the range allows.
double allowed(const synfire_parameter& p, double value) {
    constexpr double largest_whole = 9'007'199'254'740'992;
    if (p.type == SYNFIRE_INTEGER)
        value = std::clamp(std::round(value), -largest_whole, largest_whole);
    constexpr double most = std::numeric_limits<double>::max();
    return std::clamp(value, std::max(least(p), -most), std::min(greatest(p), most));
}

double extreme_value(const synfire_parameter& p, Random& random) {
    if (!is_number(p)) return one_of_choices(p, random);
    const double sizes[] = {1e-300, 1e-30, 1e-3, 0, 1e3, 1e30, 1e300};
    switch (random.below(4)) {
        case 0:
            return allowed(p, least(p));
        case 1:
            return allowed(p, greatest(p));
        case 2:
            return p.default_value;
        default:
            return allowed(p, (random.below(2) ? 1 : -1) * sizes[random.below(7)]);
    }
}

double any_value(const synfire_parameter& p, Random& random) {
    if (!is_number(p)) return one_of_choices(p, random);
    const double low = least(p), high = greatest(p);
    if (high - low <= 1e3) return allowed(p, low + (high - low) * random.uniform64());
    const double size = std::pow(10.0, 12 * random.uniform64() - 6);
    const double centre = std::isfinite(low) ? low : std::isfinite(high) ? high : p.default_value;
    const double side = std::isfinite(low)    ? 1
                        : std::isfinite(high) ? -1
                        : random.below(2)     ? 1
                                              : -1;
    return allowed(p, centre + side * size);
}

// Most models refuse some combinations, so a part stays as it is.
double moderate_value(const synfire_parameter& p, Random& random) {
    if (random.uniform() < 0.5f) return p.default_value;
    if (!is_number(p)) return one_of_choices(p, random);
    if (p.type == SYNFIRE_INTEGER) return allowed(p, p.default_value + random.around(1));
    return allowed(p, p.default_value * (0.8 + 0.4 * random.uniform64()));
}

}  // namespace

Values Subject::drawn(Random& random, double (*draw)(const synfire_parameter&, Random&)) const {
    constexpr double most_columns = 64;  // a large number of them is memory, not a mistake
    Values values;
    const synfire_description& d = description();
    for (std::uint32_t p = 0; p < d.parameter_count; ++p) {
        double value = draw(d.parameters[p], random);
        if (counts_columns(d, p)) value = allowed(d.parameters[p], std::min(value, most_columns));
        values.push_back(value);
    }
    return values;
}

Values Subject::extreme(Random& random) const {
    return drawn(random, &extreme_value);
}
Values Subject::anywhere(Random& random) const {
    return drawn(random, &any_value);
}
std::vector<Values> Subject::near_defaults(std::uint32_t count) {
    create(defaults());
    std::vector<Values> all = {defaults()};
    for (std::size_t p = 0; p < all.front().size(); ++p)
        for (std::uint32_t c = 0; c < description().parameters[p].choice_count; ++c) {
            Values values = defaults();
            values[p] = c;
            if (values != defaults() && try_create(values)) all.push_back(values);
        }
    for (std::uint32_t k = 0, found = 0; k < 20 * count && found < count; ++k) {
        Random random = random_of(3, k);
        const Values values = drawn(random, &moderate_value);
        if (values == defaults() || !try_create(values)) continue;
        all.push_back(values);
        ++found;
    }
    return all;
}

std::string Subject::words_of(const Values& values) const {
    if (values == defaults()) return "its defaults";
    std::string text;
    for (std::size_t p = 0; p < values.size(); ++p)
        if (const synfire_parameter& of = description().parameters[p];
            values[p] != of.default_value)
            text += fmt::format("{}{} = {:.12g}", text.empty() ? "" : ", ", of.name, values[p]);
    return text;
}

void Subject::measure(const char* what, double value) {
    measured_.emplace_back(what, value);
}

}  // namespace synfire::conformance
