// SPDX-License-Identifier: GPL-2.0
/*
 * This file writes /proc/net/ttp and ttp6, whose columns are those of tcp and
 * tcp6, and the counters in /proc/net/ttp_snmp.
 */
#include <linux/proc_fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>
#include "compat.h"
#include "sock.h"

#define TTP_PROC_WIDTH	149	/* of a line of /proc/net/tcp, for readers that seek */

/* The column "tr": which timer runs. */
enum {
	TTP_TR_NONE,
	TTP_TR_REXMIT,
	TTP_TR_KEEP,
	TTP_TR_TIME_WAIT,
	TTP_TR_PROBE,
};

/*
 * Where a reader stands.  Buckets of the listen table are numbered first, then
 * those of the established table.  The lock of the bucket is held from
 * finding an entry to the next call, so that the entry cannot go away.
 */
struct ttp_iter {
	struct seq_net_private p;	/* first */
	u32	bucket;
	u32	nth;		/* of the entries we show in that bucket */
	loff_t	pos;		/* the seq_file position that belongs to both */
	bool	locked;
};

static bool ttp_iter_is_v6(const struct seq_file *seq)
{
	return pde_data(file_inode(seq->file)) == (void *)AF_INET6;
}

static bool ttp_iter_empty(const struct ttp_iter *it)
{
	if (it->bucket < TTP_LISTEN_BUCKETS)
		return ttp_listen_bucket_empty(it->bucket);
	return ttp_hash_bucket_empty(it->bucket - TTP_LISTEN_BUCKETS);
}

static struct hlist_head *ttp_iter_lock(struct ttp_iter *it)
{
	it->locked = true;
	if (it->bucket < TTP_LISTEN_BUCKETS)
		return ttp_listen_lock_bucket(it->bucket);
	return ttp_hash_lock_bucket(it->bucket - TTP_LISTEN_BUCKETS);
}

static void ttp_iter_unlock(struct ttp_iter *it)
{
	it->locked = false;
	if (it->bucket < TTP_LISTEN_BUCKETS)
		ttp_listen_unlock_bucket(it->bucket);
	else
		ttp_hash_unlock_bucket(it->bucket - TTP_LISTEN_BUCKETS);
}

/* A socket is listed by its family; what has none, by its addresses. */
static bool ttp_iter_wants(struct seq_file *seq, const struct ttp_hnode *h)
{
	bool v6;

	if (h->net != seq_file_net(seq))
		return false;
	if (h->kind == TTP_H_SOCK)
		v6 = ttp_to_sk(ttp_h_sock(h))->sk_family == AF_INET6;
	else
		v6 = !ttp_addr_is_v4(&h->t.raddr);
	return v6 == ttp_iter_is_v6(seq);
}

/* The first entry from the @nth of the current bucket on, its bucket locked. */
static struct ttp_hnode *ttp_iter_find(struct seq_file *seq, u32 nth)
{
	u32 end = TTP_LISTEN_BUCKETS + ttp_hash_nr_buckets();
	struct ttp_iter *it = seq->private;
	struct hlist_head *head;
	struct ttp_hnode *h;

	for (; it->bucket < end; it->bucket++, nth = 0) {
		cond_resched();
		if (ttp_iter_empty(it))
			continue;
		head = ttp_iter_lock(it);
		it->nth = 0;
		hlist_for_each_entry(h, head, node) {
			if (!ttp_iter_wants(seq, h))
				continue;
			if (it->nth >= nth)
				return h;
			it->nth++;
		}
		ttp_iter_unlock(it);
	}
	return NULL;
}

static struct ttp_hnode *ttp_iter_after(struct seq_file *seq,
					struct ttp_hnode *h)
{
	struct ttp_iter *it = seq->private;

	hlist_for_each_entry_continue(h, node) {
		if (ttp_iter_wants(seq, h)) {
			it->nth++;
			return h;
		}
	}
	ttp_iter_unlock(it);
	it->bucket++;
	return ttp_iter_find(seq, 0);
}

static void *ttp_seq_start(struct seq_file *seq, loff_t *pos)
{
	struct ttp_iter *it = seq->private;
	struct ttp_hnode *h;
	loff_t n;

	if (*pos && *pos == it->pos)
		return ttp_iter_find(seq, it->nth);

	it->bucket = 0;
	it->nth = 0;
	it->pos = *pos;
	if (!*pos)
		return SEQ_START_TOKEN;
	h = ttp_iter_find(seq, 0);
	for (n = 1; h && n < *pos; n++)
		h = ttp_iter_after(seq, h);
	return h;
}

