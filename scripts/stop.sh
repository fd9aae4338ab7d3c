#!/usr/bin/env bash
# ---
# stop.sh [DIR]: stops what runs on a data directory in order: workers drain, then the coordinator ends, then the
# sandbox. Nothing is lost: scripts/resume.sh goes on.
#
# DIR is the data directory, ./recoup-data unless given. Exit 0 also when nothing was running.
# ---
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

case "${1:-}" in
    -h | --help)
        help_of "$0"
        exit 0
        ;;
esac
exec "$(recoup_binary)" stop --data "${1:-recoup-data}"
