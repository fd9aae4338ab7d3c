#!/usr/bin/env bash
# ---
# quickstart.sh [DIR] [OPTIONS]: from a clean clone to one finished business day.
#
# Installs what is missing, builds, and runs `recoup demo` on a generated book of 10,000 accounts: a coordinator, four
# workers and a sandbox outside world, each a process of its own. Nothing leaves this machine.
#
#   scripts/quickstart.sh                      data in ./recoup-data
#   scripts/quickstart.sh /tmp/day             data in /tmp/day
#   scripts/quickstart.sh /tmp/day --seed 7    more options for `recoup demo`
# ---
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

case "${1:-}" in
    -h | --help)
        help_of "$0"
        exit 0
        ;;
esac
data=recoup-data
if [[ $# -gt 0 && $1 != -* ]]; then
    data=$1
    shift
fi

"$project/scripts/setup.sh"
log "Building (the first time takes some minutes) …"
cd "$project"
sparse swift build --product recoup
cd "$OLDPWD"
exec "$project/.build/debug/recoup" demo --accounts 10000 --data "$data" "$@"
