// SPDX-License-Identifier: GPL-2.0
/*
 * This file plays the life of a connection, of a network namespace and of the
 * module in several ways, each of which allocates in places of its own.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/ethtool.h>
#include <linux/filter.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/tcp.h>

#include "ends.h"
#include "peer.h"
#include "scenes.h"

/* A namespace that is new, or a module, has its defaults. */
static void set_sysctls(void)
{
	tt_sysctl_set("tw_timeout", 1);
	tt_sysctl_set("orphan_retries", 1);
	tt_sysctl_set("autocorking", 0);	/* small stays small */
}

/* A host that nothing was sent to before: no route, no neighbour. */
static void to_host(void)
{
	long long deadline = tt_now_ms() + TT_DEADLINE;
	struct tt_addr a = peer_addr(7);
	struct seg syn;
	int fd;

	peer_open();
	fd = dial(&a, 0);
	while (fd >= 0 && !peer_poll(&syn, 100)) {
		if (tt_now_ms() > deadline)
			BAD("neither a SYN nor an error");
		if (CLEAN((errno = tt_so_error(fd)) ? -1 : 0))
			break;
	}
	if (fd >= 0)
		close(fd);
	peer_close();
}

/* And one that calls where nobody listens. */
static void from_host(void)
{
	long long before = tt_counter("TtpInSegs");
	struct peer p = peer_new();

	peer_open();
	p.kport = 7;
	peer_send(&p, F_SYN, 0);
	UNTIL(tt_counter("TtpInSegs") > before);
	peer_close();
}

static void plain(void)
{
	struct end c, s;

	if (!open_both(&c, &s, 0, 0))
		return;
	c.want = END_BYTES;
	s.want = 300;
	exchange(&c, &s);
	close_both(&c, &s);
}

/* What comes to @fd ends after so many bytes; 0: does not come at all. */
static void filter(int fd, unsigned int bytes)
{
	struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, bytes);
	struct sock_fprog prog = { .len = 1, .filter = &all };

	OK(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)));
}

static void no_filter(int fd)
{
	tt_set(fd, SOL_SOCKET, SO_DETACH_FILTER, 0);
}

/*
 * The client does not hear of what arrives: it repeats, and the first copies
 * are still in use, in the server's queue.
 */
static void unheard(size_t bytes)
{
	long long deadline = tt_now_ms() + TT_DEADLINE, before;
	struct end c, s;

	if (!open_both(&c, &s, 1000, 0))
		return;
	filter(c.fd, 0);
	c.want = bytes;
	before = tt_counter("TtpTimeouts");
	while (!c.broken && tt_counter("TtpTimeouts") == before)
		keep_sending(&c, deadline, "no retransmission");
	no_filter(c.fd);
	exchange(&c, &s);
	close_both(&c, &s);
}

/* One segment, repeated as it is. */
static void repeated(void)
{
	unheard(500);
}

/* Many, of which the first is cut off. */
static void split(void)
{
	unheard(20000);
}

/* A filter lets only the beginning through, of a segment that is shared. */
static void shortened(void)
{
	long long deadline = tt_now_ms() + TT_DEADLINE;
	struct end c, s;

	if (!open_both(&c, &s, 0, 0))
		return;
	filter(s.fd, 20 + 100);
	c.want = 500;
	while (!c.broken && !tt_poll(s.fd, POLLIN, 0))
		keep_sending(&c, deadline, "nothing comes through");
	no_filter(s.fd);
	exchange(&c, &s);
	close_both(&c, &s);
}

static void device_cuts(bool on)
{
	struct ethtool_value v = { .cmd = ETHTOOL_STSO, .data = on };
	struct ifreq ifr = { .ifr_name = "lo", .ifr_data = (void *)&v };
	int fd = OK(socket(AF_INET, SOCK_DGRAM, 0));

	OK(ioctl(fd, SIOCETHTOOL, &ifr));
	close(fd);
}

/* Big segments that the module itself has to cut. */
static void cut(void)
{
	struct end c, s;

	device_cuts(false);
	if (open_both(&c, &s, 1000, 0)) {
		c.want = END_BYTES;
		s.want = END_BYTES;
		exchange(&c, &s);
		close_both(&c, &s);
	}
	device_cuts(true);
}

/* A closed window, which is probed. */
static void narrow(void)
{
	long long deadline = tt_now_ms() + TT_DEADLINE, before;
	struct end c, s;

	if (!open_both(&c, &s, 0, 4096))
		return;
	c.want = END_BYTES;
	s.want = 300;
	before = tt_counter("TtpWinProbe");
	while (!c.broken && tt_counter("TtpWinProbe") == before)
		keep_sending(&c, deadline, "no probe of the window");
	exchange(&c, &s);
	close_both(&c, &s);
}