static void *ttp_seq_next(struct seq_file *seq, void *v, loff_t *pos)
{
	struct ttp_iter *it = seq->private;
	struct ttp_hnode *h;

	if (v == SEQ_START_TOKEN)
		h = ttp_iter_find(seq, 0);
	else
		h = ttp_iter_after(seq, v);
	it->pos = ++*pos;
	return h;
}

static void ttp_seq_stop(struct seq_file *seq, void *v)
{
	struct ttp_iter *it = seq->private;

	if (it->locked)
		ttp_iter_unlock(it);
}

/* Microseconds until @at in the units of the file, 1/USER_HZ s. */
static unsigned long ttp_ticks_until(u64 at)
{
	u64 now = ttp_now();

	return at > now ? div_u64(at - now, USEC_PER_SEC / USER_HZ) : 0;
}

static void ttp_show_addr(struct seq_file *seq, const struct in6_addr *a,
			  __be16 port)
{
	const __be32 *w = a->s6_addr32;

	if (ttp_iter_is_v6(seq))
		seq_printf(seq, " %08X%08X%08X%08X:%04X", (__force u32)w[0],
			   (__force u32)w[1], (__force u32)w[2],
			   (__force u32)w[3], ntohs(port));
	else
		seq_printf(seq, " %08X:%04X", (__force u32)w[3], ntohs(port));
}

/* The columns that every kind of entry has, up to "st". */
static void ttp_show_ends(struct seq_file *seq, const struct ttp_hnode *h,
			  u8 state)
{
	const struct ttp_iter *it = seq->private;

	seq_printf(seq, "%4lld:", it->pos - 1);
	ttp_show_addr(seq, &h->t.laddr, h->t.lport);
	ttp_show_addr(seq, &h->t.raddr, h->t.rport);
	seq_printf(seq, " %02X", state);
}

/* Columns "tr" and "tm->when" of a socket. */
static void ttp_show_timer(struct seq_file *seq, const struct ttp_sock *t)
{
	static const struct {
		u8 timer;	/* enum ttp_timer */
		u8 tr;
	} order[] = {
		{ TTP_TIMER_REXMIT, TTP_TR_REXMIT },
		{ TTP_TIMER_PROBE, TTP_TR_PROBE },
		{ TTP_TIMER_KEEP, TTP_TR_KEEP },
		{ TTP_TIMER_FIN2, TTP_TR_KEEP },	/* as TCP shows it */
	};
	u8 tr = TTP_TR_NONE;
	u64 at = 0;
	int i;

	for (i = 0; i < ARRAY_SIZE(order) && !at; i++) {
		at = READ_ONCE(t->due.at[order[i].timer]);
		if (at)
			tr = order[i].tr;
	}
	seq_printf(seq, " %02X:%08lX", tr, ttp_ticks_until(at));
}

static void ttp_show_sock(struct seq_file *seq, const struct ttp_hnode *h)
{
	const struct ttp_sock *t = ttp_h_sock(h);
	struct sock *sk = ttp_to_sk(t);
	u8 state = READ_ONCE(sk->sk_state);
	bool listens = state == TCP_LISTEN;
	u32 ssthresh = READ_ONCE(t->cc.ssthresh);
	u32 tx = 0;
	int rx;

	if (listens) {
		rx = READ_ONCE(sk->sk_ack_backlog);
	} else {
		tx = READ_ONCE(t->write_seq) - READ_ONCE(t->snd_una);
		rx = READ_ONCE(t->rcv_nxt) - READ_ONCE(t->copied_seq);
	}
	/* The FIN takes a sequence number, which is no byte. */
	tx = max_t(int, tx, 0);
	rx = max(rx, 0);

	ttp_show_ends(seq, h, state);
	seq_printf(seq, " %08X:%08X", tx, rx);
	ttp_show_timer(seq, t);
	seq_printf(seq, " %08X %5u %8d %llu %d %pK %lu %lu %u %u %d",
		   READ_ONCE(t->retransmits),
		   from_kuid_munged(seq_user_ns(seq), ttp_sk_uid(sk)),
		   READ_ONCE(t->probes_out), (u64)sock_i_ino(sk),
		   refcount_read(&sk->sk_refcnt), sk,
		   ttp_rtt_rto(&t->rtt) / (USEC_PER_SEC / USER_HZ),
		   READ_ONCE(t->ato) / (USEC_PER_SEC / USER_HZ),
		   READ_ONCE(t->quickacks) << 1 | t->pingpong,
		   READ_ONCE(t->cc.cwnd),
		   listens ? 0 : ssthresh >= INT_MAX ? -1 : (int)ssthresh);
}

