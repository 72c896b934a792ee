/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the choice of a congestion control by its name: of a
 * namespace by sysctl, of a socket by TCP_CONGESTION.
 */
#ifndef TTP_CCNAME_H
#define TTP_CCNAME_H

#include <linux/sockptr.h>

struct ctl_table;
struct sock;
struct ttp_net;

/* Entries that ttp_cc_entries() fills in. */
#define TTP_CC_KNOBS	3

void ttp_cc_defaults(struct ttp_net *tn);
void ttp_cc_entries(struct ctl_table *entry, struct ttp_net *tn);

/*
 * TCP_CONGESTION.  -ENOENT: there is none of that name; -EPERM: it is for
 * administrators only.  The caller holds no lock.
 */
int ttp_cc_choose(struct sock *sk, sockptr_t optval, unsigned int optlen);
/* The name, zero-padded to TTP_CC_NAME_MAX. */
void ttp_cc_name(struct sock *sk, char *name);
/* TCP_CC_INFO: fills @info, at most TTP_CC_INFO_MAX bytes; returns how many. */
#define TTP_CC_INFO_MAX	20
u32 ttp_cc_info(struct sock *sk, void *info);

#endif
