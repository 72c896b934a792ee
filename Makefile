# SPDX-License-Identifier: GPL-2.0
# This file names the things one can do with this project; the work is done by the scripts in tools/.

KERNEL	?= 6.1
FLAVOURS := 6.1 6.12 7 debug

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo "  KERNEL=6.1|6.12|7|debug chooses the kernel of run, shell, bench and profile (now $(KERNEL))"

run: programs ## nginx and curl, unmodified, over TTP between two hosts in a VM: the main job
	@tools/vm/run -k $(KERNEL) -- userspace/demo/main_job.sh $(TTP_MB)

shell: programs ## a prompt in the same VM
	@tools/vm/run -k $(KERNEL) -i -- bash

check: deps ## every test on every kernel; the last line counts them
	@tools/check

kunit: deps ## the unit tests alone, in a second
	@tools/kunit um | tools/ktap

bench: programs ## TTP against kernel TCP, in guest instructions, and over virtio cards by the clock on the wall
	@tools/bench -k $(KERNEL)
	@tools/bench -k $(KERNEL) -q -w 2 '*-nic'

bench-scaling: programs ## what 2 CPUs give more than 1, and 4 on a smaller machine
	@tools/bench-scaling -k $(KERNEL)

bench-crowd: programs ## the same during a flood of SYNs, and beside 100,000 TIME_WAIT entries or connections
	@tools/bench-crowd -k $(KERNEL)

profile: programs ## where these instructions go, function by function, TTP beside kernel TCP
	@tools/profile -k $(KERNEL)

modules: deps ## build the module for all kernels: build/KERNEL/ttp.ko
	@for f in $(FLAVOURS); do tools/kernel/build-module $$f && echo "build/$$f/ttp.ko" || exit 1; done

programs: deps ## build the programs: build/bin, build/selftests
	@tools/programs

deps: ## install the Debian packages that all this needs
	@tools/deps

clean: ## remove what was built here (fetched kernels stay in the cache)
	rm -rf build
	@$(MAKE) -s -C module/core/host clean

.PHONY: help run shell check kunit bench bench-scaling bench-crowd profile modules programs deps clean
