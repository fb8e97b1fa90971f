# SPDX-License-Identifier: GPL-2.0-only
# What a person types here. A kernel tree sees Kbuild and Kconfig, not this.

# Pass-through: MODE=pkvm|pkvm-android|cca|plain, HOST=monitor|pkvm|rmm, KERNEL=6.1|6.12|7.x or LINUX=/path/to/a/tree,
# BUILD=/elsewhere; CPUS=, PAGES=4k|16k|64k, and WIDTH= of a realm's addresses in bits. For HOST=rmm:
# FIRMWARE=/directory of TF-A and TF-RMM, CPAK=/public/key.pem of that platform
MODE	?= pkvm
HOST	?= monitor
LINUX	?=
BUILD	?=
KERNEL	?= 6.12
CPUS	?= 4
PAGES	?= 4k
WIDTH	?= 0
FIRMWARE ?=
CPAK	?=
export BUILD KERNEL LINUX FIRMWARE CPAK

PYTHON	:= /usr/bin/python3

# Python comes first: the scripts that install the rest are written in it.
# It checks the mode and the tree before it installs anything.
run:
	@[ -x $(PYTHON) ] || scripts/deps run
	@$(PYTHON) scripts/run --mode "$(MODE)" --host "$(HOST)" --cpus "$(CPUS)" \
		--width "$(WIDTH)" --pages "$(PAGES)"

test:
	@scripts/deps $(if $(FIRMWARE),test-rmm,test)
	@$(PYTHON) scripts/test

# What make test has no time for as well: hours.
test-all:
	@scripts/deps test && scripts/deps matrix
	@$(PYTHON) scripts/test -m "matrix or not matrix"

# make matrix ARGS="--kernels 6.1 --pages 64k": a part of it
matrix:
	@scripts/deps $(if $(filter rmm,$(HOST)),rmm,matrix)
	@$(PYTHON) scripts/matrix --host "$(HOST)" $(ARGS)

test-debian:
	@scripts/deps debian
	@$(PYTHON) scripts/test-debian $(ARGS)

# make deb ARGS="--config FILE"
deb:
	@scripts/deps deb
	@$(PYTHON) scripts/deb $(ARGS)

# Builds the packages of a small kernel first.
test-deb:
	@scripts/deps test && scripts/deps deb
	@$(PYTHON) -m pytest -p no:cacheprovider -q tests/packages $(ARGS)

bench:
	@scripts/deps run
	@$(PYTHON) scripts/bench --host "$(HOST)"

bench-cost:
	@scripts/deps cost
	@$(PYTHON) scripts/bench --cost $(ARGS)

bench-dice:
	@scripts/deps run
	@$(PYTHON) scripts/bench --dice

kunit:
	@scripts/deps test
	@$(PYTHON) scripts/test kunit

# make fuzz-description ARGS="--cases 10000 --boots 0": fewer of either
fuzz-description:
	@scripts/deps test
	@$(PYTHON) scripts/fuzz-description $(ARGS)

# make hostile ARGS="--cases 200 --seed 7 --modes pkvm", ARGS="--stride 24 --early", ARGS="--places",
#	ARGS="--devices 100000", ARGS="--cycles 10000"
hostile:
	@scripts/deps run
	@$(PYTHON) scripts/hostile $(ARGS)

prove:
	@scripts/deps prove
	@$(PYTHON) scripts/prove $(ARGS)

# make defects ARGS="04 05": some of them
defects:
	@scripts/deps run
	@$(PYTHON) scripts/defects $(ARGS)

check:
	@scripts/deps check
	@scripts/check

# make trees ARGS="--git /path/to/repository": not the mirror's
trees:
	@scripts/deps run
	@$(PYTHON) scripts/try-hooks $(ARGS)

# make boot-trees ARGS="NAME=/path/to/a/tree or to a repository"
boot-trees:
	@scripts/deps test
	@$(PYTHON) scripts/boot-trees $(ARGS)

# make series ARGS="--local /path/to/a/tree"
series:
	@scripts/deps run
	@$(PYTHON) scripts/try-series $(ARGS)

