# command.sh: what the tests of the command share: running it, and looking at what it printed.
failed=0
expect() { # CODE DESCRIPTION COMMAND...: runs it, output in out and err
    code=$1 what=$2
    shift 2
    "$@" >out 2>err </dev/null
    got=$?
    [ $got = "$code" ] || { echo "$what: exit $got, expected $code"; cat err; failed=1; }
}
says() { grep -q -- "$2" "$1" || { echo "$1 lacks '$2':"; cat "$1"; failed=1; }; }
same() { cmp -s "$1" "$2" || { echo "$3: $1 and $2 differ"; failed=1; }; }
