# Corrie's front door. `make run` and `make test` do all the set-up on a fresh Debian machine.
BUILD := build/release
JOBS := $(shell nproc 2>/dev/null || echo 2)
CMAKE_FLAGS ?=
PREFIX ?= /usr/local
# Options of bench/compare, for make bench.
BENCH ?=
# The build tells its progress to a terminal only.
QUIET := $(shell [ -t 2 ] || echo '>/dev/null')

.DEFAULT_GOAL := help

help: ## this list
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 16

packages-%:
	@sh tools/packages $*

configure-%: packages-%
	@mkdir -p build
	@cmake -S . -B $(BUILD) $(CMAKE_FLAGS) >build/configure.log 2>&1 || { cat build/configure.log; exit 1; }

build: configure-build ## the library, the command and the examples, in build/release
	@cmake --build $(BUILD) -j$(JOBS) $(QUIET)

run: build ## the tutorial's five programs, the edges of a photograph, a network that learns digits
	@sh tools/run $(BUILD)

test: configure-test build ## every test
	@cd $(BUILD) && ctest --output-on-failure --no-tests=error -j$(JOBS)

bench: packages-parity build ## convolution and training beside PyTorch and others (an hour; BENCH=--quick: minutes)
	@sh tools/bench $(BUILD) $(BENCH)

parity: configure-parity build ## the golden files, made again by PyTorch and compared
	@sh tools/parity $(BUILD)

asan: packages-lint ## every test under AddressSanitizer and UndefinedBehaviorSanitizer
	@sh tools/sanitize address,undefined build/asan

tsan: packages-lint ## the threaded tests under ThreadSanitizer
	@sh tools/sanitize thread build/tsan

format: packages-lint ## formats all sources
	@git ls-files '*.c' '*.h' | xargs clang-format -i

lint: packages-lint ## formatting, warnings as errors with gcc and clang, headers, symbols
	@sh tools/lint

soak: packages-ci ## everything at full length: tests, sanitizers, valgrind, aarch64
	@SOAK=1 bash .ci/run

install: build ## into PREFIX (/usr/local), with pkg-config and CMake files
	@cmake --install $(BUILD) --prefix $(PREFIX) >/dev/null && echo "installed in $(PREFIX)"

clean: ## forgets what was built
	@rm -rf build/release build/asan build/tsan build/lint-* build/aarch64

.PHONY: help build run test bench parity asan tsan format lint soak install clean