/* Small segments with all their overhead: the buffer has to be squeezed. */
static void squeezed(void)
{
	struct end c, s;

	if (!open_both(&c, &s, 0, 4096))
		return;
	send_small(&c, 60, 40);
	exchange(&c, &s);
	close_both(&c, &s);
}

static void refused(void)
{
	long long deadline = tt_now_ms() + TT_DEADLINE;
	struct tt_addr a;
	int fd, l = listener(&a, 0);

	if (l < 0)
		return;
	close(l);
	fd = dial(&a, 0);
	if (fd < 0)
		return;
	while (!tt_poll(fd, POLLOUT, 1000))
		if (tt_now_ms() > deadline)
			BAD("neither refused nor an error");
	errno = tt_so_error(fd);
	if (!errno)
		BAD("connected to nobody");
	CLEAN(-1);
	close(fd);
}

/* Closed with data unread; then with SO_LINGER 0. */
static void reset(void)
{
	struct end c, s;

	if (open_both(&c, &s, 0, 0)) {
		c.want = 100;
		send_some(&c);
		tt_poll(s.fd, POLLIN, 1000);
		close_both(&s, &c);
	}
	if (open_both(&c, &s, 0, 0)) {
		tt_abort(c.fd);
		close(s.fd);
	}
}

/* Connected to itself, by way of a simultaneous open. */
static void alone(void)
{
	struct tt_addr a = tt_loopback(0);
	struct end e = { .want = 100 };
	long long deadline = tt_now_ms() + TT_DEADLINE;

	e.fd = CLEAN(socket(tt.af, SOCK_STREAM | SOCK_NONBLOCK, tt.v6));
	if (e.fd < 0)
		return;
	if (!CLEAN(bind(e.fd, &a.sa, a.len))) {
		a = tt_local(e.fd);
		if (CLEAN(tt_connect(e.fd, &a)) && errno != EINPROGRESS)
			e.broken = true;
		while (!e.broken && !e.eof) {
			if (tt_now_ms() > deadline)
				BAD("neither data nor an error");
			tt_poll(e.fd, e.shut ? POLLIN : POLLOUT, 1000);
			if (!e.shut)
				send_some(&e);
			if (e.shut && !e.broken)
				receive_some(&e);
		}
		if (e.eof && e.got != e.want)
			BAD("data is lost");
	}
	close(e.fd);
}

/* IP options are kept with the socket and its segments. */
static void options(void)
{
	static const char nop4[4] = { 1, 1, 1, 1 };
	static const char pad6[8] = { 0, 0, 1, 4 };	/* PadN */
	struct tt_addr a;
	int l = listener(&a, 0), fd;

	if (l < 0)
		return;
	fd = CLEAN(socket(tt.af, SOCK_STREAM | SOCK_NONBLOCK, tt.v6));
	if (fd >= 0) {
		if (tt.v6)
			CLEAN(setsockopt(fd, IPPROTO_IPV6, IPV6_DSTOPTS, pad6,
					 sizeof(pad6)));
		else
			CLEAN(setsockopt(fd, IPPROTO_IP, IP_OPTIONS, nop4,
					 sizeof(nop4)));
		if (CLEAN(tt_connect(fd, &a)) && errno == EINPROGRESS)
			close(await(l, fd));
		close(fd);
	}
	close(l);
}

/* tw_recycle 1 wants memory for what it will remember. */
static void remember_hosts(void)
{
	int fd = OK(open("/proc/sys/net/ttp/tw_recycle", O_WRONLY));

	CLEAN(write(fd, "1", 1));
	close(fd);
}

/* A namespace of its own, with its counters, sysctls and files, and back. */
static void namespace(void)
{
	int home = OK(open("/proc/self/ns/net", O_RDONLY));

	if (!CLEAN(unshare(CLONE_NEWNET))) {
		OK(access("/proc/net/ttp_snmp", F_OK));
		OK(access("/proc/sys/net/ttp/syn_retries", F_OK));
		remember_hosts();
		OK(setns(home, CLONE_NEWNET));
	}
	close(home);
}

