// SPDX-License-Identifier: GPL-2.0
/*
 * This file lets each memory allocation of the module fail while connections
 * are opened, used and closed: the calls end in success or a clean error, and
 * data is never wrong. That it was each of them is proven twice: by the trace
 * of what allocates, and by the calls in the module's binary. Needs a kernel
 * with fault injection (selftests/config); leaks are kmemleak's and rmmod's.
 */
#define _GNU_SOURCE
#include <stdlib.h>

#include "allocs.h"
#include "ends.h"
#include "faults.h"
#include "ksyms.h"
#include "scenes.h"

#define MAX_KEYS	1024
#define MAX_CALLS	256
#define TRIES		30
/* A chain of attempts that get by with less and less: all of it. */
#define PAGE_FAULTS	3

/*
 * The functions of the kernel that the module calls and that allocate. No
 * scene brings so many of these calls to it, since they do so only for what
 * the reason says.
 */
static const struct {
	const char *name;
	int unreached;
	const char *why;
} allocators[] = {
	/* sockets and what belongs to them */
	{ .name = "sk_alloc" },
	{ .name = "sk_clone_lock" },
	{ .name = "inet_ctl_sock_create" },
	{ .name = "reuseport_alloc" },
	{ "reuseport_add_sock", 1,
	  "more than 128 listeners in one group" },
	{ .name = "kmalloc_trace" },
	{ .name = "kmem_cache_alloc" },
	{ .name = "__vmalloc" },
	/* segments and their data */
	{ .name = "__alloc_skb" },
	{ .name = "skb_clone" },
	{ .name = "__pskb_copy_fclone" },
	{ "pskb_expand_head", 1,
	  "the headers of a burst of more than 64 KB, to be cut, that are shared" },
	{ .name = "skb_segment" },
	{ "sk_page_frag_refill", 1,
	  "gcc's second copy of the call: for a kernel's socket, which may not sleep" },
	{ "__pskb_pull_tail", 6,
	  "a header that lies in pages, of a shared skb" },
	{ .name = "skb_splice_bits" },
	{ .name = "msg_zerocopy_realloc" },
	{ .name = "skb_zerocopy_iter_stream" },
	{ .name = "sk_filter_trim_cap" },
	/* routes and neighbours */
	{ .name = "ip_route_output_flow" },
	{ .name = "ip6_dst_lookup_flow" },
	{ .name = "__ip_queue_xmit" },
	{ .name = "ip_local_out" },
	{ .name = "ip6_xmit" },
	{ "ipv4_redirect", 1,
	  "an ICMP redirect" },
	{ "ip6_redirect", 1,
	  "an ICMPv6 redirect" },
	/* options of IP */
	{ .name = "ip_setsockopt" },
	{ .name = "ipv6_setsockopt" },
	/* a network namespace */
	{ "__alloc_percpu", 1,
	  "per-CPU memory that has to grow just then" },
	{ .name = "register_net_sysctl" },
	{ .name = "proc_create_net_data" },
	{ .name = "proc_create_net_single" },
	/* the module, when loaded */
	{ .name = "kmem_cache_create" },
	{ .name = "kvmalloc_node" },
	{ .name = "nf_register_net_hooks" },
	{ .name = "proto_register" },
	{ .name = "register_pernet_subsys" },
};

/* An allocation as the trace has it, and the plays that it was seen in. */
static struct key {
	struct alloc a;
	int first, last;
	int tries;
} keys[MAX_KEYS];

static int nr_keys;
static int play_now;		/* a scene with IPv4 is even, with IPv6 odd */
static int page_faults;		/* of the last play */

static const char *play_text(int n)
{
	static char text[64];

	snprintf(text, sizeof(text), "scene %s, IPv%d", scenes[n / 2].name,
		 n % 2 ? 6 : 4);
	return text;
}

/* The last scene is for whoever loads the module. */
static bool is_reload(int n)
{
	return n / 2 == nr_scenes - 1;
}

static bool is_same(const struct alloc *a, const struct alloc *b)
{
	return a->caller == b->caller &&
	       !memcmp(a->path, b->path, sizeof(a->path));
}

static void note(const struct alloc *a)
{
	int i;

	for (i = 0; i < nr_keys; i++) {
		if (is_same(&keys[i].a, a)) {
			keys[i].a.failed |= a->failed;
			if (!is_reload(play_now))
				keys[i].last = play_now;
			return;
		}
	}
	CHECK(nr_keys < MAX_KEYS);
	keys[nr_keys++] = (struct key){ *a, play_now, play_now, 0 };
}

static void ignore(const struct alloc *a)
{
	(void)a;
}

static void play(int n)
{
	play_now = n;
	tt.v6 = n % 2;
	scenes[n / 2].play();
	page_faults = PAGE_FAULTS - faults_left(FAULT_PAGES);
	faults_off();
	allocs_read(note);
	if (is_reload(n)) {
		scene_restore();
		allocs_read(ignore);
	}
}

/*
 * Has what this asks for failed, by whatever way the module got there? Of the
 * much that the kernel needs to load a module, the first below each call does.
 */
