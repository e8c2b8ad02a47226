#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Breaks each rule of layers.sh once, in a scratch copy, and sees that it notices: a
# checker that never fails would look just the same as a clean house.
set -u
here=$(cd "$(dirname "$0")" && pwd)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0
failed=0

result() { # NAME OK
    if [ "$2" = yes ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $1"
    fi
}

fresh() {
    rm -rf "$scratch/tree"
    mkdir -p "$scratch"/tree/{daemon/{core,wire,shell,cli},include/vigil,build}
    echo 'int main(void) { return 0; }' >"$scratch/tree/daemon/main.c"
}

# notices FILE TEXT WORDS: with TEXT in FILE the checker fails and says WORDS.
notices() {
    local said
    fresh
    printf '%b\n' "$2" >"$scratch/tree/$1"
    said=$("$here/layers.sh" build "$scratch/tree") && said="(no fault found)"
    [[ $said == *"$1"*"$3"* ]] && result "$1: $3" yes || result "$1: $3 <- $said" no
}

# accepts FILE TEXT: what is allowed stays allowed.
accepts() {
    fresh
    printf '%b\n' "$2" >"$scratch/tree/$1"
    "$here/layers.sh" build "$scratch/tree" >"$scratch/out" && result "$1" yes ||
        result "$1 <- $(cat "$scratch/out")" no
}

# archive SOURCE WORDS: a core.a made of SOURCE is noticed.
archive() {
    local said
    fresh
    echo "$1" | "${CC:-cc}" -x c -w -c -o "$scratch/tree/a.o" - &&
        ar rcs "$scratch/tree/build/core.a" "$scratch/tree/a.o"
    said=$("$here/layers.sh" build "$scratch/tree") && said="(no fault found)"
    [[ $said == *"$2"* ]] && result "core.a: $2" yes || result "core.a: $2 <- $said" no
}

notices daemon/core/x.c '#include "wire/json.h"' 'core includes only core'
notices daemon/core/x.c '#include "../shell/log.h"' 'core includes only core'
notices daemon/core/x.c '#include "vigil/wire.h"' 'no way in or out'
notices daemon/core/x.c '#include <pthread.h>' 'no clock, thread'
notices daemon/wire/x.c '#include "shell/log.h"' 'wire includes only'
notices daemon/wire/x.h '#include "vigil/store.h"' 'no store'
notices daemon/wire/x.c '#include <time.h>' 'no clock, thread'
notices daemon/shell/x.c '#include "cli/cli.h"' 'nothing of the tool'
notices daemon/shell/x.c '#include <MQTTAsync.h>' 'paho belongs'
notices daemon/cli/x.c '#include <sqlite3.h>' 'SQLite belongs'
notices daemon/shell/settings.c '#include <yaml.h>' 'libyaml belongs'
notices daemon/shell/app.c '#include <microhttpd.h>' 'libmicrohttpd belongs'
notices daemon/shell/channel_smtp.c '#include <curl/curl.h>' 'libcurl belongs'
notices daemon/shell/http.c '#include <cjson/cJSON.h>' 'cJSON belongs'
notices daemon/shell/x.c 'long now = time(NULL);' 'clock is read'
notices daemon/shell/x.c 'clock_gettime(CLOCK_REALTIME, &t);' 'clock is read'
notices daemon/core/long.c "void f(void)\n{\n$(printf '    ;\\n%.0s' {1..60})}" 'function of 62 lines'
notices daemon/core/big.c "$(printf '/* */\\n%.0s' {1..400})" '401 lines'
notices include/vigil/x.h '/* see ../share''d/x */' 'outside the repository'
archive 'long time(long *); long f(void) { return time(0); }' 'calls time'
archive 'int uv_run(void); int f(void) { return uv_run(); }' 'calls uv_run'
archive "$(for i in {1..31}; do echo "int g$i(void); int f$i(void) { return g$i(); }"; done)" '31 undefined'
accepts daemon/shell/mqtt.c '#include <MQTTAsync.h>'
accepts daemon/shell/store_db.h '#include <sqlite3.h>'
accepts daemon/shell/yaml.c '#include <yaml.h>'
accepts daemon/shell/http.c '#include <microhttpd.h>'
accepts daemon/shell/curl_loop.c '#include <curl/curl.h>'
accepts daemon/wire/json.h '#include <cjson/cJSON.h>'
accepts daemon/shell/clock.c 'clock_gettime(CLOCK_REALTIME, &t);'
accepts daemon/core/x.c '#include "vigil/engine.h"'

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
