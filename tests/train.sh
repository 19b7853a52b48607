# train.sh: what the tests of corrie train share. SOURCE and BUILD are set, the working folder is a new one.
. "$SOURCE/tests/command.sh"

# A folder of two classes with 24 small pictures each, on which an epoch takes a few hundredths of a second.
make_folder() {
    for class in low high; do
        mkdir -p "$1/$class"
        [ $class = low ] && shown='3 5' || shown='8 9'
        for digit in $shown; do
            for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
                cp "$SOURCE/examples/data/digit-$digit.png" "$1/$class/$digit-$i.png"
            done
        done
    done
}
# Shuffling, dropout, random changes, workers and a schedule: everything that a run has to go on with.
whole='--model fashion --size 28 --channels 1 --augment=crop,flip,affine --batch-size 4 --scheduler onecycle --quiet
       --threads 1 --workers 2'

# Waits until a file has a line that matches, 20 s at most.
wait_for() {
    tries=0
    until grep -q -- "$2" "$1" 2>/dev/null; do
        tries=$((tries + 1))
        [ $tries -lt 2000 ] || { echo "$1 never had '$2'"; return 1; }
        sleep 0.01
    done
}
