#!/usr/bin/env bash
# What `cmake --install` puts down is enough to build a plugin with find_package(synfire) and to run
# it with the installed program.
#   installed_sdk_test.sh BUILD_FOLDER CMAKE CXX
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$2" --install "$1" --prefix "$folder/prefix" > /dev/null
mkdir "$folder/plugin"
cd "$folder/plugin"
cat > CMakeLists.txt <<'CMAKE'
cmake_minimum_required(VERSION 3.25)
project(doubler LANGUAGES CXX)
find_package(synfire REQUIRED)
synfire_add_plugin(doubler doubler.cpp)
CMAKE
cat > doubler.cpp <<'CPP'
#include <synfire/neuron.hpp>

template <int factor>
class Multiplier : public synfire::sdk::Neuron<float> {
 public:
    static constexpr auto id = factor == 2 ? "doubler" : "tripler";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc = "Fires when so many times its input is above the threshold.";
    static constexpr synfire::sdk::Parameter parameters[] = {
        synfire::sdk::real("threshold", "", 1.0, synfire::sdk::above(0), "fires above")};
    static constexpr synfire::sdk::Variable variables[] = {variable(0, "last", "", 0, "the product")};
    Multiplier(const synfire::sdk::Values& values, double) : threshold_(values.real("threshold")) {}
    bool advance(float& last, float input, float&) const {
        last = factor * input;
        return last > threshold_;
    }
    // MORE

 private:
    float threshold_;
};
SYNFIRE_PLUGIN(synfire::sdk::Neurons<Multiplier<2>, Multiplier<3>>)
CPP
"$2" -S . -B build -G Ninja -DCMAKE_PREFIX_PATH="$folder/prefix" -DCMAKE_CXX_COMPILER="$3" \
    -DCMAKE_CXX_FLAGS="${SYNFIRE_PLUGIN_CXXFLAGS:-}" > /dev/null
"$2" --build build > /dev/null
grep -q -- ' -O3' build/build.ninja || { echo "a plugin without a build type is not optimised"; exit 1; }
cat > e.json <<'JSON'
{"network": {"populations": [{"name": "in", "size": 2, "neuron": "input"},
                             {"name": "d", "size": 2, "neuron": "doubler"},
                             {"name": "t", "size": 2, "neuron": "tripler"}],
             "projections": [{"source": "in", "target": "d", "topology": "one_to_one",
                              "weights": {"distribution": "constant", "value": 0.4}},
                             {"source": "in", "target": "t", "topology": "one_to_one",
                              "weights": {"distribution": "constant", "value": 0.4}}]},
 "input": {"format": "spikes", "population": "in", "ticks": 9, "events": [[1, 0], [2, 1]]}}
JSON
"$folder/prefix/bin/synfire" run e.json --plugin-dir build --json > out.json
grep -q '"spikes": 2' out.json || { cat out.json; exit 1; }
"$folder/prefix/bin/synfire" validate "$folder/prefix/share/synfire/models/first.json"

# What the host would never call does not compile, and says how it is written.
of=doubler.cpp
refuses() {  # WORDS MEMBER
    sed "s|// MORE|$2|" "$of" > wrong.cpp
    if "$3" -std=c++20 -I "$folder/prefix/include" -fsyntax-only wrong.cpp 2> errors; then
        echo "compiles: $2"; exit 1
    fi
    grep -q "$1" errors || { cat errors; exit 1; }
}
refuses "const Moment&, float& input_bar) const" \
    "void adjoint(float\& last, const synfire::sdk::Moment\&, float\& input) { last = input; }" "$3"
refuses "const Moment&, float& input_bar) const" \
    "void adjoint(float\& last, float\& input) const { last = input; }" "$3"
refuses "std::uint32_t ticks) const" "void decay(float\& last, std::uint32_t) { last = 0; }" "$3"
refuses "Alone fires_alone() const" "int fires_alone() const { return 0; }" "$3"
refuses "when it may fire without input" "void decay(float\& last, std::uint32_t) const { last = 0; }" "$3"
refuses "silent_ticks(const each state&...) const" \
    "std::uint32_t silent_ticks(float\& last) const { return last > 0; }" "$3"
refuses "state are references" "void decay(float, std::uint32_t) const {} synfire::sdk::Alone fires_alone() const { return synfire::sdk::Alone::never; }" "$3"
refuses "what it changes are references" \
    "void adjoint(float bar, const synfire::sdk::Moment\&, float\& input) const { input = bar; }" "$3"
sed "s|bool advance(float& last|bool advance(float last|" doubler.cpp > by_value.cpp
sed "s|bool advance|int advance|" doubler.cpp > whole.cpp
sed "s|variable(0, \"last\", \"\", 0, \"the product\")|synfire_variable{sizeof(synfire_variable), SYNFIRE_F64, SYNFIRE_PER_NEURON, -1, \"last\", \"\", \"\", 0, 0, 0}|" \
    doubler.cpp > other_type.cpp
of=by_value.cpp refuses "state and psi are references" "" "$3"
of=whole.cpp refuses "advance returns bool" "" "$3"
of=other_type.cpp refuses "has the type that the base" "" "$3"

cat > counter.cpp <<'CPP'
#include <synfire/rule.hpp>
class Counter {
 public:
    static constexpr auto id = "counter";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc = "Adds a constant at each spike of the source.";
    static constexpr synfire::sdk::Parameter parameters[] = {
        synfire::sdk::real("step", "", 1.0, synfire::sdk::any(), "what is added")};
    static constexpr synfire::sdk::Variable variables[] = {
        synfire::sdk::column<float>(SYNFIRE_PER_PRE, "x", 0, "not used")};
    Counter(const synfire::sdk::Values& values, const synfire_rule_site&) : step_(values.real("step")) {}
    std::uint32_t memory() const { return 1; }
    void row(synfire_plastic_row& row) const {
        for (std::uint32_t k = 0; k < row.count; ++k) row.weights[k] += step_;
    }
    // MORE

 private:
    float step_;
};
SYNFIRE_RULE_PLUGIN(Counter)
CPP
of=counter.cpp
refuses "void post_spike(float" "void post_spike(float*) const {}" "$3"
refuses "WeightRange weight_range() const" "double weight_range() const { return 0; }" "$3"
refuses "double weight_sum() const" "double weight_sum() { return 0; }" "$3"
refuses "std::uint32_t horizon() const" "int horizon() const { return 0; }" "$3"
refuses "local is for rules" "static constexpr bool local = true;" "$3"
sed "s|SYNFIRE_PER_PRE|SYNFIRE_PER_POST|" counter.cpp > per_post.cpp
sed "s|void row(|void rows(|" counter.cpp > no_row.cpp
of=per_post.cpp refuses "SYNFIRE_PER_POST change by void post_spike" "" "$3"
of=no_row.cpp refuses "one that writes weights has void row" "" "$3"