static bool site_failed(const struct key *k)
{
	int i;

	for (i = 0; i < nr_keys; i++)
		if (keys[i].a.failed && keys[i].a.path[0] == k->a.path[0] &&
		    (keys[i].a.caller == k->a.caller || is_reload(k->first)))
			return true;
	return false;
}

static bool is_below(const struct alloc *a, unsigned long at)
{
	int i;

	for (i = 0; i < ALLOC_PATH; i++)
		if (a->path[i] == at)
			return true;
	return false;
}

/* The return address that tells this one best from the others. */
static unsigned long best_address(const struct key *k)
{
	int depth, i, n, fewest = MAX_KEYS + 1;
	unsigned long best = 0;

	for (depth = 0; depth < ALLOC_PATH && k->a.path[depth]; depth++) {
		n = 0;
		for (i = 0; i < nr_keys; i++)
			n += is_below(&keys[i].a, k->a.path[depth]);
		if (n < fewest) {
			fewest = n;
			best = k->a.path[depth];
		}
	}
	return best;
}

/*
 * What fails is the first allocation below @at. For a later one to be it,
 * spare those in between two others: the @nth such choice. False: no more.
 */
static bool spare_others(const struct key *k, unsigned long at, int nth)
{
	unsigned long from, to;
	int i, j;

	faults_except(0, 0);
	if (nth < 0)
		return true;
	for (i = 0; i < nr_keys; i++) {
		for (j = 0; j < nr_keys; j++) {
			from = keys[i].a.caller;
			to = keys[j].a.caller + 1;
			if (from >= to || !is_below(&keys[i].a, at) ||
			    !is_below(&keys[j].a, at) ||
			    (from <= k->a.caller && k->a.caller < to))
				continue;
			if (!nth--) {
				faults_except(from, to);
				return true;
			}
		}
	}
	/* By chance, then; what the leak detector takes does not count. */
	ksym_range("kmemleak_alloc", &from, &to);
	faults_except(from, to);
	return false;
}

/*
 * Play its scene again, and let it fail this time. Where the first left
 * something that lasts, it takes a later one to get there again.
 */
static void fail_one(struct key *k)
{
	int n = k->tries % 3 == 2 ? k->last : k->first;
	unsigned long at = k->tries & 2 ? k->a.path[0] : best_address(k);
	bool sure = spare_others(k, at, (k->tries & 1) + k->tries / 4 * 2 - 1);

	k->tries++;
	ends_about("%s without memory below %s, %s", ksym_text(k->a.caller),
		   ksym_text(at), play_text(n));
	faults_below(at, at + 1);
	if (k->a.pages)
		faults_arm(FAULT_PAGES, 100, PAGE_FAULTS);
	else
		faults_arm(FAULT_SLAB, sure ? 100 : 40, 1);
	play(n);
	if (k->a.pages && page_faults)
		k->a.failed = true;
}

/* A call from the module's binary to a function of the kernel. */
static struct call {
	unsigned long returns;		/* the return address */
	char name[64];
} calls[MAX_CALLS];

static int nr_calls;

static int find_allocator(const char *name)
{
	int i;

	for (i = 0; i < (int)ARRAY_SIZE(allocators); i++)
		if (!strcmp(allocators[i].name, name))
			return i;
	return -1;
}

/*
 * A function that is called but neither in the list nor ever seen to allocate:
 * its name shall not say that it does.
 */
static bool is_suspect(const char *name)
{
	static const char * const words[] = {
		"alloc", "clone", "create", "dup", "expand", "pull", "segment",
		"xmit", "route_output", "dst_lookup", "_copy",
	};
	/* accounting, tracing, the user's memory */
	static const char * const harmless[] = {
		"ttp", "perf_trace_buf_alloc", "_copy_from", "_copy_to",
		"skb_copy_bits", "skb_copy_datagram_iter",
		"csum_and_copy_from_iter",
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(harmless); i++)
		if (!strncmp(name, harmless[i], strlen(harmless[i])))
			return false;
	for (i = 0; i < ARRAY_SIZE(words); i++)
		if (strstr(name, words[i]))
			return find_allocator(name) < 0;
	return false;
}

static int wrong;

#define WRONG(...) do {							\
	tt_note(__VA_ARGS__);						\
	wrong++;							\
} while (0)

static void read_call(unsigned long returns, const char *name)
{
	if (is_suspect(name))
		WRONG("%s is called, and not in the list", name);
	if (find_allocator(name) < 0)
		return;
	CHECK(nr_calls < MAX_CALLS);
	calls[nr_calls].returns = returns;
	snprintf(calls[nr_calls].name, sizeof(calls[0].name), "%s", name);
	nr_calls++;
}

