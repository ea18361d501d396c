// SPDX-License-Identifier: GPL-2.0
/*
 * The filter language of ss(8): words -> a tree, and whether a socket or an event
 * matches it.
 *
 *	filter    = { "state" STATE | "exclude" STATE | either }
 *	either    = both { "or" both }
 *	both      = one { ["and"] one }
 *	one       = "not" one | "(" either ")" | KEY [COMPARISON] VALUE
 *
 * A tree is built once in a run and lives until its end.  Called by show.c and
 * monitor.c.
 */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/base.h"
#include "base/port.h"
#include "print/filter.h"
#include "read/event.h"

#define TEXT_MAX	4096
#define WORD_MAX	300
#define DEPTH_MAX	100	/* of parentheses and nots */

enum node_kind { NODE_AND, NODE_OR, NODE_NOT, NODE_END };
enum end { LOCAL = 1, PEER = 2 };
enum comparison { EQUAL, NOT_EQUAL, LESS, GREATER, AT_MOST, AT_LEAST };

struct filter {
	enum node_kind kind;
	const struct filter *left;
	const struct filter *right;
	unsigned int ends;		/* LOCAL, PEER; both: either of them */
	enum comparison comparison;
	struct address addr;		/* len 0: any */
	unsigned int prefix;		/* of its bits */
	bool has_port;
	unsigned long first;		/* ports from here ... */
	unsigned long last;		/* ... to here */
};

struct parser {
	const char *command;
	char text[TEXT_MAX];
	const char *rest;		/* of @text */
	char word[WORD_MAX];		/* the one to be looked at; "" at the end */
	int depth;
	struct filter_states *states;
};

static bool address_matches(const struct filter *f, const struct address *addr)
{
	unsigned int bytes = f->prefix / 8, bits = f->prefix % 8;

	if (!f->addr.len)
		return true;
	if (addr->len != f->addr.len || memcmp(addr->bytes, f->addr.bytes, bytes))
		return false;
	return !bits || !((addr->bytes[bytes] ^ f->addr.bytes[bytes]) >> (8 - bits));
}

static bool port_matches(const struct filter *f, unsigned long port)
{
	switch (f->comparison) {
	case LESS:
		return port < f->first;
	case GREATER:
		return port > f->first;
	case AT_MOST:
		return port <= f->first;
	case AT_LEAST:
		return port >= f->first;
	case EQUAL:
	case NOT_EQUAL:
		break;
	}
	return port >= f->first && port <= f->last;
}

static bool end_matches(const struct filter *f, const struct address *addr, unsigned long port)
{
	return address_matches(f, addr) && (!f->has_port || port_matches(f, port));
}

/* Does @ev match?  A filter that is NULL matches all. */
bool filter_matches(const struct filter *f, const struct event *ev)
{
	bool match;

	if (!f)
		return true;
	switch (f->kind) {
	case NODE_AND:
		return filter_matches(f->left, ev) && filter_matches(f->right, ev);
	case NODE_OR:
		return filter_matches(f->left, ev) || filter_matches(f->right, ev);
	case NODE_NOT:
		return !filter_matches(f->left, ev);
	case NODE_END:
		break;
	}
	match = (f->ends & LOCAL && end_matches(f, &ev->who.saddr, ev->who.sport)) ||
		(f->ends & PEER && end_matches(f, &ev->who.daddr, ev->who.dport));
	return match != (f->comparison == NOT_EQUAL);
}

/* Add the ports of a condition, if they are some only. */
static unsigned int add_end(const struct filter *f, struct nl_ports *ports, unsigned int n)
{
	long first = f->first, last = f->last;

	if (f->comparison == LESS || f->comparison == AT_MOST) {
		last = first - (f->comparison == LESS);
		first = 0;
	} else if (f->comparison == GREATER || f->comparison == AT_LEAST) {
		first += f->comparison == GREATER;
		last = 65535;
	}
	if (!f->has_port || f->comparison == NOT_EQUAL || first > last || n == NL_PORTS_MAX)
		return 0;
	ports[n] = (struct nl_ports){ first, last };
	return n + 1;
}

static unsigned int add_ports(const struct filter *f, struct nl_ports *ports, unsigned int n)
{
	unsigned int left;

	switch (f->kind) {
	case NODE_END:
		return add_end(f, ports, n);
	case NODE_AND:	/* one of both is enough */
		left = add_ports(f->left, ports, n);
		return left ? left : add_ports(f->right, ports, n);
	case NODE_OR:
		left = add_ports(f->left, ports, n);
		return left ? add_ports(f->right, ports, left) : 0;
	case NODE_NOT:
		break;
	}
	return 0;
}

