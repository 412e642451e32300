#!/usr/bin/env bash
# Shipped models are found by name, by every command and by bash's completion; --version says what
# the program is made of.
#   models_test.sh PROGRAM COMPLETION
set -uo pipefail
program=$1 completion=$2
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
fail() { echo "$1"; cat err 2> /dev/null; exit 1; }

"$program" models > list 2> err || fail "models: exit status $?"
grep -q "^synfire run first$" list || fail "first is not listed"
grep -q "^synfire train nmnist-small-stllr --data DIR$" list || fail "no word of its data"
"$program" models --json | jq -e '.models | length > 20 and all(.description != "")' > /dev/null ||
    fail "models --json"

for name in first first.json; do
    "$program" validate "$name" > out 2> err || fail "validate $name"
    grep -q "valid" out || fail "validate $name: $(cat out)"
done
"$program" run first --out results > /dev/null 2> err || fail "run first"
for command in train run validate eval profile; do
    arguments=()
    [ $command = eval ] && arguments=(--checkpoint none.h5)
    "$program" $command gestures-stlr "${arguments[@]}" > /dev/null 2> err
    [ $? -eq 2 ] || fail "$command: exit status of an unknown model"
    grep -q "no shipped model of that name; did you mean 'gestures-stllr'?" err || fail "$command: no hint"
done
# A file of that name comes first, and a path is a path.
echo '{"network": {}}' > first
"$program" validate first > /dev/null 2> err && fail "the file 'first' was not read"
"$program" validate ./nowhere > /dev/null 2> err && fail "./nowhere"
grep -q "./nowhere: there is no such file" err || fail "./nowhere: no reason"

"$program" --version > version || fail "--version"
head -1 version | grep -qE '^[0-9]+\.[0-9]+\.[0-9]+$' || fail "--version: $(cat version)"
for word in commit compiler "plugin interface" "instruction sets"; do
    grep -q "^$word  *[^ ]" version || fail "--version has no $word"
done
SYNFIRE_ISA=baseline "$program" --version | grep -q "in use baseline" || fail "the set in use"

source "$completion" || fail "completion"
complete_line() { # WORD...: the last one is completed
    COMP_WORDS=("$program" "$@")
    COMP_CWORD=$#
    _synfire
    printf '%s\n' "${COMPREPLY[@]}"
}
complete_line va | grep -qx validate || fail "completion of a command"
complete_line train gestures-st | grep -qx gestures-stllr || fail "completion of a model"
complete_line train --ep | grep -qx -- --epochs || fail "completion of an option"
complete_line train --data res | grep -qx results || fail "completion of a folder"
[ -z "$(complete_line train --nothing)" ] || fail "completion of nothing"
exit 0
