// SPDX-License-Identifier: GPL-2.0
/*
 * This file tests the choice of a congestion control (net.ttp.congestion_control,
 * TCP_CONGESTION) and pacing (SO_MAX_PACING_RATE, pacing_*_ratio).
 */
#include <stdlib.h>
#include <unistd.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <linux/inet_diag.h>
#include <linux/tcp.h>

#include "peer.h"

#define NAME_MAX_CC	16
#define NOBODY		65534

static const char *knob_path(const char *name)
{
	static char path[128];

	snprintf(path, sizeof(path), tt.ttp ? "/proc/sys/net/ttp/%s" :
		 "/proc/sys/net/ipv4/tcp_%s", name);
	return path;
}

static ssize_t knob_write(const char *name, const char *text)
{
	int fd = OK(open(knob_path(name), O_WRONLY));
	ssize_t n = write(fd, text, strlen(text));

	close(fd);
	return n;
}

static const char *knob_read(const char *name)
{
	static char text[256];
	int fd = OK(open(knob_path(name), O_RDONLY));
	ssize_t n = OK(read(fd, text, sizeof(text) - 1));

	close(fd);
	while (n && text[n - 1] == '\n')
		n--;
	text[n] = 0;
	return text;
}

static void knob_is(const char *name, const char *want)
{
	const char *got = knob_read(name);

	if (strcmp(got, want))
		FAIL("%s is \"%s\", expected \"%s\"", name, got, want);
}

static int choose(int fd, const char *name)
{
	return setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, strlen(name));
}

static void chosen_is(int fd, const char *want)
{
	char got[NAME_MAX_CC + 1] = { };
	socklen_t len = NAME_MAX_CC;

	OK(getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, got, &len));
	EQ(len, NAME_MAX_CC);
	if (strcmp(got, want))
		FAIL("congestion control is \"%s\", expected \"%s\"", got, want);
}

static struct tcp_info info_of(int fd)
{
	struct tcp_info info = { };
	socklen_t len = sizeof(info);

	OK(getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len));
	return info;
}

static void cubic_is_the_default(void)
{
	int fd = tt_socket(0);

	knob_is("congestion_control", "cubic");
	chosen_is(fd, "cubic");
}

static void all_available_can_be_chosen(void)
{
	char list[256], *rest = list, *name;
	int fd = tt_socket(0), n = 0;

	snprintf(list, sizeof(list), "%s", knob_read("available_congestion_control"));
	while ((name = strsep(&rest, " "))) {
		OK(choose(fd, name));
		chosen_is(fd, name);
		n++;
	}
	CHECK(n >= 2);
	if (tt.ttp)
		knob_is("available_congestion_control", "cubic reno bbr");
	FAILS(open(knob_path("available_congestion_control"), O_WRONLY), EACCES);
}

static void unknown_names_are_refused(void)
{
	int fd = tt_socket(0);

	FAILS(choose(fd, "bicubic"), ENOENT);
	FAILS(choose(fd, "a_name_of_more_than_sixteen"), ENOENT);
	FAILS(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 0), EINVAL);
	FAILS(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, (void *)8, 4), EFAULT);
	chosen_is(fd, "cubic");
	FAILS(knob_write("congestion_control", "bicubic"), ENOENT);
	knob_is("congestion_control", "cubic");
}

static void the_default_is_for_new_sockets(void)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	int before = tt_socket(0), after, l, i;
	unsigned int port;
	struct tt_addr a;

	l = tt_listener(4, &port);
	a = tt_loopback(port);
	OK(knob_write("congestion_control", "reno"));
	after = tt_socket(0);
	OK(knob_write("congestion_control", "cubic"));
	chosen_is(before, "cubic");
	chosen_is(after, "reno");
	/* socket() makes it new; connect() does not, nor what comes after */
	for (i = 0; i < 2; i++) {
		OK(tt_connect(after, &a));
		chosen_is(after, "reno");
		OK(accept(l, NULL, NULL));
		OK(connect(after, &none, sizeof(none)));
		chosen_is(after, "reno");
	}
}

