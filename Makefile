# SPDX-License-Identifier: GPL-2.0
#
# TTP: the kernel module, the tool, the demonstration, the tests.
# `make help` lists the targets.
#
#	KDIR=DIR		build for the kernel whose build files are in DIR.
#				Else: for the newest cloud kernel whose headers are
#				here, which the test VM boots; make load and make
#				modules_install: for the kernel that runs here
#	SUITES="vm lint"	only these suites of make check; tests/run knows
#				lint scripts host kunit tool page labs vm conformance calls smp
#				scenarios capture, and the slow ones: interop (a choice of
#				interop-all) labs-all programs seen browser interop-all differ conformance-all
#				calls-all without6 scenarios-all explore fuzz exercises million machines packages vm1 vm4 arm64 debug kernels fresh image
#	ALGORITHMS="reno mine"	of make bench-cc (all); with -q before them a fifth of
#				the time
#	ROWS="bulk request"	of make bench and bench-all (all), by a part of the name; with
#				-q before them once
#	ATTACKS="SYN RST"	of make bench-attack (all), by a part of the name; with -q
#				before them a tenth of the connections
#	EX=rto DIR=FOLDER LANG=ko	of make exercise and make grade (LANG: else the locale)
#	HOST=1 JSON=FILE REPORT=FILE	of make grade: tests on the host only; where points and page go
#	PORT=9000		of make web (8253): where its page is
#	LAB=handshake		of make web: play this lab on its page
#	MACHINES=2 FAMILY=6	of make lab: host B is a VM of its own; its hosts speak IPv6
#	MACHINES=2 FAMILY=6	of make demo: client and server are VMs of their own; by IPv6
#	MACHINES=3 LOSS=10%	the same, and a router between them loses packets
#	INSMOD_ARGS=family=23	of make load
#	PREFIX=DIR DESTDIR=DIR	of make install (/usr/local, none)
#	RELEASE=trixie		of make check-fresh: of Debian 13 (bookworm, which is 12)
#	ARCH=arm64		any target for this architecture, in build/arm64 (scripts/cross)
#	TTP_CACHE=DIR		where kernels and their builds are kept (~/.cache/ttp)

SHELL := /bin/bash

# for another architecture all is made in a copy of this folder; those names are the kernel's
ifneq ($(filter-out $(TTP_ARCH) $(shell dpkg --print-architecture) x86 x86_64 um,$(ARCH)),)

$(or $(MAKECMDGOALS),all): cross
	@:
cross:
	+@scripts/cross $(ARCH) $(MAKE) --no-print-directory $(MAKECMDGOALS)
.PHONY: $(MAKECMDGOALS) cross

else

ifeq ($(KDIR),)
ifneq ($(filter load modules_install,$(MAKECMDGOALS)),)
KDIR := /lib/modules/$(shell uname -r)/build
else
KDIR := $(shell . scripts/lib.sh && kernel_build)
endif
endif
export KDIR

INSMOD_ARGS ?=

all: module tool		## build the module and the tool

module:				## build module/ttp.ko
	@test -n "$(KDIR)" || { echo "make: no kernel headers here: run scripts/setup build" >&2; exit 1; }
	@test -d "$(KDIR)" || { echo "make: no $(KDIR): apt install linux-headers-$(notdir $(KDIR:%/build=%))" >&2; exit 1; }
	@case "$(CURDIR)$(KDIR)" in *[[:blank:]:]*) echo "make: the kernel's make takes no name with a blank or a colon: move $(CURDIR), or KDIR" >&2; exit 1;; esac
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

tool:				## build userspace/ttp and what ttp run preloads
	$(MAKE) -C userspace

man:				## make the manual of each command, docs/man/ttp-*.8
	$(MAKE) -C userspace man

programs:			## build what the tests run inside the VM
	$(MAKE) -C tests/vm
	$(MAKE) -C tests/conformance
	$(MAKE) -C tests/interop
	$(MAKE) -C tests/calls
	$(MAKE) -C tests/scenarios
	$(MAKE) -C bpf

demo:				## see a connection live and die, in a VM
	scripts/demo $(if $(MACHINES),--machines $(MACHINES)) $(if $(LOSS),--loss $(LOSS)) $(if $(FAMILY),--family $(FAMILY))

web:				## see live what you do: a page with buttons, from a VM; LAB=close
	@scripts/web $(or $(PORT),8253) $(if $(LAB),--lab $(LAB))

page:				## the core in a browser: build/page/index.html, one file
	scripts/setup build page
	$(MAKE) -s -C page page
	@echo "open build/page/index.html in a browser"

lab:				## the labs, or play one: LAB=handshake
	@scripts/lab $(if $(MACHINES),--machines $(MACHINES)) $(if $(FAMILY),--family $(FAMILY)) $(LAB)

lab-check:			## play all labs, with right and wrong answers, in both languages, and by IPv6
	tests/run labs-all

in_language = $(if $(filter command,$(firstword $(origin LANG))),--lang "$(LANG)")

