#!/bin/sh
# Installs into a folder of its own, moves it, and builds an outside program with pkg-config and with find_package.
# usage: test_install.sh SOURCE BUILD
set -eu
source=$1 build=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cmake --install "$build" --prefix "$work/first" >/dev/null
mv "$work/first" "$work/moved"
"$work/moved/bin/corrie" train --data digits --epochs 1 --threads 1 2>"$work/trained"
grep -q 'val accuracy' "$work/trained" || { echo "the installed command does not find its digits"; cat "$work/trained"; exit 1; }
mkdir "$work/program"
cat >"$work/program/main.c" <<'C'
#include <corrie.h>
int main(void) {
    cor_print(cor_add(cor_scalar(1.0), 1));
    return cor_report();
}
C
cat >"$work/program/files.c" <<'C'
#include <corrie.h>
#include <corrie/io.h>
int main(void) {
    cor_module *net = cor_nn_linear(2, 1);
    if (cor_save(net, "net.safetensors") == COR_OK && cor_load(net, "net.safetensors") == COR_OK)
        cor_print(cor_add(cor_scalar(1.0), 1));
    return cor_report();
}
C
cat >"$work/program/CMakeLists.txt" <<'C'
cmake_minimum_required(VERSION 3.18)
project(outside LANGUAGES C)
find_package(Corrie REQUIRED)
add_executable(with_shared main.c)
target_link_libraries(with_shared PRIVATE Corrie::corrie_shared)
add_executable(with_static main.c)
target_link_libraries(with_static PRIVATE Corrie::corrie_static)
add_executable(files_with_shared files.c)
target_link_libraries(files_with_shared PRIVATE Corrie::corrie_io_shared)
C
libdir=$(dirname "$(find "$work/moved" -name corrie.pc)")
export PKG_CONFIG_PATH="$libdir"
cd "$work/program"
# shellcheck disable=SC2046
cc main.c $(pkg-config --cflags --libs corrie) -o with_pkg_config
# shellcheck disable=SC2046
cc files.c $(pkg-config --cflags --libs corrie-io) -o files_with_pkg_config
check() {
    got=$(LD_LIBRARY_PATH=$(dirname "$libdir") "$1")
    [ "$got" = "tensor(2.)" ] || { echo "$1 printed: $got"; exit 1; }
}
check ./with_pkg_config
check ./files_with_pkg_config
cmake -S . -B out -DCMAKE_PREFIX_PATH="$work/moved" >/dev/null
cmake --build out >/dev/null
check out/with_shared
check out/with_static
check out/files_with_shared
echo "pkg-config, find_package shared and static, with files and without: each printed tensor(2.)"
