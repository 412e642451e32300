#!/usr/bin/env bash
# An interrupted training keeps its checkpoint and curves, and goes on to the same weights.
#   interrupt_test.sh PROGRAM
set -euo pipefail
program=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
export XDG_CACHE_HOME=$folder
cat > e.json <<'JSON'
{"network": {"dt_ms": 10, "populations": [
   {"name": "in", "size": 128, "shape": [2, 8, 8], "neuron": "input"},
   {"name": "hidden", "size": 64, "neuron": "lif"},
   {"name": "out", "size": 11, "neuron": "leaky_readout"}],
  "projections": [{"source": "in", "target": "hidden", "standardise": true},
                  {"source": "hidden", "target": "out"}]},
 "input": {"format": "gestures", "population": "in", "ticks": 20, "train": 880, "test": 11, "duration_ms": 200},
 "training": {"rule": "stllr", "readout": "out", "epochs": 400, "batch": 16}}
JSON
"$program" train e.json --out run > out.txt 2> err.txt &
pid=$!
for _ in $(seq 600); do [ -s run/curves.csv ] && break; sleep 0.1; done
kill -INT $pid
status=0
wait $pid || status=$?
[ $status -eq 130 ] || { echo "exit status $status, expected 130"; cat err.txt; exit 1; }
grep -q "go on with: synfire train e.json --out run --resume" err.txt
epochs=$(($(wc -l < run/curves.csv) - 1))
[ "$epochs" -ge 1 ] && [ "$epochs" -lt 400 ] || { echo "$epochs epochs in the curves"; exit 1; }
wanted=$((epochs + 2))
fingerprint() { sed -n 's/.*"fingerprint": "\([0-9a-f]*\)".*/\1/p' "$1"; }
"$program" train e.json --out run --epochs $wanted --resume --json > resumed.json 2> /dev/null
"$program" train e.json --out whole --epochs $wanted --json > whole.json 2> /dev/null
[ "$(fingerprint resumed.json)" = "$(fingerprint whole.json)" ] || { echo "weights differ"; exit 1; }
