// SPDX-License-Identifier: GPL-2.0
/*
 * This file searches for the path MTU, by halves.
 */
#include "plpmtu.h"
#include "seq.h"

void ttp_plpmtu_init(struct ttp_plpmtu *p, u32 low, u32 high, bool on, u64 now)
{
	memset(p, 0, sizeof(*p));
	p->low = low;
	p->high = high;
	p->on = on;
	p->since = now;
}

u32 ttp_plpmtu_limit(struct ttp_plpmtu *p, u32 mtu)
{
	p->high = min(p->high, mtu);
	return p->on ? min(p->low, mtu) : mtu;
}

void ttp_plpmtu_black_hole(struct ttp_plpmtu *p, u32 base, u32 least, u32 head,
			   u64 now)
{
	u32 mss = p->low > head ? (p->low - head) / 2 : 0;

	p->probe = 0;
	if (p->on) {
		p->low = head + max(min(mss, base), least);
		return;
	}
	p->on = true;
	p->since = now;
}

static bool is_over(const struct ttp_plpmtu *p, u32 threshold)
{
	return p->high < p->low || p->high - p->low < threshold;
}

enum ttp_plpmtu_say ttp_plpmtu_ask(const struct ttp_plpmtu *p,
				   const struct ttp_plpmtu_view *v, u32 *len)
{
	u32 mtu = p->low + (p->high - p->low) / 2, need;

	if (!p->on || p->probe || !v->calm || v->cwnd < TTP_PLPMTU_CWND_MIN ||
	    is_over(p, v->threshold) || mtu <= v->head + v->mss)
		return TTP_PLPMTU_NO;
	*len = mtu - v->head;
	need = *len + TTP_PLPMTU_BEHIND * v->mss;
	if (v->unsent < need || v->snd_wnd < need)
		return TTP_PLPMTU_NO;
	if (v->usable < need)
		return TTP_PLPMTU_WAIT;
	if (v->in_flight + 2 > v->cwnd)
		return v->in_flight ? TTP_PLPMTU_WAIT : TTP_PLPMTU_NO;
	return TTP_PLPMTU_PROBE;
}

void ttp_plpmtu_renew(struct ttp_plpmtu *p, u32 threshold, u64 interval,
		      u32 low, u32 high, u64 now)
{
	if (!p->on || !is_over(p, threshold) || now - p->since < interval)
		return;
	p->probe = 0;
	p->low = low;
	p->high = high;
	p->since = now;
}

void ttp_plpmtu_sent(struct ttp_plpmtu *p, u32 mtu, u32 start, u32 end)
{
	p->probe = mtu;
	p->start = start;
	p->end = end;
}

bool ttp_plpmtu_acked(struct ttp_plpmtu *p, u32 snd_una)
{
	if (!p->probe || ttp_before(snd_una, p->end))
		return false;
	p->low = p->probe;
	p->probe = 0;
	return true;
}

void ttp_plpmtu_failed(struct ttp_plpmtu *p)
{
	p->high = p->probe - 1;
	p->probe = 0;
}
