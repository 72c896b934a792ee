// SPDX-License-Identifier: GPL-2.0
/*
 * This file lets administrators and sockets choose a congestion control by its
 * name.
 */
#include "ccname.h"

#include <linux/capability.h>
#include <linux/inet_diag.h>
#include <linux/sysctl.h>
#include <linux/user_namespace.h>

#include "compat.h"
#include "core/bbr.h"
#include "pacing.h"
#include "sock.h"

#define TTP_CC_LIST_MAX	(8 * TTP_CC_NAME_MAX)	/* bytes of a list of names */

void ttp_cc_defaults(struct ttp_net *tn)
{
	tn->cc = ttp_cc_nth(0);
	tn->cc_allowed = TTP_CC_FOR_ALL;
}

/* The names in @which, a blank between. */
static void ttp_cc_print(char *list, unsigned long which)
{
	const struct ttp_cc_ops *ops;
	size_t len = 0;
	u32 i;

	list[0] = 0;
	for (i = 0; (ops = ttp_cc_nth(i)); i++)
		if (which & BIT(i))
			len += scnprintf(list + len, TTP_CC_LIST_MAX - len,
					 "%s%s", len ? " " : "", ops->name);
}

static int ttp_cc_index(const char *name)
{
	const struct ttp_cc_ops *ops;
	u32 i;

	for (i = 0; (ops = ttp_cc_nth(i)); i++)
		if (!strcmp(ops->name, name))
			return i;
	return -ENOENT;
}

/* One name, or several with white space between, in text of the user's. */
static int ttp_cc_text(int write, char *text, void *buffer, size_t *lenp,
		       loff_t *ppos)
{
	struct ctl_table own = { .data = text, .maxlen = TTP_CC_LIST_MAX };

	return proc_dostring(&own, write, buffer, lenp, ppos);
}

static int ttp_cc_do_default(ttp_ctl_table_t *ctl, int write, void *buffer,
			     size_t *lenp, loff_t *ppos)
{
	struct ttp_net *tn = ctl->data;
	char text[TTP_CC_LIST_MAX];
	int err, i;

	strscpy(text, READ_ONCE(tn->cc)->name, sizeof(text));
	err = ttp_cc_text(write, text, buffer, lenp, ppos);
	if (err || !write)
		return err;
	i = ttp_cc_index(strim(text));
	if (i < 0)
		return i;
	WRITE_ONCE(tn->cc, ttp_cc_nth(i));
	return 0;
}

static int ttp_cc_do_available(ttp_ctl_table_t *ctl, int write, void *buffer,
			       size_t *lenp, loff_t *ppos)
{
	char text[TTP_CC_LIST_MAX];

	ttp_cc_print(text, ~0UL);
	return ttp_cc_text(write, text, buffer, lenp, ppos);
}

static int ttp_cc_do_allowed(ttp_ctl_table_t *ctl, int write, void *buffer,
			     size_t *lenp, loff_t *ppos)
{
	struct ttp_net *tn = ctl->data;
	char text[TTP_CC_LIST_MAX], *rest = text, *name;
	unsigned long which = 0;
	int err, i;

	ttp_cc_print(text, READ_ONCE(tn->cc_allowed));
	err = ttp_cc_text(write, text, buffer, lenp, ppos);
	if (err || !write)
		return err;
	while ((name = strsep(&rest, " \t"))) {
		if (!*name)
			continue;
		i = ttp_cc_index(name);
		if (i < 0)
			return i;
		which |= BIT(i);
	}
	WRITE_ONCE(tn->cc_allowed, which);
	return 0;
}

void ttp_cc_entries(struct ctl_table *entry, struct ttp_net *tn)
{
	static const struct {
		const char *name;
		proc_handler *handler;
		umode_t mode;
	} knobs[TTP_CC_KNOBS] = {
		{ "congestion_control", ttp_cc_do_default, 0644 },
		{ "available_congestion_control", ttp_cc_do_available, 0444 },
		{ "allowed_congestion_control", ttp_cc_do_allowed, 0644 },
	};
	u32 i;

	for (i = 0; i < TTP_CC_KNOBS; i++) {
		entry[i].procname = knobs[i].name;
		entry[i].data = tn;
		entry[i].maxlen = TTP_CC_LIST_MAX;
		entry[i].mode = knobs[i].mode;
		entry[i].proc_handler = knobs[i].handler;
	}
}

static bool ttp_cc_may(const struct sock *sk, int i)
{
	struct net *net = sock_net(sk);

	return READ_ONCE(ttp_net(net)->cc_allowed) & BIT(i) ||
	       ttp_cc_nth(i) == READ_ONCE(ttp_net(net)->cc) ||
	       ns_capable(net->user_ns, CAP_NET_ADMIN);
}

int ttp_cc_choose(struct sock *sk, sockptr_t optval, unsigned int optlen)
{
	struct ttp_sock *t = ttp_sk(sk);
	char name[TTP_CC_NAME_MAX] = { };
	int i;

	if (!optlen)
		return -EINVAL;
	if (strncpy_from_sockptr(name, optval,
				 min_t(size_t, optlen, sizeof(name) - 1)) < 0)
		return -EFAULT;
	i = ttp_cc_index(name);
	if (i < 0)
		return i;
	if (!ttp_cc_may(sk, i))
		return -EPERM;
	lock_sock(sk);
	t->cc_chosen = 1;
	if (t->cc.ops != ttp_cc_nth(i))
		ttp_cc_switch(&t->cc, ttp_cc_nth(i), ttp_now());
	if (ttp_cc_owns_cwnd(&t->cc))
		ttp_pacing_need(sk);
	release_sock(sk);
	return 0;
}

void ttp_cc_name(struct sock *sk, char *name)
{
	lock_sock(sk);
	memcpy(name, ttp_sk(sk)->cc.ops->name, TTP_CC_NAME_MAX);
	release_sock(sk);
}

u32 ttp_cc_info(struct sock *sk, void *info)
{
	struct ttp_bbr_info model;
	struct tcp_bbr_info *out = info;
	bool is_bbr;

	static_assert(sizeof(*out) <= TTP_CC_INFO_MAX);
	lock_sock(sk);
	is_bbr = ttp_bbr_info(&ttp_sk(sk)->cc, &model);
	release_sock(sk);
	if (!is_bbr)
		return 0;
	*out = (struct tcp_bbr_info) {
		.bbr_bw_lo	 = (u32)model.bw,
		.bbr_bw_hi	 = (u32)(model.bw >> 32),
		.bbr_min_rtt	 = model.min_rtt,
		.bbr_pacing_gain = model.pacing_gain,
		.bbr_cwnd_gain	 = model.cwnd_gain,
	};
	return sizeof(*out);
}
