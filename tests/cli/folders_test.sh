#!/usr/bin/env bash
# A results folder is one program's at a time; a killed program blocks nobody and leaves nothing
# that the next does not clear away.
#   folders_test.sh PROGRAM
set -uo pipefail
program=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export XDG_CACHE_HOME=$folder
fail() { echo "$1"; cat err; exit 1; }
cat > e.json <<'JSON'
{"network": {"dt_ms": 10, "populations": [
   {"name": "in", "shape": [2, 8, 8], "neuron": "input"},
   {"name": "hidden", "size": 8, "neuron": "lif"},
   {"name": "out", "size": 11, "neuron": "leaky_readout"}],
  "projections": [{"source": "in", "target": "hidden"}, {"source": "hidden", "target": "out"}]},
 "input": {"format": "gestures", "population": "in", "ticks": 5, "train": 22, "test": 11, "duration_ms": 50},
 "training": {"rule": "stllr", "readout": "out", "epochs": 2, "batch": 11}}
JSON
cat > r.json <<'JSON'
{"name": "r", "network": {"populations": [
   {"name": "n", "size": 3, "neuron": "spike_source", "events": [[1, 0], [5, 2]]}]},
 "record": {"format": "csv", "spikes": ["n"]}}
JSON
"$program" train e.json --out used --epochs 1000000 > /dev/null 2>&1 &
pid=$!
for _ in $(seq 600); do [ -s used/checkpoint.h5 ] && break; sleep 0.1; done
for command in "train e.json" "train e.json --resume" "run r.json --ticks 10" "compare e.json e.json"; do
    "$program" $command --out used > /dev/null 2> err
    status=$?
    [ $status -eq 2 ] || fail "$command: exit status $status in a folder in use, expected 2"
    grep -q "error: used: another program is writing to this folder" err || fail "$command: no reason"
done
[ ! -e used/previous-1 ] || fail "results in use were moved"
kill -9 $pid
wait $pid 2> /dev/null
echo x > used/.checkpoint.h5.$pid.tmp
"$program" train e.json --out used --resume --epochs 2 > /dev/null 2> err
[ $? -le 2 ] || fail "resume after a kill"
"$program" train e.json --out used --epochs 2 > /dev/null 2> err || fail "train after a kill"
[ -e used/previous-1/checkpoint.h5 ] || fail "nothing was set aside"
ls -A used | grep -q -e tmp -e lock && fail "leftovers in the folder"
# Two that begin at the same time: each result is one program's.
for seed in 1 2; do
    "$program" train e.json --out both --epochs 30 --seed $seed > /dev/null 2> err$seed &
    pids[$seed]=$!
done
wait ${pids[1]}; first=$?
wait ${pids[2]}; second=$?
[ $((first + second)) -eq 2 ] || [ $((first + second)) -eq 0 ] || fail "two at once: $first $second"
[ "$(sed -n 's/.*"seed": \([0-9]*\).*/\1/p' both/experiment.json | tail -1)" = \
  "$(sed -n 's/.*"seed": \([0-9]*\).*/\1/p' both/summary.json)" ] || fail "results of two trainings are mixed"
exit 0
