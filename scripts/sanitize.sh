#!/usr/bin/env bash
# ---
# sanitize.sh address|thread [OPTIONS]: the tests under AddressSanitizer or ThreadSanitizer. Options go to `swift test`.
#
#   scripts/sanitize.sh address
#   scripts/sanitize.sh thread --filter WorkerKitTests
#
# Builds in .build/address or .build/thread, apart from other builds. Any report of the sanitizer ends the run.
# Left out: EndToEndTests, which start the plain binary as processes of their own, where no sanitizer watches.
# ---
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

case "${1:-}" in
    -h | --help)
        help_of "$0"
        exit 0
        ;;
    address | thread) sanitizer=$1 ;;
    *) die "expected address or thread, got ${1:-nothing}" 2 ;;
esac
shift

"$project/scripts/setup.sh" --tests
cd "$project"
log "Building the tests with the $sanitizer sanitizer …"
where=(--sanitize "$sanitizer" --scratch-path ".build/$sanitizer")
sparse swift build "${where[@]}" --product recoupPackageTests

# Leaks are not looked for: Swift's runtime keeps its metadata until the process ends, and frees none of it.
export ASAN_OPTIONS=halt_on_error=1:detect_leaks=0
export TSAN_OPTIONS=halt_on_error=1:suppressions=$project/scripts/thread-sanitizer.txt
# A report, not the runtime's own backtrace of the abort that ends it.
export SWIFT_BACKTRACE=enable=no
# The shadow memory of the thread sanitizer needs the layout that kernels had before they spread mappings wider.
exec setarch "$(uname -m)" --addr-no-randomize \
    swift test --skip-build "${where[@]}" --no-parallel --skip EndToEndTests "$@"
