#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Writes the table of board.h: board.sh OUT FOLDER PATH=FILE... prints C for every file below
# FOLDER, under its path there, and for each FILE under PATH. Copies made by gzip go beside OUT.
set -eu
out=$1
folder=$2
shift 2
packed=${out%.c}.packed
rm -rf "$packed"
mkdir -p "$packed"

type_of() {
    case "$1" in
    *.html) echo "text/html; charset=utf-8" ;;
    *.js | *.mjs) echo "text/javascript; charset=utf-8" ;;
    *.css) echo "text/css; charset=utf-8" ;;
    *.json) echo "application/json" ;;
    *.webmanifest) echo "application/manifest+json" ;;
    *.yaml) echo "application/yaml" ;;
    *.svg) echo "image/svg+xml" ;;
    *.png) echo "image/png" ;;
    *.ico) echo "image/vnd.microsoft.icon" ;;
    *.woff2) echo "font/woff2" ;;
    *.txt) echo "text/plain; charset=utf-8" ;;
    *) echo "application/octet-stream" ;;
    esac
}

list() {
    if [ -d "$folder" ]; then
        (cd "$folder" && find . -type f ! -name '.*' ! -name '*.md' | sort) |
            sed "s|^\./\(.*\)|/\1=$folder/\1|; s|^/index\.html=|/=|"
    fi
    if [ ! -e "$folder/index.html" ]; then
        echo '<!doctype html><html lang="en"><meta charset="utf-8"><title>vigil</title><p>This vigild was built without its ward board.</p></html>' \
            >"$packed/none.html"
        echo "/=$packed/none.html"
    fi
    for pair in "$@"; do echo "$pair"; done
}

piece() { # NAME FILE: its bytes under that name
    printf '__asm__(".section .rodata\\n.balign 16\\n.hidden %s\\n.globl %s\\n%s:\\n.incbin \\"%s\\"\\n.byte 0\\n.previous\\n");\n' "$1" "$1" "$1" "$2"
    printf 'extern const unsigned char %s[];\n' "$1"
}

n=0
rows=$packed/rows
: >"$rows"
{
    echo '#include "shell/board.h"'
    list "$@" >"$packed/list"
    while IFS='=' read -r path file; do
        size=$(stat -c %s "$file")
        hash=$(sha256sum <"$file" | cut -c 1-32)
        piece "vg_board_$n" "$file"
        gzip -9nc "$file" >"$packed/$n.gz"
        small=$(stat -c %s "$packed/$n.gz")
        name=0
        if [ "$small" -lt "$((size * 9 / 10))" ]; then
            name=vg_board_packed_$n
            piece "$name" "$packed/$n.gz"
        else
            small=0
        fi
        printf '    {"%s", "%s", "\\"%s\\"", vg_board_%s, %s, %s, %s},\n' \
            "$path" "$(type_of "$file")" "$hash" "$n" "$size" "$name" "$small" >>"$rows"
        n=$((n + 1))
    done <"$packed/list"
    echo 'const struct vg_board_file vg_board_files[] = {'
    cat "$rows"
    echo '};'
    echo 'const size_t vg_board_file_count = sizeof vg_board_files / sizeof vg_board_files[0];'
} >"$out"
