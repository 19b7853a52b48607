#!/bin/sh
# The command: what its verbs print, write and refuse, and their exit codes.
# usage: test_command.sh SOURCE BUILD
set -u
source=$1 corrie=$2/bin/corrie failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

expect() { # CODE DESCRIPTION COMMAND...: runs it, output in out and err
    code=$1 what=$2
    shift 2
    "$@" >out 2>err </dev/null
    got=$?
    [ $got = "$code" ] || { echo "$what: exit $got, expected $code"; cat err; failed=1; }
}
says() { grep -q -- "$2" "$1" || { echo "$1 lacks '$2':"; cat "$1"; failed=1; }; }
is() { printf '%s\n' "$1" | cmp -s - out || { echo "expected: $1"; echo "printed:"; cat out; failed=1; }; }

expect 2 "no verb" "$corrie"
says err 'usage: corrie VERB'
expect 2 "an unknown verb" "$corrie" fly
says err "there is no verb 'fly'"
expect 0 "help" "$corrie" --help
says out 'Exit codes: 0 done, 1 the work failed'
expect 0 "version" "$corrie" --version
is 'corrie 0.1.0'

expect 0 "info" "$corrie" info
for word in version detected allowed chosen threads; do [ $word = version ] || says out "$word"; done
expect 0 "info --json" "$corrie" info --json
says out '"instruction_sets"'
expect 0 "a lower set" env CORRIE_ISA=generic "$corrie" info
says out 'chosen    generic'
expect 2 "info with an argument" "$corrie" info more

echo '[[1, 2, 0, 3, 1], [0, 1, 2, 3, 1], [1, 2, 1, 0, 0], [5, 2, 3, 1, 1], [2, 1, 0, 1, 1]]' >image.txt
printf '1 2 1\n0 1 0\n2 1 0\n' >kernel.txt
expect 0 "the chapter's convolution" "$corrie" conv image.txt --kernel kernel.txt
is 'tensor([[10, 12, 12],
        [18, 16, 16],
        [13,  9,  3]])'
expect 0 "stride 2" "$corrie" conv image.txt --kernel '[[1, 2, 1], [0, 1, 0], [2, 1, 0]]' --stride 2
is 'tensor([[10, 12],
        [13,  3]])'
expect 0 "padding 1" "$corrie" conv image.txt -k kernel.txt -p 1
says out '14, 13,  9,  7,  4'
expect 0 "same and dilation" "$corrie" conv image.txt -k kernel.txt -p same --dilation 2,1 --json
says out '"padding": "same"'
"$corrie" conv - --kernel kernel.txt <image.txt >out 2>err || failed=1
says out '18, 16, 16'
expect 0 "into .npy" "$corrie" conv image.txt -k kernel.txt -o result.npy
[ ! -s out ] && [ "$(wc -c <result.npy)" = 200 ] || { echo "result.npy is wrong"; failed=1; }
expect 0 ".npy again" "$corrie" conv result.npy -k '[[2]]'
says out '20, 24, 24'

for kernel in sobel-x sobel-y laplacian blur gaussian sharpen emboss; do
    expect 0 "$kernel" "$corrie" conv "$source/examples/data/cat.png" --kernel $kernel --padding same --output $kernel.png
    says err "$kernel.png"
    [ -s $kernel.png ] || failed=1
done
expect 0 "a JPEG" "$corrie" conv "$source/examples/data/rocket.jpg" -k blur -s 2 -o small.jpg
says err '319x213 in small.jpg'
expect 0 "a picture's default name" "$corrie" conv small.jpg -k sharpen
[ -s conv.png ] || failed=1

expect 2 "no input" "$corrie" conv --kernel blur
expect 2 "no kernel" "$corrie" conv image.txt
expect 2 "a bad stride" "$corrie" conv image.txt -k kernel.txt -s 0
says err 'from 1 on'
expect 2 "an unknown option" "$corrie" conv image.txt -k kernel.txt --sideways
expect 1 "an absent file" "$corrie" conv absent.png -k blur
says err 'absent.png: cannot be opened'
expect 1 "a kernel too large" "$corrie" conv '-' -k '[[1, 2, 3, 4, 5, 6, 7]]'
expect 1 "a kernel that is larger than the image" "$corrie" conv image.txt -k '[[1, 2, 3, 4, 5, 6, 7]]'
says err "Kernel size can't be greater than actual input size"
expect 1 "a kernel that is no matrix" "$corrie" conv image.txt -k '[1, 2]'
expect 1 "an output that cannot be written" "$corrie" conv image.txt -k kernel.txt -o /nowhere/x.npy
says err '/nowhere/x.npy'
printf '\211PNG\r\n\032\nrubbish' >broken.png
expect 1 "a broken picture" "$corrie" conv broken.png -k blur
says err 'broken.png'

expect 0 "bench" "$corrie" bench conv mb1ic8ih12oc8oh12kh3ph1 --threads 1
says out 'mb1ic8ih12oc8oh12kh3ph1'
expect 0 "bench --json" "$corrie" bench conv mb1ic1ih5oc1oh3kh3 --dtype int64 --json
says out '"median_us"'
expect 1 "a problem that is none" "$corrie" bench conv nonsense
expect 2 "bench of nothing" "$corrie" bench
expect 2 "bench of something else" "$corrie" bench division
expect 0 "bench matmul" "$corrie" bench matmul 5,6,7 2,3,4,5 --layout tn --threads 1
says out "2,3,4,5"
expect 0 "bench matmul --linear --json" "$corrie" bench matmul 5,6,7 --linear --dtype float64 --json
says out "linear"
expect 1 "a product that is none" "$corrie" bench matmul 5,6
expect 2 "a layout that is none" "$corrie" bench matmul 5,6,7 --layout nx
expect 2 "bench of no product" "$corrie" bench matmul
exit $failed
