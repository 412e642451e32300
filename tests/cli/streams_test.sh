#!/usr/bin/env bash
# Standard streams that are closed, full or no longer read change nothing about a run's results;
# only its exit status says that standard output could not take everything.
#   streams_test.sh PROGRAM
set -uo pipefail
program=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export XDG_CACHE_HOME=$folder
cat > e.json <<'JSON'
{"network": {"dt_ms": 10, "populations": [
   {"name": "in", "shape": [2, 8, 8], "neuron": "input"},
   {"name": "hidden", "size": 8, "neuron": "lif"},
   {"name": "out", "size": 11, "neuron": "leaky_readout"}],
  "projections": [{"source": "in", "target": "hidden"}, {"source": "hidden", "target": "out"}]},
 "input": {"format": "gestures", "population": "in", "ticks": 5, "train": 22, "test": 11, "duration_ms": 50},
 "training": {"rule": "stllr", "readout": "out", "epochs": 2, "batch": 11}}
JSON
fail() { echo "$1"; exit 1; }
fingerprint() { sed -n 's/.*"fingerprint": "\([0-9a-f]*\)".*/\1/p' "$1/summary.json"; }
whole() {
    for file in checkpoint.h5 curves.csv experiment.json summary.json; do
        [ -s "$1/$file" ] || fail "$1: no $file"
    done
    [ "$(fingerprint "$1")" = "$(fingerprint plain)" ] || fail "$1: other weights"
    "$program" eval e.json --checkpoint "$1/checkpoint.h5" > /dev/null 2>&1 || fail "$1: no checkpoint"
}
# wanted STATUS FOLDER
wanted() { [ "$status" -eq "$1" ] || fail "$2: exit status $status, expected $1"; whole "$2"; }

"$program" train e.json --out plain > /dev/null 2>&1; status=$?; wanted 0 plain
"$program" train e.json --out a 2>&- > /dev/null; status=$?; wanted 0 a
"$program" train e.json --out b 2> /dev/full > /dev/null; status=$?; wanted 0 b
"$program" train e.json --out c < /dev/null <&- > /dev/null 2>&1; status=$?; wanted 0 c
"$program" train e.json --out d >&- 2> err; status=$?; wanted 1 d
grep -q "error: standard output could not be written to its end (Bad file descriptor)" err || fail "d: no reason"
"$program" train e.json --out e > /dev/full 2> err; status=$?; wanted 1 e
grep -q "error: standard output could not be written to its end (No space left on device)" err || fail "e: no reason"
"$program" train e.json --out f >&- 2>&-; status=$?; wanted 1 f
"$program" train e.json --out g 2>&1 > /dev/null | true; whole g
for command in "plugins" "schema" "schema --markdown" "validate e.json" "validate e.json --json" "--help"; do
    "$program" $command > /dev/full 2> err && fail "$command: exit status 0 with a full standard output"
    [ $? -le 2 ] || fail "$command: ended by a signal"
    grep -q "standard output" err || fail "$command: no reason"
done
exit 0
