// SPDX-License-Identifier: GPL-2.0
/*
 * isn_lab.c - lab mode, net.ttp.isn: a network namespace's next connections begin where an
 * administrator says, or at the clock of RFC 793, so that a run has the numbers of a
 * textbook, and so that it can be seen why RFC 6528 is needed.
 *
 * Who can guess an ISN can inject data: what is set is said in the kernel's log, in
 * ttp show, and when it is read back.
 *
 * Called by isn.c (context: any) and sysctl.c (context: process).
 * Locks: ttp_isn_lab.lock guards all of it; the mode is read without it.
 *
 * Next: isn.c, which asks.
 */
#include <linux/net.h>

#include "ttp.h"

#define TICK_NS	4000	/* of the clock: RFC 793 3.3 */

static struct ttp_isn_lab *lab_of(const struct net *net)
{
	return &ttp_net(net)->isn_lab;
}

/* The next number of the list.  Return: false if there is none any more. */
static bool take(struct ttp_isn_lab *lab, u32 *isn)
{
	bool ok = false;

	spin_lock_bh(&lab->lock);
	if (lab->mode == TTP_ISN_FIXED) {
		*isn = lab->isn[lab->next++];
		if (lab->next == lab->n)
			WRITE_ONCE(lab->mode, TTP_ISN_RFC6528);
		ok = true;
	}
	spin_unlock_bh(&lab->lock);
	return ok;
}

/**
 * ttp_isn_lab - where a connection begins in lab mode
 * @net: network namespace
 * @follows: where it begins if it follows one in TIME_WAIT; 0: it does not
 * @isn: filled in
 *
 * A number of the list counts more than TIME_WAIT's rule; the clock does not.
 *
 * Context: any.
 * Return: false: the namespace is not in lab mode.
 */
bool ttp_isn_lab(const struct net *net, u32 follows, u32 *isn)
{
	struct ttp_isn_lab *lab = lab_of(net);

	switch (READ_ONCE(lab->mode)) {
	case TTP_ISN_FIXED:
		return take(lab, isn);
	case TTP_ISN_CLOCK:
		*isn = follows ?: (u32)div_u64(ktime_get_real_ns(), TICK_NS);
		return true;
	}
	return false;
}

/* Read numbers with spaces between them.  Return: how many; or -EINVAL. */
static int parse(char *text, u32 *isn)
{
	char *word;
	int n = 0;

	while ((word = strsep(&text, " \t"))) {
		if (!*word)
			continue;
		if (n == TTP_ISN_LAB_MAX || !isdigit(*word) ||
		    kstrtou32(word, 10, &isn[n]) || !isn[n])
			return -EINVAL;
		n++;
	}
	return n;
}

/**
 * ttp_isn_lab_set - net.ttp.isn is written
 * @net: network namespace
 * @text: "rfc6528" or nothing, "clock", or numbers; it is changed
 *
 * Context: process.
 * Return: 0, or -EINVAL and nothing has changed.
 */
int ttp_isn_lab_set(struct net *net, char *text)
{
	struct ttp_isn_lab *lab = lab_of(net);
	u32 isn[TTP_ISN_LAB_MAX];
	int mode = TTP_ISN_FIXED, n = 0;

	text = strim(text);
	if (!*text || !strcmp(text, "rfc6528"))
		mode = TTP_ISN_RFC6528;
	else if (!strcmp(text, "clock"))
		mode = TTP_ISN_CLOCK;
	else
		n = parse(text, isn);
	if (n < 0)
		return n;
	spin_lock_bh(&lab->lock);
	memcpy(lab->isn, isn, n * sizeof(isn[0]));
	lab->n = n;
	lab->next = 0;
	WRITE_ONCE(lab->mode, mode);
	spin_unlock_bh(&lab->lock);
	if (mode == TTP_ISN_FIXED)
		net_warn_ratelimited("lab mode: the next %d ISNs are fixed (net.ttp.isn)\n", n);
	if (mode == TTP_ISN_CLOCK)
		net_warn_ratelimited("lab mode: ISNs are predictable, by a clock (net.ttp.isn)\n");
	return 0;
}

/**
 * ttp_isn_lab_text - net.ttp.isn is read
 * @net: network namespace
 * @text: filled in: what ttp_isn_lab_set() would take, without the numbers that were used;
 *	who has no CAP_NET_ADMIN there reads "fixed" in their place, as who knows them may
 *	inject data
 * @size: of @text
 */
void ttp_isn_lab_text(struct net *net, char *text, size_t size)
{
	struct ttp_isn_lab *lab = lab_of(net);
	bool admin = ns_capable_noaudit(net->user_ns, CAP_NET_ADMIN);
	size_t used = 0;
	int i;

	spin_lock_bh(&lab->lock);
	switch (lab->mode) {
	case TTP_ISN_FIXED:
		if (!admin)
			strscpy(text, "fixed", size);
		for (i = lab->next; admin && i < lab->n; i++)
			used += scnprintf(text + used, size - used, "%s%u", used ? " " : "",
					  lab->isn[i]);
		break;
	case TTP_ISN_CLOCK:
		strscpy(text, "clock", size);
		break;
	default:
		strscpy(text, "rfc6528", size);
	}
	spin_unlock_bh(&lab->lock);
}
