// SPDX-License-Identifier: GPL-2.0
/* This file makes one KUnit module of all suites in this directory. */

#include <linux/module.h>
#include <kunit/test.h>

#include "suites.h"

kunit_test_suites(TTP_KUNIT_SUITES);

MODULE_DESCRIPTION("Unit tests of the TTP core");
MODULE_LICENSE("GPL");
