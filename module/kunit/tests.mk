# SPDX-License-Identifier: GPL-2.0
# This file adds ttp_kunit.ko, made of every kunit/*_test.c, when the kernel has KUnit.
#
# Each x_test.c defines "struct kunit_suite ttp_x_suite" (not static) and includes the core/*.c it tests;
# suites.h, generated, gathers them for main.c.

ttp-tests := $(sort $(wildcard $(src)/kunit/*_test.c))
ttp-kunit-m := $(if $(CONFIG_KUNIT),$(if $(ttp-tests),m))

obj-$(ttp-kunit-m) += ttp_kunit.o
ttp_kunit-y := kunit/main.o $(patsubst $(src)/%.c,%.o,$(ttp-tests))

quiet_cmd_ttp_suites = GEN     $@
      cmd_ttp_suites = sed -n 's/^struct kunit_suite \(ttp_[a-z0-9_]*_suite\).*/\1/p' $(ttp-tests) | \
	awk '{ decl = decl "extern struct kunit_suite " $$1 ";\n"; list = list sep "&" $$1; sep = ", " } \
	     END { printf "%s\#define TTP_KUNIT_SUITES %s\n", decl, list }' >$@

$(obj)/kunit/suites.h: $(ttp-tests) FORCE
	$(call if_changed,ttp_suites)
$(obj)/kunit/main.o: $(obj)/kunit/suites.h
CFLAGS_kunit/main.o := -I$(obj)/kunit
targets += kunit/suites.h
