#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The test of threats.sh: it is content with the tree, and names what is broken on purpose.
set -u
cd "$(dirname "$0")/../.." || exit 3
good=0
bad=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r SECURITY.md tests "$work"

# broken SED SENTENCE: with that edit of SECURITY.md it must say that.
broken() {
    sed -E "$1" SECURITY.md >"$work/SECURITY.md"
    if tests/lint/threats.sh "$work" | grep -qF "$2"; then
        good=$((good + 1))
    else
        echo "not seen: $2"
        bad=$((bad + 1))
    fi
}

if tests/lint/threats.sh; then good=1; else bad=1; fi
broken 's/test_a_hundred_tokens/test_a_thousand_tokens/' "M20: tests/outside/test_honey.py has no test_a_thousand_tokens"
broken 's/::test_a_hundred_tokens/::a_hundred_tokens/' "has no a_hundred_tokens"
broken 's/::retained_and_large_ones/::retained_and_small_ones/' "M3: tests/unit/test_command_wire.c has no retained_and_small_ones_are_answered"
broken 's|tests/outside/test_honey.py|tests/outside/test_money.py|' "M20: there is no tests/outside/test_money.py"
broken '/^\| M17 /d' "there is no row M17"
broken 's/^\| M36 E .*/| M36 E | x | y | z |/' "M36 names no test"
echo "$good passed, $bad failed"
[ "$bad" -eq 0 ]
