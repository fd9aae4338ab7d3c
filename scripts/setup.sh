#!/usr/bin/env bash
# ---
# setup.sh [--tests]: installs the Debian packages that Recoup needs and that are missing.
#
#   scripts/setup.sh           what building and running need
#   scripts/setup.sh --tests   also what the tests need
#
# Needs root or password-less sudo; says which packages to install where it has neither.
# ---
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

packages=(libsqlite3-dev libnghttp2-dev zlib1g-dev pkg-config)
case "${1:-}" in
    '') ;;
    --tests) packages+=(protobuf-compiler python3 python3-protobuf openssl shellcheck) ;;
    -h | --help)
        help_of "$0"
        exit 0
        ;;
    *) die "expected --tests or nothing, got $1 (see --help)" 2 ;;
esac
require_swift
require_packages "${packages[@]}"