/* A choice on the listener is its children's; without one, the default is. */
static void children_inherit(void)
{
	unsigned int port;
	int l = tt_listener(4, &port), chosen, plain;

	OK(choose(l, "reno"));
	tt_dial(port);
	chosen = OK(accept(l, NULL, NULL));
	chosen_is(chosen, "reno");

	l = tt_listener(4, &port);
	OK(knob_write("congestion_control", "reno"));
	tt_dial(port);
	plain = OK(accept(l, NULL, NULL));
	OK(knob_write("congestion_control", "cubic"));
	chosen_is(plain, "reno");
}

/* Not everybody may use what takes more than its share. */
static void not_everything_is_allowed(void)
{
	int fd = tt_socket(0);

	OK(knob_write("allowed_congestion_control", "reno"));
	OK(choose(fd, "reno"));
	knob_is("allowed_congestion_control", "reno");
	FAILS(knob_write("allowed_congestion_control", "reno bicubic"), ENOENT);
	knob_is("allowed_congestion_control", "reno");
	OK(knob_write("allowed_congestion_control", "cubic reno"));
	OK(seteuid(NOBODY));
	FAILS(choose(fd, "bbr"), EPERM);
	OK(choose(fd, "cubic"));
	OK(seteuid(0));
	OK(knob_write("allowed_congestion_control", " bbr\tcubic reno "));
	OK(seteuid(NOBODY));
	OK(choose(fd, "bbr"));
	chosen_is(fd, "bbr");
	OK(seteuid(0));
	OK(knob_write("allowed_congestion_control", "cubic reno"));
}

/* What is allowed changes nothing for the default, nor for administrators. */
static void the_default_is_allowed(void)
{
	int fd = tt_socket(0);

	OK(knob_write("allowed_congestion_control", "reno"));
	OK(choose(fd, "bbr"));
	OK(seteuid(NOBODY));
	OK(choose(fd, "cubic"));
	OK(seteuid(0));
	OK(knob_write("allowed_congestion_control", "cubic reno"));
}

#define PIECE	8192	/* whatever the buffers are, so much fits */

static void exchange(int from, int to, size_t len, uint64_t offset)
{
	char out[PIECE], in[PIECE];
	size_t n;

	for (; len; len -= n, offset += n) {
		n = len < PIECE ? len : PIECE;
		tt_pattern(out, n, offset);
		tt_write_all(from, out, n);
		tt_read_all(to, in, n);
		CHECK(tt_is_pattern(in, n, offset));
	}
}

static void changes_while_data_flows(void)
{
	static const char * const names[] = { "reno", "cubic", "bbr", "cubic" };
	int c, s, round;

	tt_pair(&c, &s);
	for (round = 0; round < 16; round++) {
		const char *name = names[round % (tt.ttp ? 4 : 2)];

		OK(choose(c, name));
		exchange(c, s, 16384, round * 16384ULL);
		chosen_is(c, name);
	}
}

static void bbr_tells_its_model(void)
{
	struct tcp_bbr_info info = { };
	socklen_t len = sizeof(info);
	int c, s;

	tt_pair(&c, &s);
	OK(getsockopt(c, IPPROTO_TCP, TCP_CC_INFO, &info, &len));
	EQ(len, 0);
	OK(choose(c, "bbr"));
	exchange(c, s, 30000, 0);
	len = sizeof(info);
	OK(getsockopt(c, IPPROTO_TCP, TCP_CC_INFO, &info, &len));
	EQ(len, sizeof(info));
	CHECK(info.bbr_bw_lo || info.bbr_bw_hi);
	CHECK(info.bbr_min_rtt != ~0u);
	CHECK(info.bbr_pacing_gain);
	CHECK(info.bbr_cwnd_gain);
	CHECK(info_of(c).tcpi_pacing_rate);
}

