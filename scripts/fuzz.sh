#!/usr/bin/env bash
# ---
# fuzz.sh [--seconds N | --runs N] [--merge] [TARGET ...]: throws bytes at what strangers can send to.
#
#   scripts/fuzz.sh                          every target, 60 seconds each
#   scripts/fuzz.sh --runs 1000000 frames    one target, a million executions
#   scripts/fuzz.sh --merge                  afterwards, adds what reached new code to the committed corpus, minimised
#
# Builds with coverage in .build/fuzz, starts from Tests/Corpus/TARGET, and keeps what it finds in .build/fuzz-found.
# An input that crashes, violates what must hold, takes longer than 5 s or more than 1 GiB stays in
# .build/fuzz-found/TARGET/crashes; the command that replays it is printed.
#
# Exit codes: 0 nothing found, 1 a target failed, 2 usage.
# ---
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

limit=(-max_total_time=60)
merge=false
targets=()
while (($# > 0)); do
    case "$1" in
        -h | --help)
            help_of "$0"
            exit 0
            ;;
        --seconds | --runs)
            [[ "${2:-}" =~ ^[1-9][0-9]*$ ]] || die "$1: expected a number, got ${2:-nothing}" 2
            if [[ $1 == --seconds ]]; then limit=("-max_total_time=$2"); else limit=("-runs=$2"); fi
            shift
            ;;
        --merge) merge=true ;;
        -*) die "expected --seconds, --runs, --merge or targets, got $1" 2 ;;
        *)
            [[ -d "$project/Tests/Corpus/$1" ]] || die "expected a target with a folder in Tests/Corpus, got $1" 2
            targets+=("$1")
            ;;
    esac
    shift
done

require_swift
require_packages libnghttp2-dev
cd "$project"
if ((${#targets[@]} == 0)); then
    for folder in Tests/Corpus/*/; do targets+=("$(basename "$folder")"); done
fi
log "Building the fuzz targets …"
export RECOUP_FUZZ=1
# A trap must reach libFuzzer, which keeps the input, and not the runtime's own backtrace.
export SWIFT_BACKTRACE=enable=no
build=(swift build -c release --sanitize fuzzer --product fuzz --scratch-path .build/fuzz)
sparse "${build[@]}"
fuzz="$("${build[@]}" --show-bin-path)/fuzz"

# The longest input of a target stands in its source; the corpus' limit of 4 KiB is above all of them.
longest() {
    local text
    text=$(grep -rhoE "FuzzTarget\(\"$1\", longestInput: [0-9_]+" Tests/FuzzTargets) || die "no target $1" 2
    text=${text##* }
    printf '%s\n' "${text//_/}"
}

failed=0
total=0
printf '%-10s %12s %9s %6s %6s %9s  %s\n' target executions exec/s new cover 'peak RSS' result
for target in "${targets[@]}"; do
    found=.build/fuzz-found/$target
    mkdir -p "$found/corpus" "$found/crashes"
    log=$found/log
    options=("-max_len=$(longest "$target")" -timeout=5 -rss_limit_mb=1024 -print_final_stats=1
        "-artifact_prefix=$found/crashes/")
    if [[ -f Tests/Corpus/$target.dict ]]; then options+=("-dict=Tests/Corpus/$target.dict"); fi
    status=0
    RECOUP_FUZZ_TARGET=$target "$fuzz" "${options[@]}" "${limit[@]}" "$found/corpus" "Tests/Corpus/$target" \
        >"$log" 2>&1 || status=$?
    stat() { awk -v name="stat::$1:" '$1 == name { print $2 }' "$log"; }
    cover=$(grep -oE 'cov: [0-9]+' "$log" | tail -n 1 | cut -d' ' -f2 || true)
    executions=$(stat number_of_executed_units)
    total=$((total + ${executions:-0}))
    result=ok
    if ((status != 0)); then
        failed=$((failed + 1))
        result=FAILED
    fi
    printf '%-10s %12s %9s %6s %6s %6s MB  %s\n' "$target" "${executions:-?}" "$(stat average_exec_per_sec)" \
        "$(stat new_units_added)" "${cover:-?}" "$(stat peak_rss_mb)" "$result"
    if ((status != 0)); then
        grep -E "^(Fatal error|.*Fatal error:|==[0-9]+== ?ERROR|SUMMARY)" "$log" | head -n 5 | cut -c1-400 || true
        artifact=$(grep -oE 'Test unit written to .*' "$log" | tail -n 1 | cut -d' ' -f5 || true)
        printf '  replay: SWIFT_BACKTRACE=enable=no RECOUP_FUZZ_TARGET=%s %s %s\n' "$target" "$fuzz" "${artifact:-(see $log)}"
    elif $merge; then
        RECOUP_FUZZ_TARGET=$target "$fuzz" -merge=1 "-max_len=$(longest "$target")" "Tests/Corpus/$target" \
            "$found/corpus" >"$found/merge.log" 2>&1 || die "merging $target failed: see $found/merge.log"
    fi
done
printf '%s executions over %s targets, %s failed\n' "$total" "${#targets[@]}" "$failed"
((failed == 0))
