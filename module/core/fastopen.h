/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This file declares the decisions of Fast Open (RFC 7413): what a SYN with
 * data or a cookie gets, what a client may put into its SYN, for how long a
 * client that met a black hole stays away, and how keys are written as text.
 */
#ifndef TTP_CORE_FASTOPEN_H
#define TTP_CORE_FASTOPEN_H

#include "base.h"
#include "opts.h"

/* net.ttp.fastopen, the bits of TCP's sysctl. */
#define TTP_FO_CLIENT		0x001
#define TTP_FO_SERVER		0x002
#define TTP_FO_CLIENT_FREE	0x004	/* data without a cookie */
#define TTP_FO_SERVER_FREE	0x200	/* taken without a cookie */
#define TTP_FO_LISTENERS	0x400	/* all, without the socket option */
#define TTP_FO_BITS		0x607

#define TTP_FO_KEY		16	/* bytes of a key */
#define TTP_FO_KEYS		2	/* the one in use, and the one before */
#define TTP_FO_OURS		8	/* bytes of a cookie that we make */
#define TTP_FO_TEXT		(TTP_FO_KEYS * 36)	/* keys, with the end */

/* How long a client that was reset counts against the queue, us. */
#define TTP_FO_GRUDGE		(60 * TTP_USEC_PER_SEC)

/* What a listener knows of a SYN. */
struct ttp_fo_syn {
	u32	bits;		/* net.ttp.fastopen */
	bool	free;		/* TCP_FASTOPEN_NO_COOKIE */
	bool	data;
	bool	option;
	u8	cookie_len;
	u8	match;		/* 1 + number of the key that made it, 0 none */
};

enum ttp_fo_answer {
	TTP_FO_IGNORE,		/* as if there were no Fast Open */
	TTP_FO_GIVE,		/* ordinary handshake, a cookie for next time */
	TTP_FO_OPEN,		/* the connection begins now */
	TTP_FO_OPEN_GIVE,	/* and the cookie was of the old key */
};

/* Is it a matter for Fast Open at all?  Then the queue needs room. */
bool ttp_fo_concerns(const struct ttp_fo_syn *s);
enum ttp_fo_answer ttp_fo_answer(const struct ttp_fo_syn *s);

/* How a client that wants Fast Open begins. */
enum ttp_fo_start {
	TTP_FO_PLAIN,		/* a SYN like any other */
	TTP_FO_ASK,		/* a SYN that asks for a cookie */
	TTP_FO_COOKIE,		/* a SYN with cookie and data */
	TTP_FO_FREE,		/* a SYN with data */
};

/* @free: TCP_FASTOPEN_NO_COOKIE; @paused: after a black hole. */
enum ttp_fo_start ttp_fo_start(u32 bits, bool free, bool paused, u8 cookie_len);
/* Payload for the SYN when a segment without options holds @mss bytes. */
u32 ttp_fo_room(u32 mss);
/* Seconds to stay away after the @times-th black hole in a row. */
u64 ttp_fo_pause(u32 times, u32 secs);

/*
 * "xxxxxxxx-xxxxxxxx-xxxxxxxx-xxxxxxxx", then perhaps a comma and the old key;
 * each word is 4 bytes, little endian.  Parse returns the number of keys, 0
 * when the text is none; print writes at most TTP_FO_TEXT bytes.
 */
u32 ttp_fo_keys_parse(const char *text, u8 keys[TTP_FO_KEYS][TTP_FO_KEY]);
void ttp_fo_keys_print(const u8 keys[TTP_FO_KEYS][TTP_FO_KEY], u32 nr,
		       char *text);

#endif