/*
 * Ports one of which one of the ends has of all that matches @f, which may be NULL.  More
 * than that may have them.
 * Return: how many ranges, 0 when it may be any port.
 */
unsigned int filter_ports(const struct filter *f, struct nl_ports ports[NL_PORTS_MAX])
{
	return f ? add_ports(f, ports, 0) : 0;
}

/* The next word or sign of the text. */
static void next(struct parser *p)
{
	size_t len;

	p->rest += strspn(p->rest, " \t\n");
	len = strcspn(p->rest, " \t\n()!=<>&|");
	if (!len && *p->rest) {
		len = 1;
		if (strchr("!=<>", p->rest[0]) && p->rest[1] == '=')
			len = 2;
		if (strchr("&|", p->rest[0]) && p->rest[1] == p->rest[0])
			len = 2;
	}
	if (len >= WORD_MAX)
		len = WORD_MAX - 1;
	memcpy(p->word, p->rest, len);
	p->word[len] = '\0';
	p->rest += len;
}

/* Is the word one of @words, which blanks separate?  Return: which, from 0; or -1. */
static int is_one_of(const struct parser *p, const char *words)
{
	size_t len = strlen(p->word);
	int i = 0;

	for (const char *w = words; len && *w; i++) {
		size_t n = strcspn(w, " ");

		if (n == len && !strncasecmp(w, p->word, n))
			return i;
		w += n;
		w += *w == ' ';
	}
	return -1;
}

static bool take(struct parser *p, const char *words)
{
	if (is_one_of(p, words) < 0)
		return false;
	next(p);
	return true;
}

static struct filter *node(enum node_kind kind, const struct filter *left,
			   const struct filter *right)
{
	struct filter *f = xrealloc(NULL, 1, sizeof(*f));

	memset(f, 0, sizeof(*f));
	f->kind = kind;
	f->left = left;
	f->right = right;
	return f;
}

/* Return: the states that WORD stands for, 0 when it stands for none. */
static unsigned int states_of(const char *word)
{
	static const struct {
		const char *name;
		unsigned int states;
	} groups[] = {
		{ "all", STATES_ALL },
		{ "listening", STATE_BIT(TTP_STATE_LISTEN) },
		{ "syn_recv", STATE_BIT(TTP_STATE_SYN_RCVD) },
		{ "connected", STATES_CONNECTED },
		{ "synchronized", STATES_CONNECTED & ~STATE_BIT(TTP_STATE_SYN_SENT) &
				  ~STATE_BIT(TTP_STATE_SYN_RCVD) },
		{ "ending", STATES_CONNECTED & ~STATE_BIT(TTP_STATE_SYN_SENT) &
			    ~STATE_BIT(TTP_STATE_SYN_RCVD) & ~STATE_BIT(TTP_STATE_ESTABLISHED) },
		{ "bucket", STATE_BIT(TTP_STATE_SYN_RCVD) | STATE_BIT(TTP_STATE_TIME_WAIT) },
		{ "big", (STATES_CONNECTED | STATE_BIT(TTP_STATE_LISTEN)) &
			 ~STATE_BIT(TTP_STATE_SYN_RCVD) & ~STATE_BIT(TTP_STATE_TIME_WAIT) },
		{ "unconnected", STATE_BIT(TTP_STATE_CLOSED) },
	};
	char name[32];
	int value;

	snprintf(name, sizeof(name), "%s", word);
	for (char *c = name; *c; c++)
		if (*c == '-')
			*c = '_';
	value = event_word_value(FIELD_STATE, name);
	if (value >= 0)
		return STATE_BIT(value);
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		if (!strcasecmp(groups[i].name, name))
			return groups[i].states;
	return 0;
}

static int take_state(struct parser *p)
{
	struct filter_states *s = p->states;
	bool exclude = is_one_of(p, "exclude excl") >= 0;
	char key[WORD_MAX];
	unsigned int states;

	strcpy(key, p->word);
	next(p);
	if (!p->word[0])
		return usage("'%s' wants a value (ttp %s --help)", key, p->command);
	states = states_of(p->word);
	if (!states)
		return usage("no state '%s': names are such as established and time-wait",
			     p->word);
	next(p);
	if (exclude && !s->given)	/* of all, as ss has it, which are connected or listen */
		s->shown = STATES_CONNECTED | STATE_BIT(TTP_STATE_LISTEN);
	if (exclude)
		s->shown &= ~states;
	else if (!s->given)
		s->shown = states;
	else
		s->shown |= states;
	s->given = true;
	return TTP_OK;
}

