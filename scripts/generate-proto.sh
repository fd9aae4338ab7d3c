#!/usr/bin/env bash
# Makes Sources/Wire/Generated/ from proto/recoup/v1/*.proto. The result is committed: building Recoup needs no protoc.
# Needs protoc (Debian: protobuf-compiler) and the checked-out swift-protobuf package (after any swift build or resolve).
# The plugin is built once, in a scratch directory, from the very version that the package links.
set -euo pipefail

if [[ "${1:-}" == "--help" || "${1:-}" == "-h" ]]; then
    echo "usage: scripts/generate-proto.sh"
    echo "  PROTOC_GEN_SWIFT=PATH   use this plugin instead of building one"
    exit 0
fi

root=$(cd "$(dirname "$0")/.." && pwd)
checkout="$root/.build/checkouts/swift-protobuf"

command -v protoc >/dev/null || {
    echo "generate-proto: expected protoc on the path, found none: apt-get install protobuf-compiler" >&2
    exit 2
}

plugin=${PROTOC_GEN_SWIFT:-}
if [[ -z "$plugin" ]]; then
    [[ -d "$checkout" ]] || {
        echo "generate-proto: expected $checkout, found none: run 'swift package resolve' first" >&2
        exit 2
    }
    scratch="${TMPDIR:-/tmp}/recoup-protoc-gen-swift"
    mkdir -p "$scratch"
    cp -R "$checkout/." "$scratch/"
    (cd "$scratch" && swift build -c debug --product protoc-gen-swift)
    plugin="$scratch/.build/debug/protoc-gen-swift"
fi

output="$root/Sources/Wire/Generated"
rm -rf "$output"
mkdir -p "$output"
# Internal visibility: outside of Wire a message exists only as a validated domain value.
protoc --plugin="protoc-gen-swift=$plugin" \
    --proto_path="$root/proto" \
    --swift_out="$output" \
    --swift_opt=Visibility=Internal \
    --swift_opt=FileNaming=DropPath \
    "$root"/proto/recoup/v1/*.proto
ls -l "$output"
