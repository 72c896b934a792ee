/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file stands in for the kernel headers when core/ is built on the host:
 * only the few names that core/ uses.
 */
#ifndef TTP_CORE_HOST_SHIM_H
#define TTP_CORE_HOST_SHIM_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef unsigned long long u64;
typedef int8_t s8;
typedef int16_t s16;
typedef int32_t s32;
typedef long long s64;
typedef uint16_t __be16;
typedef uint16_t __sum16;
typedef uint32_t __be32;

/*
 * The kernel's min() and max() refuse operands of different types; so do
 * these, by comparing pointers, because the kernel must accept the code too.
 */
#define min(a, b) ({				\
	__typeof__(a) a_ = (a);			\
	__typeof__(b) b_ = (b);			\
	(void)(&a_ == &b_);			\
	a_ < b_ ? a_ : b_; })
#define max(a, b) ({				\
	__typeof__(a) a_ = (a);			\
	__typeof__(b) b_ = (b);			\
	(void)(&a_ == &b_);			\
	a_ > b_ ? a_ : b_; })
#define min_t(t, a, b)		min((t)(a), (t)(b))
#define max_t(t, a, b)		max((t)(a), (t)(b))
#define clamp(v, lo, hi)	min(max(v, lo), hi)
#define clamp_t(t, v, lo, hi)	clamp((t)(v), (t)(lo), (t)(hi))

#define ARRAY_SIZE(a)		(sizeof(a) / sizeof((a)[0]))

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define cpu_to_be16(x)		__builtin_bswap16(x)
#define cpu_to_be32(x)		__builtin_bswap32(x)
#else
#define cpu_to_be16(x)		((u16)(x))
#define cpu_to_be32(x)		((u32)(x))
#endif
#define be16_to_cpu(x)		cpu_to_be16(x)
#define be32_to_cpu(x)		cpu_to_be32(x)

static inline u64 div_u64(u64 a, u32 b)
{
	return a / b;
}

static inline u64 div64_u64(u64 a, u64 b)
{
	return a / b;
}

#endif
