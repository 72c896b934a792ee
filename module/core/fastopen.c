// SPDX-License-Identifier: GPL-2.0
/*
 * This file decides about Fast Open (RFC 7413); cookies, clocks and queues are
 * the caller's.
 */
#include "fastopen.h"

#define KEY_WORDS	(TTP_FO_KEY / 4)
#define PAUSE_DOUBLINGS	6

bool ttp_fo_concerns(const struct ttp_fo_syn *s)
{
	return (s->bits & TTP_FO_SERVER) && (s->data || s->option);
}

enum ttp_fo_answer ttp_fo_answer(const struct ttp_fo_syn *s)
{
	if (!ttp_fo_concerns(s))
		return TTP_FO_IGNORE;
	if (s->free || (s->bits & TTP_FO_SERVER_FREE))
		return TTP_FO_OPEN;
	if (!s->option)
		return TTP_FO_IGNORE;
	/* A good cookie without data opens too: the server may speak first. */
	if (s->cookie_len && s->match)
		return s->match == 1 ? TTP_FO_OPEN : TTP_FO_OPEN_GIVE;
	return TTP_FO_GIVE;
}

enum ttp_fo_start ttp_fo_start(u32 bits, bool free, bool paused, u8 cookie_len)
{
	if (!(bits & TTP_FO_CLIENT) || paused)
		return TTP_FO_PLAIN;
	if (free || (bits & TTP_FO_CLIENT_FREE))
		return TTP_FO_FREE;
	return cookie_len ? TTP_FO_COOKIE : TTP_FO_ASK;
}

u32 ttp_fo_room(u32 mss)
{
	return mss > TTP_OPTS_MAX ? mss - TTP_OPTS_MAX : 0;
}

u64 ttp_fo_pause(u32 times, u32 secs)
{
	if (!times)
		return 0;
	return (u64)secs << min_t(u32, times - 1, PAUSE_DOUBLINGS);
}

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* One to eight digits; NULL when there is none, else where they end. */
static const char *parse_word(const char *p, u8 *out)
{
	u32 word = 0, n = 0;

	for (; n < 8 && hex_digit(*p) >= 0; n++)
		word = word << 4 | hex_digit(*p++);
	if (!n)
		return NULL;
	for (n = 0; n < 4; n++)
		out[n] = word >> 8 * n;
	return p;
}

static const char *parse_key(const char *p, u8 *key)
{
	u32 i;

	for (i = 0; p && i < KEY_WORDS; i++) {
		if (i && *p++ != '-')
			return NULL;
		p = parse_word(p, key + 4 * i);
	}
	return p;
}

u32 ttp_fo_keys_parse(const char *text, u8 keys[TTP_FO_KEYS][TTP_FO_KEY])
{
	u32 nr = 0;

	while (nr < TTP_FO_KEYS) {
		text = parse_key(text, keys[nr]);
		if (!text)
			return 0;
		nr++;
		if (*text != ',')
			break;
		text++;
	}
	return *text && *text != '\n' ? 0 : nr;
}

void ttp_fo_keys_print(const u8 keys[TTP_FO_KEYS][TTP_FO_KEY], u32 nr,
		       char *text)
{
	static const char digits[] = "0123456789abcdef";
	u32 i, n;

	for (i = 0; i < nr * KEY_WORDS; i++) {
		const u8 *word = &keys[i / KEY_WORDS][4 * (i % KEY_WORDS)];

		if (i)
			*text++ = i % KEY_WORDS ? '-' : ',';
		for (n = 4; n--; ) {
			*text++ = digits[word[n] >> 4];
			*text++ = digits[word[n] & 15];
		}
	}
	*text = '\0';
}