/* A port, a range of them, or a service: with or without a colon before it. */
static int port_value(struct filter *f, const char *text)
{
	char from[WORD_MAX];
	const char *dash;

	if (*text == ':')
		text++;
	f->has_port = true;
	if (!port_parse(text, &f->first)) {
		f->last = f->first;
		return TTP_OK;
	}
	dash = strchr(text, '-');
	snprintf(from, sizeof(from), "%.*s", dash ? (int)(dash - text) : 0, text);
	if (!dash || port_parse(from, &f->first) || port_parse(dash + 1, &f->last) ||
	    f->last < f->first)
		return usage("no port '%s': " PORT_WANTS, text);
	if (f->comparison != EQUAL && f->comparison != NOT_EQUAL)
		return usage("a range such as '%s' goes with = and !=", text);
	return TTP_OK;
}

/* By number, or by name as ss does. */
static int host_value(struct filter *f, const char *host)
{
	struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = SOCK_STREAM }, *ai;

	if (strchr(host, ':')) {
		f->addr.len = 16;
		if (inet_pton(AF_INET6, host, f->addr.bytes) == 1)
			return TTP_OK;
		return usage("no address '%s': such as fd00::1, fd00::/64 or [fd00::1]:80", host);
	}
	f->addr.len = 4;
	if (inet_pton(AF_INET, host, f->addr.bytes) == 1)
		return TTP_OK;
	if (!host[strspn(host, "0123456789.")] || getaddrinfo(host, NULL, &hints, &ai))
		return usage("no address '%s': such as 10.0.0.1, 10.0.0.0/8 or 10.0.0.1:80", host);
	memcpy(f->addr.bytes, &((struct sockaddr_in *)ai->ai_addr)->sin_addr, 4);
	freeaddrinfo(ai);
	return TTP_OK;
}

/*
 * Copy @text to @host without the brackets that an address of IPv6 with a port or prefix is in:
 * [fd00::1]:80.  Return: the colon before the port, or NULL.
 */
static char *split_port(const char *text, char host[WORD_MAX])
{
	const char *end = text[0] == '[' ? strchr(text, ']') : NULL;
	int inside = end ? end - text - 1 : 0;
	char *colon;

	if (end) {
		snprintf(host, WORD_MAX, "%.*s%s", inside, text + 1, end + 1);
		return strchr(host + inside, ':');
	}
	strcpy(host, text);
	colon = strchr(host, ':');
	return colon && !strchr(colon + 1, ':') ? colon : NULL;
}

static int address_value(struct filter *f, const char *text)
{
	char host[WORD_MAX], *colon, *slash;
	unsigned long prefix, most;

	colon = split_port(text, host);
	if (f->comparison != EQUAL && f->comparison != NOT_EQUAL)
		return usage("an address such as '%s' goes with = and !=", text);
	if (colon)
		*colon++ = '\0';
	slash = strchr(host, '/');
	if (slash)
		*slash++ = '\0';
	most = strchr(host, ':') ? 128 : 32;
	prefix = most;
	if (slash && parse_number(slash, most, &prefix))
		return usage("no prefix '/%s': from /0 to /%lu", slash, most);
	f->prefix = prefix;
	if (host[0] && strcmp(host, "*") && host_value(f, host))
		return TTP_USAGE;
	return colon && strcmp(colon, "*") ? port_value(f, colon) : TTP_OK;
}

static int unknown(const struct parser *p)
{
	const char *word = p->word;

	if (!*word)
		return usage("the filter ends too early (ttp %s --help)", p->command);
	if (is_one_of(p, "state exclude excl") >= 0)
		return usage("'%s' stands before other conditions, with nothing between, and outside parentheses%s",
			     word, p->states ? "" : "; and only in ttp show");
	if (is_one_of(p, "and & && or | ||") >= 0)
		return usage("'%s' wants a condition before it; a state is none", word);
	if (p->states && states_of(word))
		return usage("'%s' is a state: ttp %s state %s", word, p->command, word);
	if (word[strspn(word, ":0123456789")] == '\0')
		return usage("'%s' alone: a port is sport = :80, dport = :80 or port 80", word);
	if (word[strspn(word, ":.0123456789")] == '\0')
		return usage("'%s' alone: an address is src %s, dst %s or host %s", word, word,
			     word, word);
	return usage("no filter '%s' (ttp %s --help); a namespace is -N NAME", word, p->command);
}

