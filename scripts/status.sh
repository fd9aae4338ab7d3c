#!/usr/bin/env bash
# ---
# status.sh [DIR] [--json]: runs, stages, tasks by state, uncertain items and live leases. Changes nothing; works
# beside a live coordinator and without one.
#
# DIR is the data directory, ./recoup-data unless given.
# ---
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

data=recoup-data
case "${1:-}" in
    -h | --help)
        help_of "$0"
        exit 0
        ;;
    '' | -*) ;;
    *)
        data=$1
        shift
        ;;
esac
exec "$(recoup_binary)" status --data "$data" "$@"
