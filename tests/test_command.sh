#!/bin/sh
# The command: what its verbs print, write and refuse, and their exit codes.
# usage: test_command.sh SOURCE BUILD
set -u
source=$1 corrie=$2/bin/corrie
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

. "$source/tests/command.sh"
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

expect 0 "bench" "$corrie" bench conv mb1ic8ih12oc8oh12kh3ph1 --threads 1 --time 1
says out '^mb1ic8ih12oc8oh12kh3ph1 .* fwd .* float32 .* direct .* %$'
expect 0 "bench --json" "$corrie" bench conv mb1ic1ih5oc1oh3kh3 --dtype int64 --json --time 1
says out '"median_us"'
says out '"dtype":"int64","implementation":"small"'
expect 0 "bench --dir and --check" "$corrie" bench conv mb1ic8ih12oc8oh12kh3sh2ph1 --dir all --check --time 1
says out ' fwd  *float32 .* % *0\.[0-9]* [0-9]\.[0-9]*$'
says out ' bwd_d *float32 .* % *0\.[0-9]* [0-9]\.[0-9]*$'
says out ' bwd_w *float32 .* % *0\.[0-9]* [0-9]\.[0-9]*$'
for type in float64 float16 bfloat16; do
    expect 0 "bench --check of $type" "$corrie" bench conv g2mb2ic6iw30oc4kw5dw1pw2 --dir all --dtype $type --check --time 1 --json
    says out '"within_bounds":true,"share_checked":1.0,"rms_error":0\.'
done
for type in uint8 int8 int16 int32 int64; do
    expect 0 "bench --check of $type" "$corrie" bench conv mb2ic5id4oc3kd3pd1 --dir all --dtype $type --check --time 1
    says out ' -  exact$'
done
expect 0 "bench of transposed problems" "$corrie" bench conv --deconv g2mb2ic4ih5oc6kh4sh2ph1 mb1ic3iw7oc5ow18kw3sw3 \
    mb2ic4id3oc2kd2sd2 --dir all --dtype float32,int32 --check --time 1 --json
says out '"problem":"--deconv g2mb2ic4ih5oc6oh10kh4sh2ph1","direction":"bwd_w"'
[ "$(grep -c '"within_bounds":true' out)" = 18 ] || { echo "transposed problems are not right:"; cat out; failed=1; }
expect 0 "bench of unequal padding" "$corrie" bench conv mb1ic2ih8oc2oh8kh4 mb1ic2ih4oc2oh5kh2sh1ph0 --dir all --check --time 1
[ "$(grep -c ' %  0\.' out)" = 6 ] || { echo "unequal padding is not right:"; cat out; failed=1; }
expect 0 "options before a problem" "$corrie" bench conv --time 1 -- '--deconv --dt=f64 mb1ic2ih5oc2kh3'
says out '^--deconv mb1ic2ih5oc2oh7kh3ph0 .* float64'

# A file as oneDNN's are: options that hold on, comments, a broken line, names, several problems in a line.
cat >shapes <<'END'
# a network
--reset --dt=f32 --skip-impl=ref --stag=any
--dir=FWD_D,\
BWD_D
mb1_ic4oc4_ih9oh7kh3sh1dh0ph0_iw7ow5kw3sw1dw0pw0n"net:conv1" g2ic4iw9oc4kw3n"net:conv2*3"
--reset --mb=3 --cfg=s8s8s8
ic4ih9oc4oh9kh3n"net:conv3"
END
expect 0 "a file of benchdnn" "$corrie" bench conv --shapes shapes --json --time 1
[ "$(grep -c '"median_us"' out)" = 5 ] || { echo "a file of benchdnn gives other rows:"; cat out; failed=1; }
says out '"problem":"mb1ic4ih9iw7oc4oh7ow5kh3kw3ph0pw0","direction":"bwd_d","dtype":"float32"'
says out '"problem":"g2mb2ic4iw9oc4ow7kw3pw0"'
says out '"problem":"mb3ic4ih9oc4oh9kh3ph1","direction":"fwd","dtype":"int8"'
printf 'mb1ic1ih5oc1kh3\nnonsense\nmb2ic1ih5oc1kh3\n' | "$corrie" bench conv --shapes - --json --time 1 >out 2>err
[ $? = 1 ] && [ "$(wc -l <out)" = 3 ] || { echo "the standard input gives other rows"; cat out; failed=1; }
says out '"problem":"nonsense","error":"'