# make integrate LINUX=/path/to/tree puts this repository into that tree.
integrate:
	@[ -n "$(LINUX)" ] || { echo "pguest: make integrate LINUX=/path/to/linux" >&2; exit 1; }
	@scripts/integrate "$(LINUX)"

# Plain docutils: what it does not understand, a reader without Sphinx does not either.
docs:
	@scripts/deps docs
	@for page in README.rst $$(find Documentation hooks tests -name '*.rst'); do \
		out=$(or $(BUILD),build)/docs/$${page%.rst}.html; \
		mkdir -p "$$(dirname "$$out")" && $(PYTHON) -m docutils --report=2 --halt=2 $$page $$out && \
		sed -i 's/href="\([^":]*\)\.rst"/href="\1.html"/g' $$out && echo $$out || exit 1; \
	done
	@cd Documentation && cp -r figures $(abspath $(or $(BUILD),build))/docs/Documentation

# Kernel trees and downloads are kept: `make distclean` takes those too.
clean:
	rm -rf $(or $(BUILD),build)/out $(or $(BUILD),build)/monitor $(or $(BUILD),build)/vmm $(or $(BUILD),build)/guest \
		$(or $(BUILD),build)/*initramfs*.cpio $(or $(BUILD),build)/run $(or $(BUILD),build)/bench \
		$(or $(BUILD),build)/tests $(or $(BUILD),build)/logs $(or $(BUILD),build)/prove \
		$(or $(BUILD),build)/hostile $(or $(BUILD),build)/defects

distclean:
	rm -rf $(or $(BUILD),build)

help:
	@echo "make run        boot a protected guest that does real I/O (MODE=cca, pkvm-android, plain)"
	@echo "                HOST=pkvm: on a real pKVM host (Debian's newest 7.x) and not on our monitor"
	@echo "make test       integrate, KUnit in a guest, a boot for each claim"
	@echo "make matrix     kernels x page sizes x compilers x modes (hours); ARGS= for a part of it"
	@echo "make test-all   everything, with what make test has no time for (hours)"
	@echo "make test-debian  Debian's kernel configuration and user space, with the layer (an hour or two)"
	@echo "make deb        packages of Debian's kernel with the layer: linux-image, linux-headers (an hour)"
	@echo "make test-deb   the packages of a small kernel, built, looked at, installed in a directory, removed"
	@echo "make kunit      KUnit alone"
	@echo "make fuzz-description  a million device trees that lie, checked; some booted"
	@echo "make hostile    answers of the hypervisor that are wrong, a boot for each; devices that lie; 10,000 cycles"
	@echo "make prove      the layer's walks for every sequence of answers, by a model checker"
	@echo "make defects    defects put into layer and hooks, each found by what should find it"
	@echo "make bench      protected against plain, counted in instructions and hypercalls"
	@echo "                HOST=pkvm: on a real pKVM host, against upstream's own guests"
	@echo "make bench-cost a plain guest with and without the layer: instructions, size, boot"
	@echo "make bench-dice what attestation by DICE costs a guest of pKVM, at boot and for each report"
	@echo "make check      checkpatch, sparse, W=1, clang, kernel-doc, shellcheck"
	@echo "make integrate  LINUX=/path: put pguest into a kernel tree (scripts/integrate says more)"
	@echo "make trees      the hooks on every patch level that the mirror has, without a build"
	@echo "make boot-trees  ARGS=\"NAME=DIRECTORY...\": trees of yours, each built, booted in each mode, and KUnit"
	@echo "make series     the layer as patches for git am, each applied and compiled (half an hour)"
	@echo "make docs       all pages as HTML in build/docs"
	@echo "make clean      remove what was built; distclean: the kernel trees and downloads too"
	@echo "KERNEL=6.1, 6.12 or 7.x (Debian's linux-source) for run, test and kunit;"
	@echo "LINUX=/path uses your own tree for these, any that the hooks fit (a pristine one is copied, never changed);"
	@echo "BUILD=/path builds elsewhere (about 8 GiB for run, 20 for test)."

.DEFAULT_GOAL := help
.PHONY: run test test-all matrix test-debian deb test-deb bench bench-cost bench-dice kunit fuzz-description hostile prove defects check trees boot-trees series integrate docs clean distclean help
