// SPDX-License-Identifier: GPL-2.0
/*
 * TTP_ARQ: stop-and-wait, go-back-N and selective repeat, seen on the wire.
 */
#include "wire.h"

#define AMOUNT (1 << 16)

static const char *const schemes[] = { "selective-repeat", "go-back-n", "stop-and-wait" };

static atomic_int most, lose, again;
static atomic_uint upto, next;

/* how much of A's data is out, and what of it comes twice */
static enum verdict watch(const struct seg *s)
{
	uint32_t seq = ntohl(s->th->seq);

	if (s->from == B) {
		upto = ntohl(s->th->ack_seq);
		return PASS;
	}
	if (seg_flags(s) & SYN) {
		next = seq + 1;
		upto = next;
	}
	if (!s->text)
		return PASS;
	if ((int32_t)(seq + s->text - next) > 0)
		next = seq + s->text;
	else
		again++;
	if ((int32_t)(next - upto) > most)
		most = next - upto;
	if (lose && !--lose)
		return DROP;
	return PASS;
}

static void choose(int fd, const char *scheme)
{
	OK(setsockopt(fd, SOL_TTP, TTP_ARQ, scheme, strlen(scheme)));
}

static struct pair connected_by(const char *scheme)
{
	struct pair p;

	if (!is_ttp())
		skip("TCP has one scheme");
	wire_up();
	wire_filter(watch);
	wire_host(B);
	p.l = sock_peer();
	choose(p.l, scheme);
	OK(bind_to(p.l, ip_b, 0));
	OK(listen(p.l, 1));
	wire_host(A);
	p.c = sock();
	choose(p.c, scheme);
	OK(connect_to(p.c, ip_b, port_of(p.l)));
	p.s = OK(accept(p.l, NULL, NULL));
	return p;
}

TEST(a_scheme_is_chosen_by_name_and_inherited)
{
	char name[32];
	socklen_t len;
	struct pair p;
	unsigned int i;
	int fd;

	if (!is_ttp())
		skip("TCP has one scheme");
	fd = sock();
	for (i = 0; i < 3; i++) {
		choose(fd, schemes[i]);
		len = sizeof(name);
		OK(getsockopt(fd, SOL_TTP, TTP_ARQ, name, &len));
		EXPECT(!strcmp(name, schemes[i]));
	}
	ERR(setsockopt(fd, SOL_TTP, TTP_ARQ, "send-and-pray", 13), ENOENT);
	p = connected_by("go-back-n");
	len = sizeof(name);
	OK(getsockopt(p.s, SOL_TTP, TTP_ARQ, name, &len));
	EXPECT(!strcmp(name, "go-back-n"));
	ERR(setsockopt(p.c, SOL_TTP, TTP_ARQ, "go-back-n", 9), EISCONN);
}

TEST_SECONDS(stop_and_wait_has_one_segment_out, 10)
{
	struct pair p = connected_by("stop-and-wait");

	transfer(&p, AMOUNT);
	EXPECT(most <= 1460);
	EXPECT(!time_is_exact() || again == 0);
}

TEST_SECONDS(stop_and_wait_sends_one_segment_again, 10)
{
	struct pair p = connected_by("stop-and-wait");

	lose = 10;
	transfer(&p, AMOUNT);
	EXPECT(time_is_exact() ? again == 1 : again >= 1);
}

/* all that was out when the tenth was lost */
TEST_SECONDS(go_back_n_sends_all_again, 10)
{
	struct pair p = connected_by("go-back-n");

	lose = 10;
	transfer(&p, AMOUNT);
	EXPECT(again > 2);
}

TEST_SECONDS(selective_repeat_sends_one_segment_again, 10)
{
	struct pair p = connected_by("selective-repeat");

	lose = 10;
	transfer(&p, AMOUNT);
	EXPECT(most > 1460);
	EXPECT(!time_is_exact() || again <= 2);	/* a tail loss probe may come twice */
}
