#!/bin/sh
# The programs of the course print what stands in the .expected files beside them, write what they say, stand in both
# READMEs, and take the binary version of CIFAR-10, here a made-up one.
# usage: test_course.sh SOURCE BUILD
set -eu
source=$1 build=$2 failed=0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/build" "$work/cifar"
ln -s "$source/data" "$source/examples" "$work/"
cd "$work"
complain() { echo "$1"; failed=1; }

for program in "$source"/examples/course/*.c; do
    name=$(basename "$program" .c)
    "$build/examples/course/$name" >out || complain "$name: exit $?"
    sh "$source/tests/same_numbers.sh" "$source/examples/course/$name.expected" out || complain "$name: another output"
    logs=$(sed -n 's/^tensorboard --logdir //p' out)
    [ -z "$logs" ] || ls "$logs"/events.out.tfevents.* >/dev/null || complain "$name: no log in $logs"
    for readme in README.md README.zh-CN.md; do
        grep -q "\[.$name\.c.\]($name\.c).*build/release/examples/course/$name" "$source/examples/course/$readme" ||
            complain "$readme: $name is missing"
    done
done

# Dark frogs and bright ships, 20 of each a file.
record() { printf "\\$1"; head -c 3072 /dev/zero | tr '\0' "\\$2"; }
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do record 6 40; record 10 377; done >cifar/test_batch.bin
for i in 1 2 3 4 5; do cp cifar/test_batch.bin "cifar/data_batch_$i.bin"; done
"$build/examples/course/p27_train" cifar 3 frogs >out || complain "p27_train cifar: exit $?"
grep -q '^200 pictures for training, 40 for testing$' out && tail -n 3 out | grep -q "accuracy 1.00$" || complain "$(cat out)"
"$build/examples/course/p32_predict" frogs/net_2.safetensors data/digits/five.png cifar >out || complain "p32_predict: exit $?"
grep -q 'five.png: frog$' out || complain "$(cat out)"

! "$build/examples/course/p14_datasets" nowhere >out 2>&1 || complain "p14_datasets nowhere: no failure"
grep -q 'nowhere/.*cannot be opened' out || complain "$(cat out)"
exit $failed
