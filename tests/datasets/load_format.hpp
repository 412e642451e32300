// Recordings as a format reads them for an input population, with fields of its "input" object.
#pragma once

#include <cstdlib>

#include "base/problem.hpp"
#include "formats.hpp"
#include "json/form.hpp"
#include "support/environment.hpp"

namespace synfire::testing {

struct LoadOf {
    MapShape shape;
    std::uint32_t ticks;
    double dt_ms;
    std::uint64_t limit = UINT64_MAX;
};

inline InputData load_format(const InputFormat& format, const std::string& folder,
                             nlohmann::json input, const LoadOf& of) {
    Problems problems;
    Form form;
    form.fields = format.fields;
    check_and_complete(form, input, "/input", problems);
    if (!problems.empty()) throw InputError(problems);
    input["format"] = format.name;
    InputRequest request;
    request.json = input;
    request.data_folder = folder;
    request.shape = of.shape;
    request.units = static_cast<std::uint32_t>(of.shape.size());
    request.ticks = of.ticks;
    request.dt_ms = of.dt_ms;
    request.limit = of.limit;
    return format.load(request);
}

inline const InputFormat& format_named(const std::string& name) {
    return *std::ranges::find(input_formats(), name, &InputFormat::name);
}

// A cache that nothing is in yet, from here on; returns its folder.
inline std::string empty_cache() {
    const std::string folder = scratch_folder();
    REQUIRE(::setenv("XDG_CACHE_HOME", folder.c_str(), 1) == 0);
    return folder;
}

}  // namespace synfire::testing