static const struct filter *parse_either(struct parser *p);

static const struct filter *parse_term(struct parser *p)
{
	static const unsigned int ends[] = {
		LOCAL, PEER, LOCAL | PEER, LOCAL, PEER, LOCAL | PEER
	};
	static const enum comparison comparisons[] = {
		EQUAL, EQUAL, EQUAL, NOT_EQUAL, NOT_EQUAL, NOT_EQUAL, LESS, LESS, GREATER, GREATER,
		AT_MOST, AT_MOST, AT_MOST, AT_LEAST, AT_LEAST, AT_LEAST
	};
	struct filter *f = node(NODE_END, NULL, NULL);
	int key = is_one_of(p, "sport dport port src dst host"), i;
	char name[WORD_MAX];

	if (key < 0) {
		unknown(p);
		return NULL;
	}
	strcpy(name, p->word);
	f->ends = ends[key];
	next(p);
	i = is_one_of(p, "= == eq != ne neq < lt > gt <= le leq >= ge geq");
	if (i >= 0) {
		f->comparison = comparisons[i];
		next(p);
	}
	if (!p->word[0] || strchr("()", p->word[0])) {
		usage("'%s' wants a value (ttp %s --help)", name, p->command);
		return NULL;
	}
	if (key < 3 ? port_value(f, p->word) : address_value(f, p->word))
		return NULL;
	next(p);
	return f;
}

static const struct filter *parse_one(struct parser *p)
{
	const struct filter *f = NULL;

	if (++p->depth > DEPTH_MAX) {
		usage("the filter has too many parentheses and nots");
	} else if (take(p, "not !")) {
		f = parse_one(p);
		f = f ? node(NODE_NOT, f, NULL) : NULL;
	} else if (take(p, "(")) {
		f = parse_either(p);
		if (f && !take(p, ")")) {
			usage("a ')' is missing in the filter");
			f = NULL;
		}
	} else {
		f = parse_term(p);
	}
	p->depth--;
	return f;
}

/* Do conditions that all must hold end here? */
static bool at_end(const struct parser *p)
{
	return !p->word[0] || is_one_of(p, ") or | || state exclude excl") >= 0;
}

static const struct filter *parse_both(struct parser *p)
{
	const struct filter *f = parse_one(p), *g;

	while (f && !at_end(p)) {
		take(p, "and & &&");
		g = parse_one(p);
		f = g ? node(NODE_AND, f, g) : NULL;
	}
	return f;
}

static const struct filter *parse_either(struct parser *p)
{
	const struct filter *f = parse_both(p), *g;

	while (f && take(p, "or | ||")) {
		g = parse_both(p);
		f = g ? node(NODE_OR, f, g) : NULL;
	}
	return f;
}

/* The shell gives one word or several: it is all the same to us. */
static int join(struct parser *p, char **words, int n)
{
	size_t used = 0;

	for (int i = 0; i < n; i++) {
		if (!words[i][strspn(words[i], " ")])
			return usage("an empty filter (ttp %s --help)", p->command);
		used += snprintf(p->text + used, sizeof(p->text) - used, " %s", words[i]);
		if (used >= sizeof(p->text))
			return usage("the filter is longer than %d bytes", TEXT_MAX);
	}
	p->rest = p->text;
	return TTP_OK;
}

/**
 * filter_parse - words of the command line -> filter
 * @command: whose: for messages
 * @words: its words, of which there are @n
 * @states: what "state" and "exclude" change; NULL where there are no states
 * @filter: the result; NULL, which matches all, when only states are given
 *
 * Return: TTP_OK; TTP_USAGE after saying what is wrong.
 */
int filter_parse(const char *command, char **words, int n, struct filter_states *states,
		 const struct filter **filter)
{
	struct parser p = { .command = command, .states = states };
	const struct filter *f;

	*filter = NULL;
	if (join(&p, words, n))
		return TTP_USAGE;
	next(&p);
	while (p.word[0]) {
		if (states && is_one_of(&p, "state exclude excl") >= 0) {
			if (take_state(&p))
				return TTP_USAGE;
			take(&p, "and & &&");
			continue;
		}
		f = parse_either(&p);
		if (!f)
			return TTP_USAGE;
		if (is_one_of(&p, ")") >= 0)
			return usage("a ')' without its '(' in the filter");
		*filter = *filter ? node(NODE_AND, *filter, f) : f;
	}
	return TTP_OK;
}