/* -- pacing ----------------------------------------------------------------- */

#define RATE		400000U		/* bytes a second */
#define PACED		200000U		/* bytes */
#define UNPACED		(12U * 1500)	/* the first ten leave at once, and a burst */

/*
 * A process may be late, but the last byte must not be early. TTP counts
 * payload, TCP as well.
 */
static void the_rate_is_kept(const char *control)
{
	unsigned int port;
	struct tt_addr a;
	int c, s, l;
	long long t;

	l = tt_listener(1, &port);
	a = tt_loopback(port);
	c = tt_socket(0);
	OK(choose(c, control));
	/* On loopback ten segments are a lot more. */
	tt_set(c, IPPROTO_TCP, TCP_MAXSEG, 1400);
	tt_set(c, SOL_SOCKET, SO_MAX_PACING_RATE, RATE);
	OK(tt_connect(c, &a));
	s = OK(accept(l, NULL, NULL));
	t = tt_now_ms();
	exchange(c, s, PACED, 0);
	t = tt_now_ms() - t;
	EQ(info_of(c).tcpi_max_pacing_rate, RATE);
	CHECK(info_of(c).tcpi_pacing_rate <= RATE);
	if (t < (PACED - UNPACED) * 1000LL / RATE / 2)
		FAIL("%u bytes took %lld ms at %u bytes a second", PACED, t, RATE);
	EQ(tt_get(c, SOL_SOCKET, SO_MAX_PACING_RATE), RATE);
}

/* It was that of another path. */
static void a_disconnect_forgets_the_rate(void)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	int c, s;

	tt_pair(&c, &s);
	exchange(c, s, PACED, 0);
	CHECK(info_of(c).tcpi_pacing_rate < info_of(c).tcpi_max_pacing_rate);
	OK(connect(c, &none, sizeof(none)));
	EQ(info_of(c).tcpi_pacing_rate, info_of(c).tcpi_max_pacing_rate);
}

static void cubic_keeps_the_maximum_rate(void)
{
	the_rate_is_kept("cubic");
}

static void bbr_keeps_the_maximum_rate(void)
{
	the_rate_is_kept("bbr");
}

/* fq paces instead of the socket, and counts what it held back. */
static void fq_keeps_the_maximum_rate(void)
{
	/* Its defaults follow the MTU, and let 640 KB pass first. */
	tt_run("tc qdisc replace dev lo root fq quantum 3000 initial_quantum 15000");
	the_rate_is_kept("cubic");
	tt_run("tc -s qdisc show dev lo | grep -q 'throttled [1-9]'");
	tt_run("tc qdisc del dev lo root");
}

/* A close must not lose what waits for its turn. */
static void what_waits_is_sent_after_close(void)
{
	char *in = malloc(PACED), *out = malloc(PACED);
	unsigned int port;
	struct tt_addr a;
	int c, s, l;
	char end;

	l = tt_listener(1, &port);
	a = tt_loopback(port);
	c = tt_socket(0);
	tt_set(c, IPPROTO_TCP, TCP_MAXSEG, 1400);
	tt_set(c, SOL_SOCKET, SO_MAX_PACING_RATE, 4 * RATE);
	OK(tt_connect(c, &a));
	s = OK(accept(l, NULL, NULL));
	tt_pattern(out, 60000, 0);
	tt_write_all(c, out, 60000);
	close(c);
	tt_read_all(s, in, 60000);
	CHECK(tt_is_pattern(in, 60000, 0));
	EQ(OK(read(s, &end, 1)), 0);
}

static void abort_stops_the_timer(void)
{
	char out[60000] = { };
	unsigned int port;
	struct tt_addr a;
	int c, s, l;

	l = tt_listener(1, &port);
	a = tt_loopback(port);
	c = tt_socket(0);
	tt_set(c, IPPROTO_TCP, TCP_MAXSEG, 1400);
	tt_set(c, SOL_SOCKET, SO_MAX_PACING_RATE, 1000);
	OK(tt_connect(c, &a));
	s = OK(accept(l, NULL, NULL));
	CHECK(OK(send(c, out, sizeof(out), MSG_DONTWAIT)) > 20000);
	tt_abort(c);
	UNTIL(recv(s, out, sizeof(out), MSG_DONTWAIT) < 0 && errno == ECONNRESET);
}

