#!/usr/bin/env bash
# `synfire plugin new` of each kind: the project builds against an installed copy without a warning,
# its tests pass, it runs by the commands that the program prints, it installs, and nothing is
# overwritten.
#   plugin_new_test.sh BUILD_FOLDER CMAKE CXX
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$2" --install "$1" --prefix "$folder/prefix" > /dev/null
export PATH="$folder/prefix/bin:$(dirname "$2"):$PATH" CXX="$3" CMAKE_GENERATOR=Ninja
export CXXFLAGS="-Wall -Wextra -Wpedantic -Wno-psabi -Werror ${SYNFIRE_PLUGIN_CXXFLAGS:-}"
mkdir "$folder/work"
cd "$folder/work"
fail() { echo "$1"; [ ! -e log ] || cat log; exit 1; }
for kind in neuron rule loss release; do
    name="my_$kind"
    synfire plugin new "$kind" "$name" > printed || fail "plugin new $kind"
    grep '^  ' printed | sed 's/^  //' > commands
    [ "$(wc -l < commands)" -eq 4 ] || { cat printed; fail "four commands are to be printed"; }
    while read -r command; do
        bash -c "$command" > log 2>&1 || fail "$kind: $command"
    done < commands
    # What the project's README says is the same, from its folder.
    [ -s "$name/build/compile_commands.json" ] || fail "editors are told nothing"
    [ -s "$name/.clangd" ] || fail "no .clangd"
    for command in "cmake -S . -B build" "cmake --build build" "ctest --test-dir build" "--plugin-dir build"; do
        grep -q -- "$command" "$name/README.md" || fail "README.md does not say: $command"
    done
    if grep -r '@[A-Z]*@' "$name" --include='*.*' --exclude-dir=build; then fail "a word was not replaced"; fi
    # The schema knows it where it is installed, and validate accepts its model.
    "$2" --install "$name/build" --prefix "$folder/prefix" > /dev/null
    synfire validate "$name/$name.json" > log 2>&1 || fail "validate $name.json"
    # Nothing is overwritten, and what is there already is no name.
    before=$(cat "$name"/*.* | cksum)
    if synfire plugin new "$kind" other --out "$name" > log 2>&1; then fail "overwrites"; fi
    grep -q 'nothing is overwritten' log || fail "no word on what is there"
    [ "$before" = "$(cat "$name"/*.* | cksum)" ] || fail "changed what was there"
    if synfire plugin new "$kind" "$name" --out elsewhere > log 2>&1; then fail "takes a name twice"; fi
    grep -q "'$name' is the $kind of" log || fail "no word on the name"
    [ ! -e elsewhere ] || fail "wrote although it refused"
done
# The neuron's model does something.
grep -q . runs/my_neuron-1/spikes-cells.csv || fail "the neuron's model has no spikes"
if ls -A | grep -q '\.tmp$'; then fail "left a temporary folder"; fi
