# SPDX-License-Identifier: GPL-2.0
# This file lists what compat.h asks the kernel's headers; each line defines one TTP_HAVE_ name.

# bind() and connect() take struct sockaddr_unsized.
$(call probe,SOCKADDR_UNSIZED,linux/socket.h,struct sockaddr_unsized [{])
# proto.accept and proto_ops.accept take one struct of arguments.
$(call probe,PROTO_ACCEPT_ARG,net/sock.h,struct proto_accept_arg [{])
# proto.ioctl returns its answer in kernel memory.
$(call probe,PROTO_IOCTL_KARG,net/sock.h,int cmd. int .karg)
# A socket's owner is read by a function.
$(call probe,SK_UID,net/sock.h,inline kuid_t sk_uid)
# struct proto says where the IPv6 part of a socket is.
$(call probe,PINFO_OFFSET,net/sock.h,unsigned int ipv6_pinfo_offset)
# Sysctl tables are registered by size and have no end marker.
$(call probe,NET_SYSCTL_SZ,net/net_namespace.h,register_net_sysctl_sz)
# flowi4 has a typed DSCP instead of a TOS byte.
$(call probe,FLOWI4_DSCP,net/flow.h,define flowi4_dscp)
# The BPF connect hooks take the length of the address.
$(call probe,BPF_CONNECT_LEN,linux/bpf-cgroup.h,RUN_PROG_INET4_CONNECT.sk. uaddr. uaddrlen)
# inet_recv_error() returns the length of the address in an argument.
$(call probe,RECV_ERROR_ADDRLEN,net/inet_common.h,inet_recv_error.struct sock .sk. struct msghdr .msg. int len. int)
# ip6_dst_store() takes two booleans.
$(call probe,DST_STORE_BOOL,net/ip6_route.h,bool daddr_set)
# The flags of an inet_sock are bits of one atomic word.
$(call probe,INET_FLAGS,net/inet_sock.h,unsigned long inet_flags)
# sendfile() says when its file has ended.
$(call probe,SPLICE_EOF,linux/net.h,splice_eof..struct socket)
# A socket filter answers with a drop reason.
$(call probe,FILTER_REASON,linux/filter.h,enum skb_drop_reason sk_filter_trim_cap)
# The list of IPv6 flow labels is in the inet_sock.
$(call probe,INET_FL_LIST,net/inet_sock.h,ipv6_fl_list)
# An hrtimer gets its callback when it is set up.
$(call probe,HRTIMER_SETUP,linux/hrtimer.h,void hrtimer_setup.struct)
# Handlers of sysctls get a constant table.
$(call probe,CONST_CTL_TABLE,linux/sysctl.h,typedef int proc_handler.const struct ctl_table)
# A page is sent by a function of its own, not by sendmsg() with MSG_SPLICE_PAGES.
$(call probe,SENDPAGE,linux/net.h,ssize_t ..sendpage.)
# skb_splice_from_iter() is told how to allocate.
$(call probe,SPLICE_ITER_GFP,linux/skbuff.h,skb_splice_from_iter.struct sk_buff .skb. struct iov_iter .iter. ssize_t maxsize. gfp_t)
# msg_zerocopy_realloc() asks whether the memory is a device's.
$(call probe,ZEROCOPY_DEVMEM,linux/skbuff.h,struct ubuf_info .uarg. bool devmem)
# skb_zerocopy_iter_stream() knows memory of a device.
$(call probe,ZEROCOPY_BINDING,linux/skbuff.h,struct ubuf_info .uarg. struct net_devmem_dmabuf_binding)
# A socket may have SOL_SOCKET options of its own.
$(call probe,CUSTOM_SOCKOPT,linux/net.h,SOCK_CUSTOM_SOCKOPT)
# A packet of more than 64 KB has its length in a hop-by-hop header.
$(call probe,HOP_JUMBO,net/ipv6.h,struct hop_jumbo_hdr [{])
# RFS can be told that a flow has ended.
$(call probe,RPS_DELETE_FLOW,net/rps.h,inline void sock_rps_delete_flow)
# The hash of an IPv6 flow chooses among its routes, and another one looks again.
$(call probe,RETHINK_RESET_DST,net/sock.h,inline bool __sk_rethink_txhash_reset_dst.struct sock .sk.)
$(call probe,ECMP_MP_HASH,net/ipv6.h,inline void ip6_ecmp_set_mp_hash)
# Headers that were split off.
ccflags-y += $(if $(wildcard $(srctree)/include/linux/skbuff_ref.h),-DTTP_HAVE_SKBUFF_REF_H=1)
ccflags-y += $(if $(wildcard $(srctree)/include/net/proto_memory.h),-DTTP_HAVE_PROTO_MEMORY_H=1)
ccflags-y += $(if $(wildcard $(srctree)/include/net/gso.h),-DTTP_HAVE_GSO_H=1)
ccflags-y += $(if $(wildcard $(srctree)/include/net/rps.h),-DTTP_HAVE_RPS_H=1)
