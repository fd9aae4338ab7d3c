#!/usr/bin/env bash
# ---
# powercut.sh [--cuts N] [--seed S] [--defect NAME]: cuts the power under a coordinator's ledger, and under a worker's
# journal, N times each (1000), and looks whether everything that was acknowledged is there. See docs/power-cut.md.
#
#   scripts/powercut.sh --cuts 1000 --seed 1
#   scripts/powercut.sh --defect speaksBeforeCommit     a build that speaks before it commits must be found out
#   scripts/powercut.sh --defect syncIgnored            so must one that does not sync
#
# Exit codes: 0 no violation (--defect: found out), 1 a violation (--defect: not found), 2 usage.
# ---
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

options=()
while (($# > 0)); do
    case "$1" in
        -h | --help)
            help_of "$0"
            exit 0
            ;;
        --cuts | --seed | --defect)
            [[ $# -ge 2 ]] || die "$1: expected a value, got nothing" 2
            options+=("$1" "$2")
            shift
            ;;
        *) die "expected --cuts, --seed or --defect, got $1" 2 ;;
    esac
    shift
done

require_swift
cd "$project"
log "Building the power-cut test …"
sparse swift build --product powercut
powercut="$(swift build --show-bin-path)/powercut"
# What a sync is worth is played; the real disk need not be waited for.
if [[ -d /dev/shm && -w /dev/shm ]]; then export TMPDIR=/dev/shm; fi
status=0
"$powercut" "${options[@]}" || status=$?
((status != 64)) || status=2
exit "$status"
