#!/usr/bin/env bash
# ---
# floor.sh FLOOR...: builds and tests these floors and what they stand on, without the rest. In a build folder of its
# own, so that the large one stays warm.
#
#   scripts/floor.sh 0
#   scripts/floor.sh 0 1 2
#
# The floors are those of docs/how-it-works.md.
# ---
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

declare -A tests=(
    [0]="ArrearsTests TablesTests"
    [1]="LoanBookTests LeasingTests"
    [2]="WireTests DocumentsTests"
    [3]="LedgerTests HTTP2ClientTests DispatchCoreTests ReportingTests"
    [4]="BusinessDayTests WorkerKitTests"
    [5]="CoordinatorTests StageWorkerTests SimulationTests"
    [6]="PowerCutsTests FuzzTests"
    [7]="ArchitectureTests EndToEndTests"
)
case "${1:-}" in
    '') die "expected a floor from 0 to 7, got nothing (see --help)" 2 ;;
    -h | --help)
        help_of "$0"
        exit 0
        ;;
esac
wanted=''
for floor in "$@"; do
    [[ -n "${tests[$floor]:-}" ]] || die "expected a floor from 0 to 7, got $floor" 2
    wanted+=" ${tests[$floor]}"
done
"$project/scripts/setup.sh" --tests
cd "$project"
export RECOUP_TESTS="${wanted# }"
scratch=.build/floors-$(printf '%s-' "$@" | tr -cd '0-9-')
log "Building $RECOUP_TESTS …"
sparse swift build --scratch-path "$scratch" --product recoupPackageTests
exec swift test --skip-build --scratch-path "$scratch" --no-parallel
