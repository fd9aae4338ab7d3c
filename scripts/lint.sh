#!/usr/bin/env bash
# ---
# lint.sh: the style of the Swift sources and of the scripts. Silent when all is well.
# ---
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

case "${1:-}" in
    -h | --help)
        help_of "$0"
        exit 0
        ;;
esac
cd "$project"
# Generated code keeps its generator's style.
git ls-files '*.swift' | grep -v /Generated/ | xargs swift format lint --strict
shellcheck -x scripts/*.sh .ci/run