expect 0 "bench --list" "$corrie" bench conv --list --dir all --dtype float64 mb1ic1ih5oc1kh3
is '--dir=fwd --dt=f64 mb1ic1ih5oc1oh3kh3ph0
--dir=bwd_d --dt=f64 mb1ic1ih5oc1oh3kh3ph0
--dir=bwd_w --dt=f64 mb1ic1ih5oc1oh3kh3ph0'
for list in "$source"/bench/shapes/*.txt; do
    expect 0 "$list" "$corrie" bench conv --list --shapes "$list"
    # Every line says its problem in full, as it is printed.
    sed -n 's/^\(.* \)*\([a-z0-9]*ic[0-9]\)/\2/; s/^\([a-z0-9]*ic[0-9a-z]*\).*/\1/p' "$list" >written
    sed 's/.* //' out | cmp -s - written || { echo "$list is read as something else"; sed 's/.* //' out | diff - written | head -4; failed=1; }
done

expect 0 "a tile computed again" env CORRIE_VERBOSE=check "$corrie" bench conv mb1ic16ih20oc16oh20kh3ph1 --time 1
says err 'check: mb1ic16ih20oc16oh20kh3ph1: winograd: .*off by [0-9.e-]* of [0-9.e+]*$'

expect 1 "a problem that is none" "$corrie" bench conv nonsense
says err 'nonsense'
expect 1 "a file that is not there" "$corrie" bench conv --shapes absent
says err 'absent: cannot be opened'
echo '--attr-post-ops=gelu_erf mb1ic1ih5oc1kh3' >shapes
expect 1 "an option that changes the computation" "$corrie" bench conv --shapes shapes
says err '--attr-post-ops=gelu_erf is not supported'
expect 0 "what follows a convolution" "$corrie" bench conv --attr-post-ops=sum+swish --check --time 1 mb1ic16ih20oc16oh20kh3ph1 \
    mb1ic2ih5oc2oh5kh4 -- "--dt=f64,bf16 --dir=FWD_B --attr-scales=wei:per_oc g16mb1ic16ih9oc16oh9kh3ph1 mb1ic3iw40oc4kw3 mb1ic3id4oc4kd3"
says out '^--attr-post-ops=sum+swish mb1ic16ih20oc16oh20kh3ph1  *fwd  *float32  *winograd'
expect 2 "a post-op that there is not" "$corrie" bench conv --attr-post-ops=gelu mb1ic1ih5oc1kh3
expect 1 "post-ops of integers" "$corrie" bench conv --attr-post-ops=relu --dtype int32 mb1ic1ih5oc1kh3
says err 'post-ops and scales are of forward convolutions of floating dtypes'
expect 2 "bench of nothing" "$corrie" bench
expect 0 "bench matmul" "$corrie" bench matmul 5,6,7 2,3,4,5 --layout tn --threads 1
says out "2,3,4,5"
expect 0 "bench, options, matmul" "$corrie" bench --threads 1 matmul 5,6,7
expect 0 "bench matmul --linear --json" "$corrie" bench matmul 5,6,7 --linear --dtype float64 --json
says out "linear"
expect 1 "a product that is none" "$corrie" bench matmul 5,6
expect 2 "a layout that is none" "$corrie" bench matmul 5,6,7 --layout nx
expect 2 "bench of no product" "$corrie" bench matmul
mkdir -p pictures/a && cp "$source/examples/data/cat.png" "$source/examples/data/rocket.jpg" pictures/a
expect 0 "bench data" "$corrie" bench data pictures --size 32 --epochs 2 --workers 1
says out '^epoch 2: 2 pictures, [0-9.]* a second'
expect 0 "bench data --json" "$corrie" bench data pictures --size 32 --epochs 1 --json
says out '"pictures": 2'
expect 1 "bench data of no folder" "$corrie" bench data absent
says err 'absent: cannot be opened'
expect 2 "bench data of nothing" "$corrie" bench data
expect 2 "a size that is none" "$corrie" bench data pictures --size 0
says err "'0' is no number from 1 to 4096"
expect 2 "bench without problems" "$corrie" bench conv
expect 2 "bench of something else" "$corrie" bench division
expect 2 "an unknown dtype" "$corrie" bench conv mb1ic1ih5oc1kh3 --dtype float8
says err "there is no dtype 'float8'"
expect 2 "an unknown direction" "$corrie" bench conv mb1ic1ih5oc1kh3 --dir sideways
expect 2 "threads that cannot be" "$corrie" bench conv mb1ic1ih5oc1kh3 --threads 0
exit $failed
