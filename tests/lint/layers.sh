#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The walls of the house: who may include what, what the pure core may call, and how long
# a function and a file may be. Usage: layers.sh [BUILD [ROOT]]; prints each fault as
# "file:line: sentence" and ends with 1 if there was one.
set -u
cd "${2:-$(dirname "$0")/../..}" || exit 3
core=${1:-build}/core.a
faults=0

fault() { echo "$1"; faults=$((faults + 1)); }
sources() { find "$@" -type f \( -name '*.c' -o -name '*.h' \) 2>/dev/null | sort; }

# forbid PATTERN SENTENCE ALLOWED FOLDER...: PATTERN stands only in files that match ALLOWED.
forbid() {
    local pattern=$1 sentence=$2 allowed=$3 hit
    shift 3
    while IFS= read -r hit; do
        [[ $hit =~ ^($allowed): ]] || fault "$(cut -d: -f1,2 <<<"$hit"): $sentence"
    done < <(sources "$@" | xargs -r grep -HnE "$pattern")
}

up='#include "(\.\./)*'
forbid "$up(wire|shell|cli)/" "core includes only core" '' daemon/core
forbid "$up(shell|cli)/" "wire includes only wire and core" '' daemon/wire
forbid "$up(cli)/" "shell includes nothing of the tool" '' daemon/shell daemon/main.c
forbid '#include "vigil/(wire|store|channel)\.h"' "core knows no way in or out" '' daemon/core
forbid '#include "vigil/(store|channel)\.h"' "wire knows no store and no channel" '' daemon/wire

# One owner for each library.
forbid '#include <MQTT' "paho belongs to daemon/shell/mqtt" 'daemon/shell/mqtt[a-z_]*\.[ch]' daemon include
forbid '#include <sqlite3' "SQLite belongs to daemon/shell/store_" 'daemon/shell/store_[a-z_]*\.[ch]' daemon include
forbid '#include <yaml\.h' "libyaml belongs to daemon/shell/yaml" 'daemon/shell/yaml[a-z_]*\.c' daemon include
forbid '#include <microhttpd' "libmicrohttpd belongs to daemon/shell/http" 'daemon/shell/http[a-z_]*\.[ch]' daemon include
forbid '#include <gnutls/' "GnuTLS belongs to daemon/shell/tls" 'daemon/shell/(tls[a-z_]*|http_tls)\.[ch]' daemon include
forbid '#include <argon2' "libargon2 belongs to daemon/shell/users_hash.c" 'daemon/shell/users_hash\.c' daemon include
forbid '#include <curl/' "libcurl belongs to daemon/shell/curl_" 'daemon/shell/curl_[a-z_]*\.[ch]' daemon include
forbid '#include <zstd' "zstd belongs to daemon/shell/store_zip.c" 'daemon/shell/store_zip\.c' daemon include
forbid '#include <cjson/' "cJSON belongs to daemon/wire" 'daemon/wire/[a-z_]*\.[ch]' daemon include
forbid '#include <(uv|pthread|unistd|sys/.*|netinet/.*|arpa/.*|signal|fcntl|time)\.h>' \
    "the pure half has no clock, thread, socket or file" '' daemon/core daemon/wire
forbid '(^|[^[:alnum:]_>."])(clock_gettime|gettimeofday|time) ?\((CLOCK_|NULL|0|&)' \
    "the clock is read in daemon/shell/clock.c" 'daemon/shell/clock\.c' daemon include

# What core.a asks of the outside: little, and nothing that acts on the world.
world='^(time|clock|clock_gettime|gettimeofday|localtime.*|f?printf|puts|fopen|fwrite|open|read|write|socket|getenv|rand|exit|system|uv_.*|pthread_.*)$'
if [ -f "$core" ]; then
    asked=$(comm -23 <(nm -u "$core" | awk '$1 == "U" {print $2}' | sort -u) \
        <(nm --defined-only "$core" | awk 'NF == 3 {print $3}' | sort -u) | grep -vx '_GLOBAL_OFFSET_TABLE_')
    count=$(grep -c . <<<"$asked")
    [ "$count" -le 30 ] || fault "$core: $count undefined symbols, at most 30: $(tr '\n' ' ' <<<"$asked")"
    for symbol in $(grep -E "$world" <<<"$asked"); do fault "$core: calls $symbol"; done
fi

# Length. A function is what stands between two braces in column one; a test's table of cases may be long.
while IFS= read -r line; do fault "$line"; done < <(sources daemon include tests/unit tests/lib tests/fuzz tests/sim | xargs -r awk '
    FNR == 1 { if (lines > 400) print file ":400: " lines " lines, at most 400"; begin = 0; file = FILENAME }
    { lines = FNR }
    /^\{/ { begin = FNR }
    /^\}/ { if (begin && FNR - begin + 1 > 60 && FILENAME !~ /^tests\/unit/) print FILENAME ":" begin ": function of " FNR - begin + 1 " lines, at most 60"; begin = 0 }
    END { if (lines > 400) print file ":400: " lines " lines, at most 400" }')

# The repository stands alone. (The brackets keep this file from finding itself.)
while IFS= read -r hit; do fault "$hit: names a place outside the repository"; done < <(
    grep -rnIE '\.\./share[d]|\.librar[y]' --exclude-dir='.git' --exclude-dir='build*' . | cut -d: -f1,2)

[ "$faults" -eq 0 ] || { echo "$faults faults"; exit 1; }
