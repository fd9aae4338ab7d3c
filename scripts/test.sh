#!/usr/bin/env bash
# ---
# test.sh [OPTIONS]: installs what the tests need, looks at the style, builds, and runs all tests. Options go to
# `swift test`.
#
#   scripts/test.sh
#   scripts/test.sh --filter LeasingTests
# ---
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

case "${1:-}" in
    -h | --help)
        help_of "$0"
        exit 0
        ;;
esac
"$project/scripts/setup.sh" --tests
cd "$project"
scripts/lint.sh
log "Building the tests …"
# By product: `--build-tests` would also build the tools of dependencies, a whole C++ protoc among them.
sparse swift build --product recoup
sparse swift build --product recoupPackageTests
if (($# > 0)); then exec swift test --skip-build "$@"; fi
# One test after another: many of them drive real processes or wait for a peer, and a machine has few cores.
exec swift test --skip-build --no-parallel
