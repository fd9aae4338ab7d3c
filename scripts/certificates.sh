#!/usr/bin/env bash
# ---
# certificates.sh: an authority and certificates of it, for lenders without an authority of their own.
#
#   scripts/certificates.sh DIR coordinator HOST...            DIR/coordinator.pem and .key, for these names and addresses
#   scripts/certificates.sh DIR worker NAME STAGE[,STAGE...]   DIR/NAME.pem and .key, for the worker NAME of these stages
#
# NAME may end in *, as in 'sms-*': all workers whose names begin so may use it, such as those of a pool; its files are
# then named without the star. The authority is DIR/ca.pem and DIR/ca.key, made at the first call: keep ca.key off the
# hosts. DAYS is how long a certificate lasts (397), LENDER whose workers they are (lender).
#
# Exit codes: 0 made, 2 usage or something is missing.
# ---
# shellcheck source=scripts/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

case "${1:-}" in
    -h | --help)
        help_of "$0"
        exit 0
        ;;
esac
[[ $# -ge 3 ]] || die "expected DIR, coordinator or worker, and who, got $# words" 2
command -v openssl >/dev/null || die "openssl: expected the program, got none; install openssl" 2
directory=$1 kind=$2
shift 2
days=${DAYS:-397}
lender=${LENDER:-lender}

umask 077
mkdir -p "$directory"
if [ ! -e "$directory/ca.key" ]; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=$lender authority" \
        -keyout "$directory/ca.key" -out "$directory/ca.pem" 2>/dev/null
fi

# certificate NAME SUBJECT_ALTERNATIVE_NAMES
certificate() {
    local base="$directory/$1" request
    request=$(mktemp)
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -keyout "$base.key" -out "$request" \
        2>/dev/null
    openssl x509 -req -in "$request" -CA "$directory/ca.pem" -CAkey "$directory/ca.key" -CAcreateserial -days "$days" \
        -extfile <(printf 'subjectAltName=%s\n' "$2") -out "$base.pem" 2>/dev/null
    rm -f "$request"
    echo "$base.pem, SHA-256 $(openssl x509 -in "$base.pem" -noout -fingerprint -sha256 | cut -d= -f2)"
}

case $kind in
    coordinator)
        names=
        for host in "$@"; do
            case $host in
                *:*) names="$names,IP:$host" ;;
                *[!0-9.]*) names="$names,DNS:$host" ;;
                *) names="$names,IP:$host" ;;
            esac
        done
        certificate coordinator "${names#,}"
        ;;
    worker)
        [[ $# -eq 2 ]] || die "expected NAME and STAGE[,STAGE...], got $# words" 2
        name=${1%\*}
        certificate "${name%-}" "URI:recoup://$lender/worker/$1?stages=${2//,/%2C}"
        ;;
    *) die "expected coordinator or worker, got $kind" 2 ;;
esac
