/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares how received data gets into a pipe.
 */
#ifndef TTP_SPLICE_H
#define TTP_SPLICE_H

#include <linux/net.h>

struct pipe_inode_info;

ssize_t ttp_splice_read(struct socket *sock, loff_t *ppos,
			struct pipe_inode_info *pipe, size_t len,
			unsigned int flags);

#endif