static void ttp_show_req(struct seq_file *seq, const struct ttp_hnode *h)
{
	const struct ttp_req *req = ttp_h_req(h);

	ttp_show_ends(seq, h, TCP_SYN_RECV);
	seq_printf(seq, " %08X:%08X %02X:%08lX %08X %5u %8d %u %d %pK", 0, 0,
		   TTP_TR_REXMIT, ttp_ticks_until(READ_ONCE(req->rto_at)),
		   req->tries,
		   from_kuid_munged(seq_user_ns(seq), ttp_sk_uid(req->listener)),
		   0, 0, refcount_read(&req->ref), req);
}

static void ttp_show_tw(struct seq_file *seq, const struct ttp_hnode *h)
{
	const struct ttp_tw *tw = ttp_h_tw(h);

	ttp_show_ends(seq, h, TCP_TIME_WAIT);
	seq_printf(seq, " %08X:%08X %02X:%08lX %08X %5d %8d %d %d %pK", 0, 0,
		   TTP_TR_TIME_WAIT, ttp_ticks_until(READ_ONCE(tw->expires)),
		   0, 0, 0, 0, refcount_read(&tw->ref), tw);
}

static int ttp_seq_show(struct seq_file *seq, void *v)
{
	struct ttp_hnode *h = v;

	seq_setwidth(seq, TTP_PROC_WIDTH);
	if (v == SEQ_START_TOKEN) {
		if (ttp_iter_is_v6(seq))
			seq_printf(seq, "  sl  %-38s%-37s", "local_address",
				   "remote_address");
		else
			seq_puts(seq, "  sl  local_address rem_address  ");
		seq_puts(seq, " st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode");
	} else {
		switch ((enum ttp_hkind)h->kind) {
		case TTP_H_SOCK:
			ttp_show_sock(seq, h);
			break;
		case TTP_H_REQ:
			ttp_show_req(seq, h);
			break;
		case TTP_H_TW:
			ttp_show_tw(seq, h);
			break;
		}
	}
	/* TCP pads its IPv4 lines and only those. */
	if (ttp_iter_is_v6(seq))
		seq_putc(seq, '\n');
	else
		seq_pad(seq, '\n');
	return 0;
}

static const struct seq_operations ttp_seq_ops = {
	.start	= ttp_seq_start,
	.next	= ttp_seq_next,
	.stop	= ttp_seq_stop,
	.show	= ttp_seq_show,
};

static int ttp_snmp_show(struct seq_file *seq, void *v)
{
	struct net *net = seq_file_single_net(seq);
	u32 i;

	for (i = 0; i < TTP_MIB_NR; i++)
		seq_printf(seq, "Ttp%s\t%lu\n", ttp_mib_name(i),
			   ttp_mib_read(net, i));
	seq_printf(seq, "TtpOrphans\t%d\n", atomic_read(&ttp_net(net)->orphans));
	for (i = 0; i < TTP_DROP_NR; i++) {
		if (i == TTP_WHY_NONE)
			continue;
		seq_printf(seq, "TtpDrop%s\t%lu\n", ttp_drop_name(i),
			   ttp_drop_read(net, i));
	}
	seq_printf(seq, "TtpMemoryPages\t%ld\n",
		   atomic_long_read(&ttp_net(net)->mem_pages));
	return 0;
}

int ttp_proc_net_init(struct net *net)
{
	if (!IS_ENABLED(CONFIG_PROC_FS))
		return 0;
	if (!proc_create_net_data("ttp", 0444, net->proc_net, &ttp_seq_ops,
				  sizeof(struct ttp_iter), (void *)AF_INET))
		return -ENOMEM;
	if (!proc_create_net_data("ttp6", 0444, net->proc_net, &ttp_seq_ops,
				  sizeof(struct ttp_iter), (void *)AF_INET6))
		goto out_ttp;
	if (!proc_create_net_single("ttp_snmp", 0444, net->proc_net,
				    ttp_snmp_show, NULL))
		goto out_ttp6;
	return 0;

out_ttp6:
	remove_proc_entry("ttp6", net->proc_net);
out_ttp:
	remove_proc_entry("ttp", net->proc_net);
	return -ENOMEM;
}

void ttp_proc_net_exit(struct net *net)
{
	remove_proc_entry("ttp_snmp", net->proc_net);
	remove_proc_entry("ttp6", net->proc_net);
	remove_proc_entry("ttp", net->proc_net);
}
