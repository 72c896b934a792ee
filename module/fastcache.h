/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares a client's memory of servers: the Fast Open cookie that
 * each has given, and its segment size.
 */
#ifndef TTP_FASTCACHE_H
#define TTP_FASTCACHE_H

#include <linux/types.h>
#include "core/opts.h"

struct net;
struct ttp_net;
struct ttp_tuple;

/*
 * What the server at @t->raddr has given to us at @t->laddr: *@mss 0 and a
 * cookie of length 0 when nothing is known.  May sleep.
 */
void ttp_fast_cache_get(struct net *net, const struct ttp_tuple *t, u16 *mss,
			struct ttp_fo_cookie *c);
/* @c NULL: only the segment size is news, of a server that is known. */
void ttp_fast_cache_put(struct net *net, const struct ttp_tuple *t, u16 mss,
			const struct ttp_fo_cookie *c);
void ttp_fast_cache_free(struct ttp_net *tn);

#endif
