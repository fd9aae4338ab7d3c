# shellcheck shell=bash
# What the scripts share: where the project is, which binary to run, and how to install what is missing.
# Sourced, never run.

set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

log() { printf '%s\n' "$*" >&2; }

die() {
    log "$(basename "$0"): $1"
    exit "${2:-1}"
}

# The text between the script's first two "# ---" lines is its help.
help_of() {
    awk '/^# ---/ { inside = !inside; next } inside { sub(/^# ?/, ""); print }' "$1"
}

# recoup_binary: prints the path of the binary. RECOUP_BIN wins; then the newest build here; then PATH.
recoup_binary() {
    if [[ -n "${RECOUP_BIN:-}" ]]; then
        [[ -x "$RECOUP_BIN" ]] || die "RECOUP_BIN: expected a program, got $RECOUP_BIN" 2
        printf '%s\n' "$RECOUP_BIN"
        return
    fi
    local newest='' candidate
    for candidate in "$project/.build/release/recoup" "$project/.build/debug/recoup"; do
        [[ -x "$candidate" ]] || continue
        if [[ -z "$newest" || "$candidate" -nt "$newest" ]]; then newest=$candidate; fi
    done
    if [[ -z "$newest" ]]; then
        newest=$(command -v recoup || true)
        [[ -n "$newest" ]] || die "no recoup binary found: run scripts/quickstart.sh, or set RECOUP_BIN" 2
    fi
    printf '%s\n' "$newest"
}

# require_packages NAME...: installs the Debian packages that are missing; says what to do where it may not.
require_packages() {
    local missing=() package as_root=()
    if ! command -v dpkg-query >/dev/null; then
        log "This is no Debian system: see to it yourself that these (or their like) are installed: $*"
        return
    fi
    for package in "$@"; do
        if [[ $(dpkg-query -W -f='${db:Status-Abbrev}' "$package" 2>/dev/null || true) != ii* ]]; then
            missing+=("$package")
        fi
    done
    [[ ${#missing[@]} -gt 0 ]] || return 0
    if [[ $(id -u) -ne 0 ]]; then
        if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
            as_root=(sudo -n)
        else
            die "missing packages, and this user may not install them. Run as root:
    apt-get install ${missing[*]}" 2
        fi
    fi
    log "Installing ${missing[*]}"
    if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null 2>&1; then
        # A fresh machine has no package lists yet.
        "${as_root[@]}" apt-get update -qq >&2 || die "apt-get update failed: is there a network?" 2
        "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2 ||
            die "could not install: ${missing[*]}" 2
    fi
}

require_swift() {
    command -v swift >/dev/null || die "no swift found: install a Swift 6.3 toolchain (https://www.swift.org/install/linux/)" 2
}

# sparse COMMAND...: runs it, shows one line each 15 seconds at most, and the whole output if it fails.
sparse() {
    local output status=0 line last=0
    output=$(mktemp)
    {
        "$@" 2>&1 || echo "status $?" >"$output.status"
    } | while IFS= read -r line; do
        printf '%s\n' "$line" >>"$output"
        if ((SECONDS - last >= 15)) && [[ $line == \[* ]]; then
            log "  ${line:0:100}"
            last=$SECONDS
        fi
    done
    if [[ -s "$output.status" ]]; then
        read -r _ status <"$output.status"
        cat "$output" >&2
    fi
    rm -f "$output" "$output.status"
    return "$status"
}
