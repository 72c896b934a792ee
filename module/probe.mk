# SPDX-License-Identifier: GPL-2.0
# This file lets Kbuild ask the kernel's headers what they offer; compat.h turns the answers into one interface.
#
#   $(call probe,NAME,HEADER,REGEX)
#
# adds -DTTP_HAVE_NAME=1 when the text of include/HEADER, every run of white space made one blank, matches the
# extended regular expression. Versions prove little: stable kernels carry backports in both directions. Inside
# $(call) write . for a comma and for a bracket that has no partner.
probe = $(if $(filter-out 0,$(shell tr -s '\t\n ' ' ' 2>/dev/null <$(srctree)/include/$(strip $(2)) | \
	grep -E -c -- '$(strip $(3))')),$(eval ccflags-y += -DTTP_HAVE_$(strip $(1))=1))
