#!/usr/bin/env bash
# ---
# docc.sh [DIR]: writes the documentation of the lower floors (0 to 2) as DocC archives; a warning is a failure.
#
# DIR is .build/docc unless given.
# ---
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

output=.build/docc
case "${1:-}" in
    -h | --help)
        help_of "$0"
        exit 0
        ;;
    '') ;;
    *) output=$1 ;;
esac
require_swift
cd "$project"
targets=(Arrears Tables LoanBook Leasing Wire Ledger Documents)
export RECOUP_DOCC=1
mkdir -p "$output"
for target in "${targets[@]}"; do
    log "Documenting $target …"
    # Nothing here is public: what is documented is what the package's own targets see of each other.
    swift package --scratch-path .build/docc-build --allow-writing-to-directory "$output" generate-documentation \
        --target "$target" --symbol-graph-minimum-access-level package --disable-indexing \
        --warnings-as-errors --output-path "$output/$target.doccarchive"
done
log "Written to $output: $(printf '%s ' "${targets[@]}")"