exercise:			## a copy of this tree with functions to write; without EX= the list
	@scripts/setup grade
	@scripts/exercise $(in_language) $(if $(DIR),--dir "$(DIR)") $(EX)

grade:				## how far is it?  in the copy, or here by DIR=; EX=rto HOST=1
	@scripts/setup grade
	@scripts/grade $(in_language) $(if $(DIR),--dir "$(DIR)") $(if $(HOST),--host) \
		$(if $(JSON),--json "$(JSON)") $(if $(REPORT),--report "$(REPORT)") $(EX)

check:				## run the quick tests; SUITES="vm kunit" selects
	tests/run $(SUITES)

check-full:			## the same, and the slow ones
	tests/run --full $(SUITES)

explore:			## two ends, all schedules of losses, delays, duplicates
	$(MAKE) -s -C tests/host explore

fuzz:				## fuzz the core: RUNS=10000000 inputs, or SEGMENTS=100000000
	$(MAKE) -s -C tests/host fuzz

check-programs:			## nginx, sshd, redis and others over TTP, in a VM
	tests/run programs

bench:				## speed and memory, beside TCP's
	scripts/setup build vm bench
	$(MAKE) -s all
	$(MAKE) -s -C tests/perf
	tests/perf/bench $(ROWS)

bench-all:			## the same with all sizes, losses, protocols and programs, in parts
	scripts/setup build vm bench programs
	$(MAKE) -s all
	$(MAKE) -s -C tests/perf
	tests/perf/bench --all $(ROWS)

bench-docs:			## what make bench has measured into docs/performance.md
	tests/perf/bench.py --into docs/performance.md build/bench

bench-cc:			## congestion control and ARQ over a shaped line, beside TCP's
	scripts/setup build vm bench
	$(MAKE) -s all
	$(MAKE) -s -C tests/perf
	scripts/vm --timeout 7200 --out build tests/perf/cc.sh $(ALGORITHMS)
	tests/perf/cc.py build/cc

bench-hooks:			## what eyes cost when nobody looks, beside a build without them
	scripts/setup build vm bench
	tests/perf/hooks

bench-attack:			## what hostile packets cost, beside TCP's figures
	scripts/setup build vm bench
	$(MAKE) -s all
	$(MAKE) -s -C tests/perf
	scripts/vm --icount --mem 3072 --timeout 7200 --out build tests/perf/attack.sh $(ATTACKS)
	tests/perf/attack.py build/attack

check-fresh:			## demo and check in a minimal Debian with an empty cache
	scripts/setup fresh
	scripts/check-fresh $(RELEASE)

check-debug:			## tests/vm, conformance, calls in kernels with KASAN, KCSAN
	scripts/check-debug

check-kernels:			## build for, and test in, all kernels of Debian 12 and 13: 6.1 to 7.3
	scripts/check-kernels

image:				## a disk of a Debian 12 with TTP, to be handed out
	scripts/image

lint:				## run the style and type checkers only
	tests/run lint

vm:				## a shell in the test VM, module and tool ready
	scripts/setup build vm
	$(MAKE) all
	scripts/vm --shell

install: tool			## install the tool, its manual, linux/ttp.h (PREFIX, DESTDIR)
	$(MAKE) -C userspace install

uninstall:			## remove what make install put there
	$(MAKE) -C userspace uninstall

modules_install: module		## install the module for the running kernel, or KDIR's
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules_install
	@. scripts/lib.sh && echo "now: depmod -a $$(kernel_release "$(KDIR)")"

deb:				## Debian's packages ttp-dkms, ttp, ttp-doc, in build/deb
	scripts/setup build page deb
	scripts/deb

load: module			## insmod it HERE: only on a machine made for it
	insmod module/ttp.ko $(INSMOD_ARGS)

unload:				## rmmod it here, or say whose sockets forbid it
	rmmod ttp || { userspace/ttp show -p state all; exit 1; }

help:				## this list, and what can be set
	@sed -n 's/^\([a-z_-]*\):[^#]*## \(.*\)/\1|\2/p' Makefile | \
		while IFS='|' read -r t d; do printf '  make %-16s %s\n' "$$t" "$$d"; done
	@sed -n '/^$$/q; s/^#\t/  /p' Makefile

clean:				## remove what was built (not the cache)
	@for d in userspace tests/vm tests/conformance tests/interop tests/calls tests/scenarios tests/perf tests/host bpf; do \
		test ! -f $$d/Makefile || $(MAKE) --no-print-directory -C $$d clean; done
	@# not of M=$(CURDIR): the kernel's clean removes *.ko.*, also README.ko.md
	@test ! -d "$(KDIR)" || $(MAKE) -C $(KDIR) M=$(CURDIR)/module clean
	@rm -f modules.order Module.symvers .[Mm]odule*.cmd
	rm -rf build

.PHONY: all module tool programs demo web page lab lab-check exercise grade check check-full explore fuzz check-programs bench bench-all bench-docs bench-cc bench-hooks bench-attack check-fresh check-debug check-kernels image lint vm \
	install uninstall modules_install deb load unload help clean

endif
