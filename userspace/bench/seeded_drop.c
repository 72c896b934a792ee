// SPDX-License-Identifier: GPL-2.0
/* This program pins a traffic classifier that drops big packets at random, alone or in bursts, the same for the same seed. */
#include <errno.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * netem's generator has no seed on older kernels, and at a sender it drops a
 * whole burst where a wire would lose one packet. The n-th big packet after
 * loading is dropped or not, whoever sent it; acknowledgements and handshakes
 * are small and pass.
 */
#define BIG 200

#define INSN(op, dst, src, offset, value) ((struct bpf_insn) { \
	.code = (op), .dst_reg = (dst), .src_reg = (src), \
	.off = (offset), .imm = (value) })
#define MOV_IMM(dst, imm)	INSN(BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, imm)
#define MOV_REG(dst, src)	INSN(BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0)
#define ALU_IMM(op, dst, imm)	INSN(BPF_ALU64 | (op) | BPF_K, dst, 0, 0, imm)
#define ALU_REG(op, dst, src)	INSN(BPF_ALU64 | (op) | BPF_X, dst, src, 0, 0)
#define LOAD(size, dst, src, off) INSN(BPF_LDX | BPF_MEM | (size), dst, src, off, 0)
#define STORE(size, dst, src, off) INSN(BPF_STX | BPF_MEM | (size), dst, src, off, 0)
#define JUMP_IMM(op, dst, imm, off) INSN(BPF_JMP | (op) | BPF_K, dst, 0, off, imm)
#define JUMP_REG(op, dst, src, off) INSN(BPF_JMP | (op) | BPF_X, dst, src, off, 0)
#define CALL(function)		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, function)
#define EXIT()			INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
/* A 64-bit constant takes two instructions. */
#define CONST64(dst, src, value) \
	INSN(BPF_LD | BPF_DW | BPF_IMM, dst, src, 0, (uint32_t)(value)), \
	INSN(0, 0, 0, 0, (uint32_t)((uint64_t)(value) >> 32))

static int bpf(int cmd, union bpf_attr *attr)
{
	return syscall(__NR_bpf, cmd, attr, sizeof(*attr));
}

static void fail(const char *what)
{
	fprintf(stderr, "seeded_drop: %s: %s\n", what, strerror(errno));
	exit(1);
}

/* What the classifier remembers, in a map of one element. */
struct state {
	uint64_t random;
	uint64_t left;		/* of a burst, still to be dropped */
};

static int make_state(uint64_t seed)
{
	struct state state = { .random = seed };
	union bpf_attr attr = { 0 };
	uint32_t key = 0;
	int map;

	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = sizeof(key);
	attr.value_size = sizeof(state);
	attr.max_entries = 1;
	map = bpf(BPF_MAP_CREATE, &attr);
	if (map < 0)
		fail("map");

	memset(&attr, 0, sizeof(attr));
	attr.map_fd = map;
	attr.key = (uintptr_t)&key;
	attr.value = (uintptr_t)&state;
	if (bpf(BPF_MAP_UPDATE_ELEM, &attr))
		fail("map update");
	return map;
}

/*
 * A linear congruential generator modulo 2^64; its upper half is compared
 * with the share to drop, in parts of 2^32.
 */
static int make_program(int map, uint32_t share, uint32_t burst)
{
	static char log[4096];
	const struct bpf_insn code[] = {
		LOAD(BPF_W, BPF_REG_6, BPF_REG_1, offsetof(struct __sk_buff, len)),
		JUMP_IMM(BPF_JLT, BPF_REG_6, BIG, 25),
		INSN(BPF_ST | BPF_MEM | BPF_W, BPF_REG_10, 0, -4, 0),
		MOV_REG(BPF_REG_2, BPF_REG_10),
		ALU_IMM(BPF_ADD, BPF_REG_2, -4),
		CONST64(BPF_REG_1, BPF_PSEUDO_MAP_FD, map),
		CALL(BPF_FUNC_map_lookup_elem),
		JUMP_IMM(BPF_JEQ, BPF_REG_0, 0, 18),
		LOAD(BPF_DW, BPF_REG_3, BPF_REG_0, offsetof(struct state, left)),
		JUMP_IMM(BPF_JEQ, BPF_REG_3, 0, 2),
		ALU_IMM(BPF_ADD, BPF_REG_3, -1),
		INSN(BPF_JMP | BPF_JA, 0, 0, 11, 0),
		LOAD(BPF_DW, BPF_REG_1, BPF_REG_0, 0),
		CONST64(BPF_REG_2, 0, 6364136223846793005ull),
		ALU_REG(BPF_MUL, BPF_REG_1, BPF_REG_2),
		ALU_IMM(BPF_ADD, BPF_REG_1, 12345),
		STORE(BPF_DW, BPF_REG_0, BPF_REG_1, 0),
		ALU_IMM(BPF_RSH, BPF_REG_1, 32),
		CONST64(BPF_REG_2, 0, share),
		JUMP_REG(BPF_JGE, BPF_REG_1, BPF_REG_2, 4),
		MOV_IMM(BPF_REG_3, burst - 1),
		STORE(BPF_DW, BPF_REG_0, BPF_REG_3, offsetof(struct state, left)),
		MOV_IMM(BPF_REG_0, TC_ACT_SHOT),
		EXIT(),
		MOV_IMM(BPF_REG_0, TC_ACT_OK),
		EXIT(),
	};
	union bpf_attr attr = { 0 };
	int program;

	attr.prog_type = BPF_PROG_TYPE_SCHED_CLS;
	attr.insns = (uintptr_t)code;
	attr.insn_cnt = sizeof(code) / sizeof(code[0]);
	attr.license = (uintptr_t)"GPL";
	attr.log_buf = (uintptr_t)log;
	attr.log_size = sizeof(log);
	attr.log_level = 1;
	program = bpf(BPF_PROG_LOAD, &attr);
	if (program < 0) {
		fputs(log, stderr);
		fail("program");
	}
	return program;
}

int main(int argc, char **argv)
{
	union bpf_attr attr = { 0 };
	double percent;
	int burst = 1;

	if (argc != 4 && argc != 5) {
		fprintf(stderr, "usage: seeded_drop PERCENT SEED FILE_IN_BPFFS [BURST]\n");
		return 2;
	}
	percent = atof(argv[1]);
	if (percent < 0 || percent >= 100) {
		fprintf(stderr, "seeded_drop: %s is no percentage\n", argv[1]);
		return 2;
	}
	if (argc == 5)
		burst = atoi(argv[4]);
	if (burst < 1 || burst > 1000) {
		fprintf(stderr, "seeded_drop: %s is no length of a burst\n", argv[4]);
		return 2;
	}
	/* As many packets are lost as alone. */
	attr.bpf_fd = make_program(make_state(strtoull(argv[2], NULL, 0)),
				   percent / 100 / burst * 4294967296.0, burst);
	attr.pathname = (uintptr_t)argv[3];
	if (bpf(BPF_OBJ_PIN, &attr))
		fail(argv[3]);
	return 0;
}
