// SPDX-License-Identifier: GPL-2.0
/*
 * This file is a plugin for QEMU: it counts the guest's instructions, by address, between two marks in the guest's code.
 *
 *	-plugin build/vm/count.so,out=FILE
 *
 * A mark is a NOP that only a program's source puts there (userspace/bench/meter.c).  At the one that ends a span the file
 * gets a line "span", then "ADDRESS INSTRUCTIONS" for each block of code that ran.  One CPU, so no locks.
 *
 * Debian ships QEMU with plugins, but not the header that declares its interface; what is used of it is declared here.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

struct qemu_plugin_tb;
struct qemu_plugin_insn;

enum { QEMU_CB_NO_REGS };
enum { QEMU_ADD_U64 };

void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id,
					   void (*cb)(uint64_t id, struct qemu_plugin_tb *tb));
void qemu_plugin_register_vcpu_tb_exec_inline(struct qemu_plugin_tb *tb, int op, void *counter, uint64_t add);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, void (*cb)(unsigned int cpu, void *data),
					    int flags, void *data);
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t n);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);

EXPORT int qemu_plugin_version = 1;

/* nopl "TTP"+1(%rax) begins a span, +2 ends it. */
static const unsigned char mark[] = { 0x0f, 0x1f, 0x80, 'T', 'T', 'P' };

struct block {
	struct block *next;
	uint64_t addr;
	uint64_t count;
};

#define BUCKETS (1 << 16)

static struct block *blocks[BUCKETS];
static FILE *out;

/* Blocks are never freed: translated code goes on to count in them. */
static struct block *block_at(uint64_t addr)
{
	struct block **head = &blocks[(addr ^ addr >> 16) % BUCKETS], *b;

	for (b = *head; b; b = b->next)
		if (b->addr == addr)
			return b;
	b = calloc(1, sizeof(*b));
	if (!b)
		abort();
	b->addr = addr;
	b->next = *head;
	*head = b;
	return b;
}

static void begin(unsigned int cpu, void *data)
{
	struct block *b;
	int i;

	(void)cpu;
	(void)data;
	for (i = 0; i < BUCKETS; i++)
		for (b = blocks[i]; b; b = b->next)
			b->count = 0;
}

static void end(unsigned int cpu, void *data)
{
	struct block *b;
	int i;

	(void)cpu;
	(void)data;
	fprintf(out, "span\n");
	for (i = 0; i < BUCKETS; i++)
		for (b = blocks[i]; b; b = b->next)
			if (b->count)
				fprintf(out, "%" PRIx64 " %" PRIu64 "\n",
					b->addr, b->count);
	fflush(out);
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	size_t n = qemu_plugin_tb_n_insns(tb), i;
	struct qemu_plugin_insn *insn;
	const unsigned char *code;

	(void)id;
	qemu_plugin_register_vcpu_tb_exec_inline(tb, QEMU_ADD_U64,
			&block_at(qemu_plugin_tb_vaddr(tb))->count, n);
	for (i = 0; i < n; i++) {
		insn = qemu_plugin_tb_get_insn(tb, i);
		code = qemu_plugin_insn_data(insn);
		if (qemu_plugin_insn_size(insn) != sizeof(mark) + 1 ||
		    memcmp(code, mark, sizeof(mark)))
			continue;
		qemu_plugin_register_vcpu_insn_exec_cb(insn,
				code[sizeof(mark)] == 1 ? begin : end,
				QEMU_CB_NO_REGS, NULL);
	}
}

EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc,
			       char **argv)
{
	(void)info;
	if (argc != 1 || strncmp(argv[0], "out=", 4))
		return -1;
	out = fopen(argv[0] + 4, "w");
	if (!out)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	return 0;
}
