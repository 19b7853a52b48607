#!/bin/sh
# Every example prints what stands in the .expected file beside it and leaves nothing behind under valgrind.
# usage: test_examples.sh SOURCE BUILD
set -eu
source=$1 build=$2 failed=0
for expected in "$source"/examples/basics/*.expected; do
    name=$(basename "$expected" .expected)
    "$build/examples/basics/$name" >"$build/example.out" || { echo "$name: exit $?"; failed=1; }
    cmp "$build/example.out" "$expected" || failed=1
    CORRIE_CACHE=0 valgrind -q --leak-check=full --errors-for-leak-kinds=definite,indirect --error-exitcode=9 \
        "$build/examples/basics/$name" >/dev/null || { echo "$name: valgrind"; failed=1; }
done
exit $failed