/* Each call of a function in the list, but in the code that unloads. */
static void read_calls(void)
{
	const char *ko = getenv("TTP_KO");
	char line[512], type[64], name[64];
	unsigned long offset, base = 0;
	FILE *in;

	CHECK(ko);
	snprintf(line, sizeof(line), "readelf -rW %s", ko);
	in = popen(line, "r");
	CHECK(in);
	while (fgets(line, sizeof(line), in)) {
		if (sscanf(line, "Relocation section '.rela%63[^']'", type) == 1)
			base = strncmp(type, ".exit", 5) ?
			       ksym_section(type) : 0;
		else if (base &&
			 sscanf(line, "%lx %*x %63s %*x %63s", &offset, type,
				name) == 3 &&
			 !strcmp(type, "R_X86_64_PLT32"))
			/* The operand of a call is its last four bytes. */
			read_call(base + offset + 4, name);
	}
	if (pclose(in))
		tt_need("readelf");
	CHECK(nr_calls > 20);
}

static const struct call *find_call(unsigned long returns)
{
	int i;

	for (i = 0; i < nr_calls; i++)
		if (calls[i].returns == returns)
			return &calls[i];
	return NULL;
}

/* What the trace has seen: all has failed, and all is in the list. */
static void judge_keys(void)
{
	int i, paths = 0;

	for (i = 0; i < nr_keys; i++) {
		paths += keys[i].a.failed;
		if (!site_failed(&keys[i]))
			WRONG("%s never failed below %s, %s",
			      ksym_text(keys[i].a.caller),
			      ksym_text(keys[i].a.path[0]),
			      play_text(keys[i].first));
		if (!find_call(keys[i].a.path[0]))
			WRONG("%s allocates for %s, but is not in the list",
			      ksym_text(keys[i].a.caller),
			      ksym_text(keys[i].a.path[0]));
	}
	tt_note("%d of %d ways to an allocation had it fail", paths, nr_keys);
}

static bool call_failed(const struct call *c)
{
	int i;

	for (i = 0; i < nr_keys; i++)
		if (keys[i].a.failed && keys[i].a.path[0] == c->returns)
			return true;
	return false;
}

/* What the binary has: each call in the list has had an allocation fail. */
static void judge_calls(void)
{
	int i, j, of, missed, all = 0;

	for (i = 0; i < (int)ARRAY_SIZE(allocators); i++) {
		of = missed = 0;
		for (j = 0; j < nr_calls; j++) {
			if (strcmp(calls[j].name, allocators[i].name))
				continue;
			of++;
			if (call_failed(&calls[j]))
				all++;
			else if (missed++ >= allocators[i].unreached)
				WRONG("%s at %s never failed", calls[j].name,
				      ksym_text(calls[j].returns));
		}
		if (!of)
			WRONG("%s is in the list, but never called",
			      allocators[i].name);
		if (of && missed < allocators[i].unreached)
			WRONG("%s fails for more than %s", allocators[i].name,
			      allocators[i].why);
	}
	tt_note("%d of %d calls that allocate had it fail", all, nr_calls);
}

/* Where another way there has failed already, this one may be too rare. */
static int enough(const struct key *k)
{
	if (!site_failed(k))
		return TRIES;
	return is_reload(k->first) ? 0 : 2;
}

static void each_allocation(void)
{
	int i;

	faults_need();
	ksyms_read();
	read_calls();
	scene_prepare();
	allocs_start();
	ends_about("with memory");
	for (i = 0; i < 4 * nr_scenes; i++)	/* each of them twice */
		play(i / 4 * 2 + i % 2);
	tt_note("%d ways to an allocation", nr_keys);
	/* Each failure can open more ways: those of the recovery. */
	for (i = 0; i < nr_keys; i++)
		while (!keys[i].a.failed && keys[i].tries < enough(&keys[i]))
			fail_one(&keys[i]);
	allocs_stop();
	judge_keys();
	judge_calls();
	EQ(wrong, 0);
}

/* Again and again, at random: what one failure leaves meets the next. */
static void at_random(void)
{
	unsigned long start, end;
	int i;

	faults_need();
	ksyms_read();
	ksym_module(&start, &end);
	scene_prepare();
	tt_sysctl_set("syn_retries", 1);
	faults_below(start, end);
	ends_about("at random");
	faults_arm(FAULT_SLAB, 5, -1);
	faults_arm(FAULT_PAGES, 5, -1);
	/* but for the last one: what loads a module fails one by one */
	for (i = 0; i < 3 * (nr_scenes - 1); i++)
		scenes[i % (nr_scenes - 1)].play();
	faults_off();
}

/* After all that, memory is there again, and all is well. */
static void works_afterwards(void)
{
	char got[10];
	int c, s;

	faults_need();
	tt_pair(&c, &s);
	tt_write_all(c, "afterwards", 10);
	tt_read_all(s, got, 10);
	CHECK(!memcmp(got, "afterwards", 10));
}

static const struct tt_test tests[] = {
	TEST_FLAGS(each_allocation, TT_SLOW | TT_TTP_ONLY | TT_ONCE),
	TEST_FLAGS(at_random, TT_SLOW | TT_TTP_ONLY),
	TEST_FLAGS(works_afterwards, TT_TTP_ONLY),
};

int main(int argc, char **argv)
{
	return tt_main(argc, argv, tests, ARRAY_SIZE(tests));
}
