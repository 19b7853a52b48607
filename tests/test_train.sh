#!/bin/sh
# corrie train and corrie predict: what they print, write and refuse; a run that goes on gives the bits of one that was
# never stopped.
# usage: test_train.sh SOURCE BUILD
set -u
SOURCE=$1 BUILD=$2
corrie=$BUILD/bin/corrie
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
. "$SOURCE/tests/train.sh"
# $corrie may be followed by words of $whole: both are cut at spaces on purpose.
digits="--data digits --batch-size 128 --threads 1"

# ---- usage
expect 2 "no data" "$corrie" train
says err '--data is missing'
expect 2 "an unknown network" "$corrie" train --data digits --model nothing
says err "there is no network 'nothing'; there are lenet"
expect 2 "an unknown optimizer" "$corrie" train --data digits --optimizer fast
expect 2 "an unknown scheduler" "$corrie" train --data digits --scheduler fast
expect 2 "no epochs" "$corrie" train --data digits --epochs 0
says err "--epochs takes a whole number from 1 to 1000000, not '0'"
expect 2 "a word for a number" "$corrie" train --data digits --lr fast
says err "--lr takes a number from 0 to 1e+06, not 'fast'"
expect 2 "an unknown step" "$corrie" train --data digits --augment=fold
expect 2 "a step after a space" "$corrie" train --data digits --augment flip
says err '--augment=flip'
expect 2 "a momentum without one" "$corrie" train --data digits --momentum 0.9
expect 2 "--every without --save" "$corrie" train --data digits --every 3
expect 2 "--resume with what the file says" "$corrie" train --resume run --lr 1
says err 'the file says it'
expect 0 "help" "$corrie" train --help
says out '3 stopped by a signal'
expect 2 "predict without pictures" "$corrie" predict run
expect 2 "predict with a bad --top" "$corrie" predict run x.png --top 0

# ---- sets that are not there
expect 1 "an absent folder" "$corrie" train --data nowhere
says err 'nowhere is no folder, nor digits'
expect 1 "a set that is not there" env CORRIE_DATA="$work" "$corrie" train --data fashion-mnist --data-dir "$work"
says err 'train-images-idx3-ubyte'
[ -d /usr/share/datasets/fashion-mnist ] || {
    expect 1 "a set that is not installed" "$corrie" train --data fashion-mnist
    says err 'apt install dataset-fashion-mnist'
}
expect 1 "a network that does not score classes" "$corrie" train --data digits --model unet
says err 'no score for each class'

# ---- what a run tells and writes
expect 0 "a run" "$corrie" train $digits --epochs 2 --save run.safetensors --logdir log
[ ! -s out ] || { echo "a run prints to stdout"; failed=1; }
says err 'digits: 1437 pictures of 1x8x8 for training, 360 for validation, 10 classes'
says err '^epoch 2/2  train loss [0-9.]*  val loss [0-9.]*  val accuracy [0-9.]* %'
says err 'saved in run.safetensors'
says log/log.csv '^epoch,train_loss,val_loss,val_accuracy,lr,seconds$'
[ "$(wc -l <log/log.csv)" = 3 ] && ls log/events.out.tfevents.* >out || { echo "the logs are not whole"; failed=1; }
expect 0 "a run in JSON" "$corrie" train $digits --epochs 2 --json --quiet
[ ! -s err ] && [ "$(wc -l <out)" = 3 ] || { echo "--json --quiet prints"; cat out err; failed=1; }
says out '^{"epoch":1,"epochs":2,"steps":12,"train_loss":[0-9.]*,"val_loss":[0-9.]*,"val_accuracy":[0-9.]*,"lr":0.001,"seconds":[0-9.]*}$'
says out '^{"done":true,"data":"digits","model":"digits","epochs":2,.*"file":null}$'
expect 0 "a larger network is given larger pictures" "$corrie" train $digits --model lenet --epochs 1
says err 'pictures of 1x28x28'
for optimizer in sgd adam adamw rmsprop adagrad adadelta nadam adamax radam; do
    for scheduler in onecycle plateau; do
        expect 0 "$optimizer" "$corrie" train $digits --batch-size 512 --epochs 1 --optimizer $optimizer --scheduler $scheduler
    done
