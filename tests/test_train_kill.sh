#!/bin/sh
# Training that is killed at random moments: the file it leaves always loads, and a run that goes on from it gives the
# bits of one that was never stopped. SOAK=1: 200 kills. And: memory does not grow with the steps.
# usage: test_train_kill.sh SOURCE BUILD
set -u
SOURCE=$1 BUILD=$2
corrie=$BUILD/bin/corrie
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
. "$SOURCE/tests/train.sh"
seed=${CORRIE_TEST_SEED:-$(date +%s)} kills=8 steps=3000
[ "${SOAK:-}" = "" ] || { kills=200 steps=10000; }
echo "CORRIE_TEST_SEED=$seed"

# ---- kills
make_folder both
run="--data both $whole --epochs 4 --every 1"
expect 0 "an undisturbed run" "$corrie" train $run --save whole.safetensors
# Moments from 20 to 620 ms, some of which lie before the first file and some behind the end.
awk -v seed="$seed" -v n="$kills" 'BEGIN {srand(seed); for (i = 0; i < n; i++) printf "%.3f\n", 0.02 + 0.6 * rand()}' >moments
none=0 ended=0 within=0
rm -f part.safetensors
while read -r moment; do
    if [ -e part.safetensors ]; then
        "$corrie" train --resume part.safetensors --every 1 --workers 1 --threads 1 --quiet &
    else
        "$corrie" train $run --save part.safetensors &
    fi
    child=$!
    sleep "$moment"
    kill -s KILL $child 2>/dev/null
    wait $child 2>/dev/null
    status=$?
    if [ ! -e part.safetensors ]; then
        none=$((none + 1))
        continue
    fi
    expect 0 "predict from what was left after $moment s" "$corrie" predict part.safetensors "$SOURCE/examples/data/digit-3.png"
    if [ $status = 0 ]; then
        ended=$((ended + 1))
    else
        within=$((within + 1))
        [ $status = 137 ] || { echo "killed after $moment s: exit $status"; failed=1; }
        # Every second run that was cut is cut again; the others go on to their end.
        [ $((within % 2)) = 0 ] || continue
    fi
    expect 0 "going on after $moment s" "$corrie" train --resume part.safetensors --quiet --workers 0 --threads 1
    same whole.safetensors part.safetensors "killed after $moment s"
    rm -f part.safetensors ./*.part
done <moments
echo "$kills kills: $none before the first file, $within within the run, $ended behind its end"
[ $within -gt 0 ] || { echo "no run was killed within"; failed=1; }

# ---- memory
peak() { # STEPS: the most memory, in KiB, of a run of at least so many steps
    "$corrie" train --data both --model digits --size 8 --channels 1 --batch-size 4 --augment=affine --threads 1 --quiet \
        --epochs $(($1 / 11 + 1)) --save steps.safetensors --logdir log &
    child=$!
    while kill -0 $child 2>/dev/null; do
        awk '/^VmHWM/ {print $2}' /proc/$child/status >now 2>/dev/null && [ -s now ] && cp now last
        sleep 0.05
    done
    wait $child || { echo "the run of $1 steps failed" >&2; failed=1; }
    cat last
}
few=$(peak $((steps / 3)))
many=$(peak "$steps")
echo "$((steps / 3)) steps: $few KiB, $steps steps: $many KiB"
[ "$many" -le $((few + 1024)) ] || { echo "memory grows with the steps"; failed=1; }
exit $failed
