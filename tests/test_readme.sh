#!/bin/sh
# Every command of the READMEs, the front ones and the course's, works, both languages show the same commands and programs,
# and the C programs they show are valid. `make run` and `make test` themselves are left out: the one runs this build's
# programs, the other runs this.
# usage: test_readme.sh SOURCE BUILD
set -eu
source=$1 build=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
blocks() { # LANGUAGE FILE: the contents of its code blocks
    awk -v start="^\`\`\`$1\$" '$0 ~ start {inside = 1; next} /^```$/ {inside = 0} inside' "$2"
}
mkdir -p "$work/build/out"
ln -s "$build" "$work/build/release"
ln -s "$source/data" "$source/examples" "$source/Makefile" "$source/tools" "$work/"
for folder in . examples/course; do
    for language in sh c; do
        blocks $language "$source/$folder/README.md" | sed 's/ *#.*[^>]$//; s, */\*.*,,' >"$work/english"
        blocks $language "$source/$folder/README.zh-CN.md" | sed 's/ *#.*[^>]$//; s, */\*.*,,' >"$work/chinese"
        cmp "$work/english" "$work/chinese" || { echo "the READMEs of $folder differ in their $language blocks"; exit 1; }
    done
    blocks sh "$source/$folder/README.md" | sed 's/ *#.*//' | grep -v '^make ' >>"$work/commands"
done
while read -r command; do
    echo "\$ $command"
    (cd "$work" && sh -c "$command" </dev/null) || { echo "README.md: fails: $command"; exit 1; }
done <"$work/commands"
[ "$(wc -l <"$work/commands")" -ge 6 ]
