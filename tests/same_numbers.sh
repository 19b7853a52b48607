#!/bin/sh
# Whether two outputs of a program are the same but for the last digits of real numbers, which instruction sets and other
# libraries round in their own ways: two units of the last printed place are allowed.
# usage: same_numbers.sh EXPECTED FOUND
exec awk '
function split_line(line, numbers,    text, n) { # the text without its real numbers, which go to numbers[1..]
    text = ""
    for (n = 0; match(line, /-?[0-9]+\.[0-9]+/); line = substr(line, RSTART + RLENGTH)) {
        text = text substr(line, 1, RSTART - 1) "#"
        numbers[++n] = substr(line, RSTART, RLENGTH)
    }
    text = text line
    gsub(/ +/, " ", text)
    return text
}
function differ(a, b,    d) {
    d = a > b ? a - b : b - a
    return length(a) - index(a, ".") != length(b) - index(b, ".") || d > 2.001 / 10 ^ (length(a) - index(a, "."))
}
NR == FNR { expected[++n] = $0; next }
{
    delete a; delete b
    bad = FNR > n || split_line(expected[FNR], a) != split_line($0, b)
    for (i in a) if (!bad && differ(a[i], b[i])) bad = 1
    if (bad) { printf "line %d: expected \"%s\", found \"%s\"\n", FNR, expected[FNR], $0; failed = 1 }
    last = FNR
}
END {
    if (last < n) { printf "%d lines expected, %d found\n", n, last; failed = 1 }
    exit failed
}' "$1" "$2"
