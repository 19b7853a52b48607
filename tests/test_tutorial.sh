#!/bin/sh
# The five programs print what PyTorch prints for their Python counterparts (the .expected files), have no more
# statements than those, free nothing by hand, and leave nothing behind under valgrind.
# usage: test_tutorial.sh SOURCE BUILD
set -eu
source=$1 build=$2 failed=0
for program in "$source"/examples/tutorial/*.c; do
    name=$(basename "$program" .c)
    "$build/examples/tutorial/$name" >"$build/tutorial.out" || { echo "$name: exit $?"; failed=1; }
    cmp "$build/tutorial.out" "$source/examples/tutorial/$name.expected" || failed=1
    # A statement of C ends in ; inside a function, one of Python is a line that is no class, def or import.
    c=$(sed -n '/{$/,/^}/p' "$program" | grep -v '^typedef\|^} \|(void)self\|cor_module base' | grep -c ';$')
    python=$(grep -c '^ *[a-z]' "$source/examples/tutorial/$name.py")
    [ "$c" -le "$python" ] || { echo "$name: $c statements in C, $python in Python"; failed=1; }
    ! grep -n 'cor_release\|free(' "$program" || failed=1
    if command -v valgrind >/dev/null && [ -z "${CORRIE_NO_VALGRIND:-}" ]; then
        CORRIE_CACHE=0 valgrind -q --leak-check=full --errors-for-leak-kinds=definite,indirect --error-exitcode=9 \
            "$build/examples/tutorial/$name" >/dev/null || { echo "$name: valgrind"; failed=1; }
    fi
done
exit $failed
