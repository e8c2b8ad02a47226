#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# SECURITY.md names for each threat the tests that show its control: a row without one must say what is not done, and
# each test that is named must be there. Usage: threats.sh [ROOT]; prints each fault and ends with 1 if there was one.
set -u
cd "${1:-$(dirname "$0")/../..}" || exit 3
faults=0
fault() { echo "SECURITY.md: $1"; faults=$((faults + 1)); }

# In a Python test "def name(", in C "name(" of a function; in the sample of a fuzzer likewise.
is_there() { grep -qE "^(def |static [a-z_ ]*[ *]|[a-z]+ )?$2\\(" "$1"; }

for row in $(seq 36); do
    text=$(grep -E "^\\| M$row [STRIDE]+ \\|" SECURITY.md) || { fault "there is no row M$row" && continue; }
    file=
    named=0
    while IFS= read -r test; do
        file=${test%%::*}
        [ -n "$file" ] || file=$before
        before=$file
        named=$((named + 1))
        if [ ! -f "$file" ]; then
            fault "M$row: there is no $file"
        elif ! is_there "$file" "${test##*::}"; then
            fault "M$row: $file has no ${test##*::}"
        fi
    done < <(grep -oE '`[a-z0-9_./-]*::[A-Za-z0-9_]+`' <<<"$text" | tr -d '`')
    [ "$named" -gt 0 ] || grep -q "Not done" <<<"$text" || fault "M$row names no test and does not say what is not done"
done
[ "$faults" -eq 0 ] || { echo "$faults faults"; exit 1; }