/* tcpi_pacing_rate is @percent of the window in a round trip, rounded. */
static void rate_is(int fd, unsigned int percent)
{
	struct tcp_info i = info_of(fd);
	double want = (double)i.tcpi_snd_cwnd * i.tcpi_snd_mss * percent / 100 /
		      i.tcpi_rtt * 1e6;

	if (i.tcpi_pacing_rate < want * 0.99 || i.tcpi_pacing_rate > want * 1.01)
		FAIL("%llu bytes a second, expected %.0f: %u %% of cwnd %u mss %u rtt %u us",
		     (unsigned long long)i.tcpi_pacing_rate, want, percent,
		     i.tcpi_snd_cwnd, i.tcpi_snd_mss, i.tcpi_rtt);
}

static void send_and_ack(struct peer *p, int fd)
{
	char byte[100] = { };

	tt_write_all(fd, byte, sizeof(byte));
	peer_expect_data(p, sizeof(byte));
	peer_send(p, F_ACK, 0);
	UNTIL(!info_of(fd).tcpi_unacked);
}

/* Twice the window per round trip while it doubles, little more afterwards. */
static void the_ratios_set_the_rate(void)
{
	char data[400] = { };
	struct peer p;
	int fd, i;

	peer_open();
	p = peer_new();
	fd = peer_dial(&p);
	tt_set(fd, IPPROTO_TCP, TCP_NODELAY, 1);
	send_and_ack(&p, fd);
	rate_is(fd, 200);
	tt_sysctl_set("pacing_ss_ratio", 400);
	send_and_ack(&p, fd);
	rate_is(fd, 400);
	tt_sysctl_set("pacing_ss_ratio", 200);

	/* A loss ends slow start. */
	for (i = 0; i < 4; i++)
		tt_write_all(fd, data, 100);
	for (i = 0; i < 3; i++)
		peer_send(&p, F_ACK, 0);
	UNTIL(info_of(fd).tcpi_snd_ssthresh < 1000);
	peer_expect_data(&p, 400);
	peer_send(&p, F_ACK, 0);
	UNTIL(!info_of(fd).tcpi_unacked);
	send_and_ack(&p, fd);
	rate_is(fd, 120);
	tt_sysctl_set("pacing_ca_ratio", 300);
	send_and_ack(&p, fd);
	rate_is(fd, 300);
	tt_sysctl_set("pacing_ca_ratio", 120);
}

static const struct tt_test tests[] = {
	TEST_FLAGS(cubic_is_the_default, TT_ONCE),
	TEST_FLAGS(all_available_can_be_chosen, TT_ONCE),
	TEST_FLAGS(unknown_names_are_refused, TT_ONCE),
	TEST_FLAGS(the_default_is_for_new_sockets, TT_ONCE),
	TEST(children_inherit),
	TEST_FLAGS(not_everything_is_allowed, TT_ONCE | TT_TTP_ONLY),
	TEST_FLAGS(the_default_is_allowed, TT_ONCE | TT_TTP_ONLY),
	TEST(changes_while_data_flows),
	TEST_FLAGS(bbr_tells_its_model, TT_TTP_ONLY),
	TEST_FLAGS(a_disconnect_forgets_the_rate, TT_TTP_ONLY),
	TEST(cubic_keeps_the_maximum_rate),
	TEST_FLAGS(bbr_keeps_the_maximum_rate, TT_TTP_ONLY),
	TEST(fq_keeps_the_maximum_rate),
	TEST(what_waits_is_sent_after_close),
	TEST(abort_stops_the_timer),
	TEST(the_ratios_set_the_rate),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
