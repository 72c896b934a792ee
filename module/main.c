// SPDX-License-Identifier: GPL-2.0
/*
 * This file loads and unloads the module: caches, tables, namespaces, family
 * and protocol, in order, and back in reverse.
 */
#include <linux/delay.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <net/sock.h>

#include "af.h"
#include "compat.h"
#include "conn.h"
#include "demux.h"
#include "fastcache.h"
#include "input.h"
#include "net.h"
#include "offload.h"
#include "rcv.h"
#include "recycle.h"
#include "smallq.h"
#include "sock.h"
#include "socket.h"
#include "timer.h"
#include "timewait.h"
#include "user.h"

/* Dead numbers below AF_MAX that no distribution aliases away. */
static int family = AF_TTP;
module_param(family, int, 0444);
MODULE_PARM_DESC(family, "address family: 18 (default), 13, 14 or 22");

unsigned int ttp_net_id;

static const struct ttp_rx_ops ttp_rx_ops = {
	.rcv	= ttp_rcv,
	.err	= ttp_rcv_err,
};

static const struct ttp_timer_ops ttp_timer_ops = {
	.expired = ttp_input_expired,
};

const struct ttp_rx_ops *ttp_rx = &ttp_rx_ops;
const struct ttp_timer_ops *ttp_timer_up = &ttp_timer_ops;

static struct net_proto_family ttp_family = {
	.create	= ttp_create,
	.owner	= THIS_MODULE,
};

static int __net_init ttp_net_init(struct net *net)
{
	struct ttp_net *tn = ttp_net(net);
	int err;

	tn->net = net;
	ttp_fast_keys_init(&tn->fast_keys);
	err = ttp_mib_net_init(tn);
	if (err)
		return err;
	err = ttp_ctl_init(net);
	if (err)
		goto out_mib;
	err = ttp_sysctl_net_init(net);
	if (err)
		goto out_ctl;
	err = ttp_proc_net_init(net);
	if (err)
		goto out_sysctl;
	return 0;

out_sysctl:
	ttp_sysctl_net_exit(net);
out_ctl:
	ttp_ctl_exit(net);
out_mib:
	ttp_mib_net_exit(tn);
	return err;
}

/*
 * No socket is left here: each holds its namespace.  TIME_WAIT does not, and
 * its timers, in softirq, are over a grace period after the purge: before exit.
 */
static void __net_exit ttp_net_pre_exit(struct net *net)
{
	ttp_demux_stop(net);
	ttp_tw_purge(net);
}

static void __net_exit ttp_net_exit(struct net *net)
{
	ttp_proc_net_exit(net);
	ttp_sysctl_net_exit(net);
	ttp_ctl_exit(net);
	ttp_fast_cache_free(ttp_net(net));
	ttp_recycle_free(ttp_net(net));
	WARN_ON_ONCE(atomic_long_read(&ttp_net(net)->mem_pages));
	ttp_mib_net_exit(ttp_net(net));
}

static struct pernet_operations ttp_net_ops = {
	.init	= ttp_net_init,
	.pre_exit = ttp_net_pre_exit,
	.exit	= ttp_net_exit,
	.id	= &ttp_net_id,
	.size	= sizeof(struct ttp_net),
};

static int __init ttp_caches_init(void)
{
	ttp_req_cache = KMEM_CACHE(ttp_req, SLAB_HWCACHE_ALIGN);
	if (!ttp_req_cache)
		return -ENOMEM;
	ttp_tw_cache = KMEM_CACHE(ttp_tw, 0);
	if (!ttp_tw_cache) {
		kmem_cache_destroy(ttp_req_cache);
		return -ENOMEM;
	}
	return 0;
}

static void ttp_caches_exit(void)
{
	kmem_cache_destroy(ttp_tw_cache);
	kmem_cache_destroy(ttp_req_cache);
}

/* From IP: last in, first out. */
static int __init ttp_inputs_init(void)
{
	int err;

	err = ttp_offload_init();
	if (err)
		return err;
	err = ttp_ipv4_register();
	if (err)
		goto out_offload;
	if (ipv6_mod_enabled())
		err = ttp_ipv6_register();
	if (err)
		goto out_ipv4;
	return 0;

out_ipv4:
	ttp_ipv4_unregister();
out_offload:
	ttp_offload_exit();
	return err;
}

static void ttp_inputs_exit(void)
{
	if (ipv6_mod_enabled())
		ttp_ipv6_unregister();
	ttp_ipv4_unregister();
	ttp_offload_exit();
}

static int __init ttp_init(void)
{
	int err;

	if (family != 18 && family != 13 && family != 14 && family != 22) {
		pr_err("ttp: family=%d is not one of 18, 13, 14, 22\n", family);
		return -EINVAL;
	}
	ttp_family.family = family;
	ttp_port_init();
	ttp_isn_init();
	ttp_smallq_init();
	err = ttp_caches_init();
	if (err)
		return err;
	err = ttp_hash_init();
	if (err)
		goto out_caches;
	err = ttp_proto_init();
	if (err)
		goto out_hash;
	err = register_pernet_subsys(&ttp_net_ops);
	if (err)
		goto out_proto;
	err = ttp_inputs_init();
	if (err)
		goto out_pernet;
	err = sock_register(&ttp_family);
	if (err) {
		pr_err("ttp: family %d is in use\n", family);
		goto out_inputs;
	}
	pr_info("ttp: family %d, IP protocol %d\n", family, IPPROTO_TTP);
	return 0;

out_inputs:
	ttp_inputs_exit();
out_pernet:
	unregister_pernet_subsys(&ttp_net_ops);
out_proto:
	ttp_proto_exit();
out_hash:
	ttp_hash_exit();
out_caches:
	ttp_caches_exit();
	return err;
}

/*
 * A process's socket holds the module, so none is left, nor any request, which
 * lives in a listener's queue.  Once the protocols are unregistered (which
 * waits for segments under way) nothing comes in; orphans are aborted, and no
 * new TIME_WAIT entry can appear when unregister_pernet_subsys() purges them.
 * A socket's memory may be pinned by a segment in a queueing discipline: wait
 * for all, then for the RCU callbacks that free them.
 */
static void __exit ttp_exit(void)
{
	sock_unregister(family);
	ttp_inputs_exit();
	ttp_abort_orphans();
	unregister_pernet_subsys(&ttp_net_ops);
	while (atomic_read(&ttp_live_socks))
		msleep(20);
	ttp_smallq_exit();
	synchronize_net();
	rcu_barrier();
	ttp_proto_exit();
	ttp_hash_exit();
	ttp_caches_exit();
}

module_init(ttp_init);
module_exit(ttp_exit);

MODULE_DESCRIPTION("Toy Transport Protocol: a TCP-class transport to read");
MODULE_AUTHOR("The TTP developers");
MODULE_LICENSE("GPL");
MODULE_ALIAS_NETPROTO(AF_TTP);
