#!/usr/bin/env bash
# ---
# simulate.sh [--seeds A..B] [--store memory|sqlite] [--mutants]: plays the lease protocol under faults, from seeds.
#
#   scripts/simulate.sh --seeds 1..10000
#   scripts/simulate.sh --seeds 1..200 --store sqlite
#   scripts/simulate.sh --mutants                 every deliberate defect must be caught
#
# Exit codes: 0 no violation (--mutants: all caught), 1 a violation (--mutants: one survived), 2 usage.
# ---
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

seeds=''
options=()
mutants=false
while (($# > 0)); do
    case "$1" in
        -h | --help)
            help_of "$0"
            exit 0
            ;;
        --mutants) mutants=true ;;
        --seeds)
            [[ $# -ge 2 ]] || die "--seeds: expected A..B, got nothing" 2
            seeds=$2
            shift
            ;;
        --store | --lines)
            [[ $# -ge 2 ]] || die "$1: expected a value, got nothing" 2
            options+=("$1" "$2")
            shift
            ;;
        *) die "expected --seeds, --store, --lines or --mutants, got $1" 2 ;;
    esac
    shift
done

require_swift
cd "$project"
say "Building the simulation …"
sparse swift build --product simulate
simulate="$(swift build --show-bin-path)/simulate"

if ! $mutants; then
    exec "$simulate" --seeds "${seeds:-1..1000}" "${options[@]}"
fi

survivors=0
count=0
for mutant in $("$simulate" --list-mutants); do
    count=$((count + 1))
    status=0
    # Each in a process of its own: a defect may also run into an assertion of the code itself.
    "$simulate" --mutant "$mutant" --seeds "${seeds:-1..500}" "${options[@]}" 2>/dev/null || status=$?
    case $status in
        0) ;;
        1) survivors=$((survivors + 1)) ;;
        *) printf 'caught    %s by an assertion of the code itself (exit %s)\n' "$mutant" "$status" ;;
    esac
done
printf '%s mutants, %s survived\n' "$count" "$survivors"
((survivors == 0))
