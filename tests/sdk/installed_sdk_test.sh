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

class Doubler : public synfire::sdk::Neuron<float> {
 public:
    static constexpr auto id = "doubler";
    static constexpr auto version = "1.0.0";
    static constexpr auto doc = "Fires when twice its input is above the threshold.";
    static constexpr synfire::sdk::Parameter parameters[] = {
        synfire::sdk::real("threshold", "", 1.0, synfire::sdk::above(0), "fires above")};
    static constexpr synfire::sdk::Variable variables[] = {variable(0, "last", "", 0, "twice the input")};
    Doubler(const synfire::sdk::Values& values, double) : threshold_(values.real("threshold")) {}
    bool advance(float& last, float input, float&) const {
        last = 2 * input;
        return last > threshold_;
    }

 private:
    float threshold_;
};
SYNFIRE_NEURON_PLUGIN(Doubler)
CPP
"$2" -S . -B build -G Ninja -DCMAKE_PREFIX_PATH="$folder/prefix" -DCMAKE_CXX_COMPILER="$3" \
    -DCMAKE_CXX_FLAGS="${SYNFIRE_PLUGIN_CXXFLAGS:-}" > /dev/null
"$2" --build build > /dev/null
grep -q -- ' -O3' build/build.ninja || { echo "a plugin without a build type is not optimised"; exit 1; }
cat > e.json <<'JSON'
{"network": {"populations": [{"name": "in", "size": 2, "neuron": "input"},
                             {"name": "d", "size": 2, "neuron": "doubler"}],
             "projections": [{"source": "in", "target": "d", "topology": "one_to_one",
                              "weights": {"distribution": "constant", "value": 0.6}}]},
 "input": {"format": "spikes", "population": "in", "ticks": 9, "events": [[1, 0], [2, 1]]}}
JSON
"$folder/prefix/bin/synfire" run e.json --plugin-dir build --json > out.json
grep -q '"spikes": 2' out.json || { cat out.json; exit 1; }
"$folder/prefix/bin/synfire" validate "$folder/prefix/share/synfire/models/first.json"