done
expect 1 "a loss that is not finite" "$corrie" train $digits --epochs 1 --optimizer sgd --lr 1e6
says err 'a smaller --lr may help'

# ---- digits: what make run trains reads at least 97 % of those it has not seen; SOAK=1: with ten seeds
for seed in 0 ${SOAK:+1 2 3 4 5 6 7 8 9}; do
    expect 0 "digits" "$corrie" train --data digits --augment --epochs 20 --lr 0.01 --scheduler onecycle \
        --label-smoothing 0.1 --threads 1 --seed "$seed" --json --quiet
    reads=$(sed -n 's/^{"done".*"val_accuracy":\([0-9.]*\),.*/\1/p' out)
    awk -v reads="$reads" 'BEGIN {exit !(reads >= 0.97)}' || { echo "seed $seed reads $reads of the digits"; failed=1; }
done

# ---- folders
make_folder both
expect 0 "a folder, split" "$corrie" train --data both --val-fraction 0.25 $whole --epochs 2 --json --seed 3
says out '"val_accuracy":[01]'
mkdir -p parts && cp -r both parts/train && cp -r both parts/test
expect 0 "a folder of train and test" "$corrie" train --data parts $whole --epochs 6 --save folder.safetensors --json
says out '"val_accuracy":1'
rm -r parts/test/low
expect 1 "a class that only one of them has" "$corrie" train --data parts $whole --epochs 1
says err 'the folders of train are not those of test'
mkdir idx && cp "$SOURCE"/data/digits/*-ubyte.gz idx
expect 0 "a folder of IDX files" "$corrie" train --data idx --epochs 1 --threads 1
says err 'idx: 1437 pictures of 1x8x8'
echo rubbish >both/low/3-1.png
expect 1 "a picture that is none" "$corrie" train --data both $whole --epochs 1
says err 'both/low/3-1.png'
cp both/low/3-2.png both/low/3-1.png

# ---- going on
expect 0 "an undisturbed run" "$corrie" train --data both $whole --epochs 6 --save whole.safetensors
for signal in INT TERM; do
    for workers in 0 2; do
        rm -f part.safetensors
        "$corrie" train --data both $whole --epochs 6 --save part.safetensors --workers $workers --every 3 2>err &
        child=$!
        wait_for part.safetensors corrie.train || failed=1
        kill -s $signal $child
        wait $child
        got=$?
        [ $got = 3 ] || { echo "SIG$signal: exit $got, expected 3"; failed=1; }
        says err 'saved; go on with'
        command=$(sed -n 's/^  corrie train //p' err)
        case $command in "--resume part.safetensors"*) ;; *) echo "the command is '$command'"; failed=1 ;; esac
        expect 0 "$command" "$corrie" train $command
        same whole.safetensors part.safetensors "SIG$signal with $workers workers"
    done
done
expect 0 "a run that is done" "$corrie" train --resume whole.safetensors --json
says out '"done":true'
expect 1 "more epochs than the schedule has" "$corrie" train --resume whole.safetensors --epochs 9
says err 'the scheduler onecycle is made for 6'
for scheduler in none step plateau; do
    expect 0 "a run with $scheduler" "$corrie" train $digits --epochs 3 --scheduler $scheduler --save three.safetensors
    expect 0 "a shorter one" "$corrie" train $digits --epochs 1 --scheduler $scheduler --save long.safetensors
    expect 0 "made longer" "$corrie" train --resume long.safetensors --epochs 3 --threads 1
    same three.safetensors long.safetensors "more epochs with $scheduler"
done
expect 1 "fewer epochs than are done" "$corrie" train --resume long.safetensors --epochs 2
says err 'the run has done 3 epochs and 0 steps, of 2 epochs of 12 steps'
# The same file with a number that no command line could give: of the same length, so that only the text differs.
sed 's/"option.batch-size":"128"/"option.batch-size":"-28"/' long.safetensors >odd.safetensors
expect 1 "an option out of bounds" "$corrie" train --resume odd.safetensors
says err "'option.batch-size' is -28, expected 1 to 1e+06"
sed 's/"option.optimizer":"adamw"/"option.optimizer":"bdamw"/' long.safetensors >odd.safetensors
expect 1 "an optimizer that is none" "$corrie" train --resume odd.safetensors
says err 'options that are none'
slow="--data both --model resnet18 --size 224 --batch-size 40 --threads 1" # a step takes a second
rm -f err
"$corrie" train $slow 2>err &
child=$!
wait_for err 'parameters' || failed=1
kill -s INT $child
wait $child
got=$?
[ $got = 3 ] || { echo "stopped without --save: exit $got, expected 3"; failed=1; }
says err 'all of it is lost, since there is no --save FILE'
rm -f err
"$corrie" train $slow 2>err &
child=$!
wait_for err 'parameters' || failed=1
kill -s INT $child
sleep 0.05
kill -s INT $child
wait $child
got=$?
[ $got = 130 ] || { echo "a second signal: exit $got, expected 130"; failed=1; }

# ---- files that cannot be written or read
cp run.safetensors before.safetensors
expect 1 "a folder that is not there" "$corrie" train $digits --save nowhere/run --epochs 1
says err 'nowhere/run: cannot be written'
expect 1 "a folder for a file" "$corrie" train $digits --save both --epochs 1
says err 'it is a folder'
expect 1 "a folder that takes no files" "$corrie" train $digits --save /proc/run --epochs 1
says err '/proc/run: cannot be written'
(ulimit -f 40; "$corrie" train $digits --epochs 1 --save run.safetensors) 2>err
[ $? = 1 ] || { echo "a file that is too large is no failure"; failed=1; }
says err 'run.safetensors: cannot be written: File too large'
same before.safetensors run.safetensors "a save that failed"
mkdir small
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=$(($(wc -c <run.safetensors) * 3 / 2)) none small 2>/dev/null; then
    cp run.safetensors small/run.safetensors
    expect 1 "a full disk" "$corrie" train $digits --epochs 1 --save small/run.safetensors
    says err 'run.safetensors: cannot be written: No space left on device'
    same before.safetensors small/run.safetensors "a full disk"
    mount -o remount,ro small
    expect 1 "a disk that may only be read" "$corrie" train $digits --epochs 1 --save small/run.safetensors
    says err 'run.safetensors: cannot be written: Read-only file system'
    same before.safetensors small/run.safetensors "a disk that may only be read"
    umount small
fi
ls ./*.part >out 2>/dev/null && { echo "parts of files are left:"; cat out; failed=1; }
head -c 5000 run.safetensors >cut.safetensors
expect 1 "a file that is cut" "$corrie" train --resume cut.safetensors
expect 1 "no file" "$corrie" train --resume absent.safetensors
says err 'absent.safetensors'

# ---- predicting
expect 0 "predict" "$corrie" predict folder.safetensors "$SOURCE/examples/data/digit-3.png"
says out '^  low  '
[ "$(wc -l <out)" = 3 ] || { echo "predict prints"; cat out; failed=1; }
expect 0 "pictures of other kinds" "$corrie" predict folder.safetensors "$SOURCE/examples/data/cat.png" \
    "$SOURCE/examples/data/rocket.jpg" --top 1
[ "$(wc -l <out)" = 4 ] || { echo "--top 1 prints"; cat out; failed=1; }
expect 0 "a picture shown" "$corrie" predict folder.safetensors "$SOURCE/examples/data/digit-3.png" --picture always
[ "$(wc -l <out)" = 31 ] || { echo "--picture always prints"; cat out; failed=1; }
expect 1 "one picture is none" "$corrie" predict folder.safetensors "$SOURCE/README.md" "$SOURCE/examples/data/digit-8.png"
says err 'README.md'
says out '^  high '
expect 1 "the same in JSON" "$corrie" predict folder.safetensors absent.png "$SOURCE/examples/data/digit-8.png" --json
says out '^{"file":"absent.png","error":"absent.png: cannot be opened'
says out '^{"file":".*digit-8.png","predictions":\[{"class":"high","probability":[0-9.]*},{"class":"low",'
expect 1 "a file of another kind" "$corrie" predict "$SOURCE/README.md" "$SOURCE/examples/data/digit-8.png"
exit $failed
