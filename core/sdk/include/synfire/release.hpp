// Writing short-term plasticity: a class that says what part of its weight a spike delivers, from
// the history of its source alone. It may stand at any projection, beside any rule.
//
//   class Fading {
//    public:
//       static constexpr auto id = "fading";  // and version, doc, parameters, as for neurons
//       static constexpr synfire::sdk::Variable variables[] = {
//           synfire::sdk::column<double>(SYNFIRE_PER_PRE, "x", 1, "what is left")};
//       Fading(const synfire::sdk::Values& values, double dt_ms);
//       // ticks: since the source's last spike; synfire::sdk::first_spike where there is none.
//       double release(double& x, std::uint32_t ticks) const;
//   };
//   SYNFIRE_RELEASE_PLUGIN(Fading)
//
// release is called for every spike of a source as it arrives, with the source's own elements of
// the variables, all of them doubles.
#pragma once

#include <array>
#include <cstdint>
#include <iterator>
#include <utility>

#include "members.hpp"
#include "rule.hpp"

namespace synfire::sdk {

inline constexpr std::uint32_t first_spike = UINT32_MAX;

namespace detail {

SYNFIRE_NAMES(release)

template <class Model>
struct ReleaseAdapter {
    static constexpr std::size_t variable_count = std::size(Model::variables);
    static_assert(writes_release<Model>(variable_count, 0),
                  "double release(double& of each variable..., std::uint32_t ticks) const: "
                  "variables are references, through which they change");

    static synfire_status create(const synfire_host* host, const double* values, double dt_ms,
                                 void** instance) noexcept {
        return guarded(host, [&] {
            *instance = new Instance<Model>{host, Model(Values(Model::parameters, values), dt_ms)};
        });
    }
    static synfire_status release(const void* instance, synfire_release_spikes* spikes) noexcept {
        const auto& self = *static_cast<const Instance<Model>*>(instance);
        return guarded(self.host, [&] {
            release_each(self.model, *spikes, std::make_index_sequence<variable_count>{});
        });
    }

  private:
    template <std::size_t... V>
    static void release_each(const Model& model, synfire_release_spikes& spikes,
                             std::index_sequence<V...>) {
        const std::array<double*, variable_count> columns{static_cast<double*>(spikes.state[V])...};
        for (std::uint32_t k = 0; k < spikes.count; ++k)
            spikes.factors[k] = model.release(columns[V][spikes.sources[k]]..., spikes.ticks[k]);
    }
};

template <class Model>
constexpr synfire_release make_release_table() {
    for (const Variable& v : Model::variables)
        if (v.dtype != SYNFIRE_F64 || v.scope != SYNFIRE_PER_PRE)
            throw std::logic_error("the variables of a release are doubles, one a source");
    return {sizeof(synfire_release), 0,
            &description<Model>,     &ReleaseAdapter<Model>::create,
            &destroy<Model>,         &ReleaseAdapter<Model>::release};
}

}  // namespace detail

template <class Model>
inline constexpr synfire_release release_table = detail::make_release_table<Model>();

// The releases of a library, for SYNFIRE_PLUGIN.
template <class... Models>
struct Releases {
    static constexpr const synfire_release* tables[] = {&release_table<Models>...};
    static constexpr void add_to(synfire_plugin& plugin) {
        if (plugin.releases) throw std::logic_error("one list of releases is enough");
        plugin.release_count = sizeof...(Models);
        plugin.releases = tables;
    }
};

}  // namespace synfire::sdk
