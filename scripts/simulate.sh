#!/usr/bin/env bash
# ---
# simulate.sh [--seeds A..B] [--ledger memory|sqlite] [--jobs N] [--lines N]: plays the lease protocol under faults, from
#             seeds, in a release build; some seeds are played twice, and must leave the same trace.
# simulate.sh --mutants [--seeds A..B] [...]: switches on one deliberate defect after the other, in a debug build (a
#             release build has none), and plays each until a checker catches it.
#
#   scripts/simulate.sh --seeds 1..10000
#   scripts/simulate.sh --seeds 1..500 --ledger sqlite
#   scripts/simulate.sh --seeds 4711 --lines 100000     one seed that failed, told whole
#   scripts/simulate.sh --mutants
#
# SIMULATE_BUILD: debug or release, where the default build is not wanted (a debug build is made sooner and plays slower).
#
# Exit codes: 0 no violation (--mutants: all caught), 1 a violation, or a seed that did not play the same twice (--mutants:
# one survived), 2 usage.
# ---
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

options=()
mutants=false
seeds=''
scratch=${TMPDIR:-/tmp}
while (($# > 0)); do
    case "$1" in
        -h | --help)
            help_of "$0"
            exit 0
            ;;
        --mutants) mutants=true ;;
        --seeds)
            [[ ${2:-} =~ ^[0-9]+(\.\.[0-9]+)?$ ]] || die "--seeds: expected A..B or one seed, got ${2:-nothing}" 2
            seeds=$2
            shift
            ;;
        --ledger)
            [[ ${2:-} =~ ^(memory|sqlite)$ ]] || die "--ledger: expected memory or sqlite, got ${2:-nothing}" 2
            options+=("$1" "$2")
            # No power is cut here: the file need not wait for a disk.
            [[ $2 != sqlite || ! -w /dev/shm ]] || scratch=/dev/shm
            shift
            ;;
        --jobs | --lines)
            [[ ${2:-} =~ ^[0-9]+$ ]] || die "$1: expected a number, got ${2:-nothing}" 2
            options+=("$1" "$2")
            shift
            ;;
        *) die "expected --seeds, --ledger, --jobs, --lines or --mutants, got $1" 2 ;;
    esac
    shift
done

build=release
if $mutants; then
    build=debug
    options+=(--mutants)
fi
build=${SIMULATE_BUILD:-$build}

require_swift
cd "$project"
log "Building the simulation ($build) …"
sparse swift build -c "$build" --product simulate
TMPDIR=$scratch exec "$(swift build -c "$build" --show-bin-path)/simulate" --seeds "${seeds:-1..1000}" "${options[@]}"