/* A listener that wants Fast Open before it listens. */
static int fast_listener(struct tt_addr *a)
{
	int l = CLEAN(socket(tt.af, SOCK_STREAM | SOCK_NONBLOCK, tt.v6));
	int most = 5;

	if (l < 0)
		return -1;
	*a = tt_loopback(0);
	if (CLEAN(setsockopt(l, IPPROTO_TCP, TCP_FASTOPEN, &most,
			     sizeof(most))) ||
	    CLEAN(bind(l, &a->sa, a->len)) || CLEAN(listen(l, 4))) {
		close(l);
		return -1;
	}
	*a = tt_local(l);
	return l;
}

/* A connection that asks for a cookie, or brings it along with data. */
static void fast_dial(int l, const struct tt_addr *a)
{
	struct end c = { .want = 5000 }, s = { .want = 100 };
	char data[300];
	ssize_t n;

	tt_pattern(data, sizeof(data), 0);
	c.fd = CLEAN(socket(tt.af, SOCK_STREAM | SOCK_NONBLOCK, tt.v6));
	if (c.fd < 0)
		return;
	n = CLEAN(sendto(c.fd, data, sizeof(data), MSG_FASTOPEN, &a->sa, a->len));
	if (n >= 0 || errno == EINPROGRESS) {
		c.sent = n > 0 ? n : 0;
		s.fd = await(l, c.fd);
		if (s.fd >= 0) {
			exchange(&c, &s);
			close(s.fd);
		}
	}
	close(c.fd);
}

/* Two listeners that share a port. */
static void sharing(void)
{
	struct tt_addr a = tt_loopback(0);
	int fd[2], i;

	for (i = 0; i < 2; i++) {
		fd[i] = CLEAN(socket(tt.af, SOCK_STREAM, tt.v6));
		if (fd[i] < 0)
			break;
		tt_set(fd[i], SOL_SOCKET, SO_REUSEPORT, 1);
		if (CLEAN(bind(fd[i], &a.sa, a.len)) ||
		    CLEAN(listen(fd[i], 1))) {
			close(fd[i]);
			break;
		}
		a = tt_local(fd[i]);
	}
	while (i--)
		close(fd[i]);
}

/* Fast Open, in a namespace whose cookies have no memory yet. */
static void early(void)
{
	int home = OK(open("/proc/self/ns/net", O_RDONLY)), l;
	struct tt_addr a;

	if (!CLEAN(unshare(CLONE_NEWNET))) {
		struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
		int fd = CLEAN(socket(AF_INET, SOCK_DGRAM, 0));

		if (fd >= 0 && !CLEAN(ioctl(fd, SIOCSIFFLAGS, &ifr))) {
			set_sysctls();
			tt_sysctl_set("fastopen", 3);
			l = fast_listener(&a);
			if (l >= 0) {
				fast_dial(l, &a);
				fast_dial(l, &a);
				close(l);
			}
		}
		close(fd);
		OK(setns(home, CLONE_NEWNET));
	}
	close(home);
}

static int load(void)
{
	const char *path = getenv("TTP_KO");
	int ko, err;

	CHECK(path);
	ko = OK(open(path, O_RDONLY | O_CLOEXEC));
	err = syscall(SYS_finit_module, ko, "", 0);
	close(ko);
	return err;
}

static bool is_loaded(void)
{
	return !access("/sys/module/ttp", F_OK);
}

/* The module goes and comes again, or there is nothing of it. */
static void reload(void)
{
	UNTIL(!syscall(SYS_delete_module, "ttp", O_NONBLOCK));
	if (CLEAN(load()) && (is_loaded() || !access("/proc/net/ttp", F_OK) ||
			      !access("/proc/sys/net/ttp", F_OK)))
		BAD("something is left of the module");
}

const struct scene scenes[] = {
	{ "to_host", to_host },
	{ "from_host", from_host },
	{ "newcomer", scene_newcomer },	/* before this task has its page */
	{ "routed", scene_routed },
	{ "rerouted", scene_rerouted },
	{ "plain", plain },
	{ "repeated", repeated },
	{ "split", split },
	{ "shortened", shortened },
	{ "cut", cut },
	{ "narrow", narrow },
	{ "squeezed", squeezed },
	{ "refused", refused },
	{ "reset", reset },
	{ "alone", alone },
	{ "options", options },
	{ "sharing", sharing },
	{ "piped", scene_piped },
	{ "pinned", scene_pinned },
	{ "early", early },
	{ "namespace", namespace },
	{ "reload", reload },
};

const int nr_scenes = ARRAY_SIZE(scenes);

void scene_prepare(void)
{
	ends_prepare();
	set_sysctls();
}

/* The first connection leaves what lasts: its hooks. */
void scene_restore(void)
{
	if (!is_loaded())
		OK(load());
	set_sysctls();
	plain();
}
