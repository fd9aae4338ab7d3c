#!/usr/bin/env bash
# ---
# chaos.sh --minutes M --seed S [--accounts N] [--data DIR] [--json]: business days with real processes, under faults.
#
#   scripts/chaos.sh --minutes 10 --seed 1
#   scripts/chaos.sh --minutes 2 --seed 7 --accounts 3000 --data /tmp/chaos-7
#
# Runs a day undisturbed, then the same day again and again while processes are killed and stopped, links cut and stalled,
# clocks set, the ledger's disk filled and its fsync broken; then compares reports, the outside world's record and
# everything that was acknowledged. docs/chaos.md says what, and how to read the table.
#
# Exit codes: 0 no violation, 1 violations, 2 usage or something is missing, 3 fewer faults than promised, 5 interrupted.
# ---
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

minutes='' seed='' accounts=20000 data='' options=()
while (($# > 0)); do
    case "$1" in
        -h | --help)
            help_of "$0"
            exit 0
            ;;
        --json) options+=(--json) ;;
        --minutes | --seed | --accounts | --data)
            [[ $# -ge 2 ]] || die "$1: expected a value, got nothing" 2
            declare "${1#--}=$2"
            shift
            ;;
        *) die "expected --minutes, --seed, --accounts, --data or --json, got $1" 2 ;;
    esac
    shift
done
[[ -n "$minutes" ]] || die "--minutes: expected a number, got nothing" 2
[[ -n "$seed" ]] || die "--seed: expected a number, got nothing" 2

require_packages python3 fiu-utils util-linux
compiler=$(command -v cc || command -v clang || true)
[[ -n "$compiler" ]] || die "expected a C compiler (cc, or the toolchain's clang), got none: apt-get install gcc libc6-dev" 2
binary=$(recoup_binary)
if [[ -z "$data" ]]; then data="$(mktemp -d "${TMPDIR:-/tmp}/recoup-chaos.XXXXXX")/seed-$seed"; fi
export RECOUP_HOME="$project"
tools=$(mktemp -d "${TMPDIR:-/tmp}/recoup-chaos-tools.XXXXXX")
"$compiler" -shared -fPIC -O2 -o "$tools/wallclock.so" "$project/Tests/Chaos/wallclock.c"

# Mounts and processes of their own: whatever happens, they end with this script.
spaces=(--mount --pid --fork --kill-child --mount-proc)
if [[ $(id -u) -ne 0 ]]; then spaces+=(--user --map-root-user); fi
unshare "${spaces[@]}" true 2>/dev/null ||
    die "expected to be allowed mounts and processes of its own (unshare), as root or by user namespaces; got a refusal" 2
python3 -B "$project/Tests/Chaos/tests.py" 2>"$tools/tests" ||
    { cat "$tools/tests" >&2; die "the harness does not see what it is there to see" 2; }
child=
# shellcheck disable=SC2317
finish() {
    # With the first process of their space all others end.
    [[ -z "$child" ]] || kill -KILL "$child" 2>/dev/null || true
    rm -rf "$tools"
}
trap finish EXIT
trap 'exit 5' INT TERM
unshare "${spaces[@]}" python3 -B "$project/Tests/Chaos/main.py" --binary "$(realpath "$binary")" \
    --wall-clock "$tools/wallclock.so" --minutes "$minutes" --seed "$seed" --accounts "$accounts" --data "$data" \
    "${options[@]}" &
child=$!
status=0
wait "$child" || status=$?
child=
exit "$status"
