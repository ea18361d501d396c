// SPDX-License-Identifier: GPL-2.0
/*
 * Names of namespaces: people give them in their own language.  In memory and
 * in JSON they are UTF-8; what is printed is what the locale can show.
 */
#include <limits.h>
#include <stdint.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#include "base/base.h"

/* Return: how many bytes the character at @s has, 0 when it is not UTF-8. */
static int utf8_length(const unsigned char *s, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	int len = *s < 0x80 ? 1 : *s >> 5 == 6 ? 2 : *s >> 4 == 14 ? 3 : *s >> 3 == 30 ? 4 : 0;

	*code = len == 1 ? *s : *s & (0x7f >> len);
	for (int i = 1; i < len; i++) {
		if (s[i] >> 6 != 2)
			return 0;
		*code = *code << 6 | (s[i] & 0x3f);
	}
	if (len && (*code < least[len] || *code > 0x10ffff || *code >> 11 == 0xd800 >> 11))
		return 0;
	return len;
}

/* It would do something to the terminal, or to the order of what it shows. */
static bool is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c ||
	       code == 0x200e || code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069);
}

/* Puts a ? for what is no UTF-8, or no character to be shown. */
void clean_name(char *name)
{
	char *to = name;

	while (*name) {
		uint32_t code;
		int len = utf8_length((unsigned char *)name, &code);

		if (!len || is_control(code)) {
			*to++ = '?';
			name += len ? len : 1;
			continue;
		}
		memmove(to, name, len);
		to += len;
		name += len;
	}
	*to = '\0';
}

/*
 * Return: @name in @buf, with a ? for each byte that the locale cannot show; with
 * @ascii for each that is not ASCII.
 */
const char *printable(const char *name, bool ascii, char buf[NAME_SIZE])
{
	mbstate_t state = { 0 };
	size_t n = 0;

	while (*name && n < NAME_SIZE - MB_LEN_MAX) {
		wchar_t wc;
		size_t len = mbrtowc(&wc, name, MB_LEN_MAX, &state);

		if (len == 0 || len > MB_LEN_MAX || !iswprint(wc) ||
		    is_control(wc) || (ascii && len > 1)) {
			memset(&state, 0, sizeof(state));
			buf[n++] = '?';
			name++;
			continue;
		}
		memcpy(buf + n, name, len);
		n += len;
		name += len;
	}
	buf[n] = '\0';
	return buf;
}

/* Return: how many columns @text fills, of which each character can be shown. */
int text_width(const char *text)
{
	mbstate_t state = { 0 };
	int width = 0;

	while (*text) {
		int columns = 1;
		wchar_t wc;
		size_t len;

		if ((unsigned char)*text < 0x80) {	/* ASCII, nearly always */
			width++;
			text++;
			continue;
		}
		len = mbrtowc(&wc, text, MB_LEN_MAX, &state);
		if (len == 0 || len > MB_LEN_MAX) {
			memset(&state, 0, sizeof(state));
			len = 1;
		} else if (wcwidth(wc) >= 0) {
			columns = wcwidth(wc);
		}
		width += columns;
		text += len;
	}
	return width;
}
