/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares what routes and sysctls set when a connection opens.
 */
#ifndef TTP_METRICS_H
#define TTP_METRICS_H

struct sock;

/* The route is known; after ttp_recover_init() and ttp_rtt_init(). */
void ttp_metrics_apply(struct sock *sk);

#endif
