#!/usr/bin/env bash
# ---
# resume.sh [DIR]: goes on with an interrupted run, whatever was killed, and ends with its report.
#
# DIR is the data directory, ./recoup-data unless given. Stops what is left of the earlier processes, starts them all
# again, and exits 0 when the run is finished (also when it was finished before).
# ---
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

case "${1:-}" in
    -h | --help)
        help_of "$0"
        exit 0
        ;;
esac
exec "$(recoup_binary)" resume --data "${1:-recoup-data}" "${@:2}"
