// SPDX-License-Identifier: GPL-2.0
/*
 * sim_app.c - the program at each end: writes, reads, closes.  See sim.h.
 */
#include "sim.h"

static void app_write(struct sim *s, struct sim_end *e)
{
	struct ttp_tcb *tcb = e->tcb;
	u32 n;

	if (e->app.mss_to && e->written > e->app.write / 2) {
		ttp_send_mss(tcb, e->app.mss_to);
		e->app.mss_to = 0;
	}
	while (e->written < e->app.write && !ttp_user_send(tcb) &&
	       tcb->snd.end - tcb->snd.una < (e->app.sndbuf ?: 16384)) {
		n = min(e->app.chunk ?: 1000, e->app.write - e->written);
		port_write(tcb, n);
		e->written += n;
		sim_push(s, e);
	}
}

static void app_read(struct sim *s, struct sim_end *e)
{
	u32 n;

	if (s->now < s->start + e->app.read_from_us || e->closed ||
	    (e->app.read_us && s->now < e->read_at))
		return;
	n = port_read(e->tcb, e->app.read_us ? e->app.read_max : ~0U >> 1);
	if (n == ~0U)
		s->broken = "a wrong byte was received";
	e->read += n;
	e->read_at = s->now + e->app.read_us;
	if (n && ttp_user_read(e->tcb))
		sim_push(s, e);
	/* who reads all at once has read all */
	if ((!n || !e->app.read_us) && ttp_user_receive(e->tcb) == 0)
		e->eof = true;
}

static bool wants_close(const struct sim *s, const struct sim_end *e)
{
	bool sent = e->written == e->app.write;

	if (e->app.close_us)
		return s->now >= s->start + e->app.close_us &&
		       (e->app.hasty || e->tcb->conn.state != TTP_SYN_SENT);
	switch (e->app.close) {
	case WHEN_SENT:
		return sent && e->connected;
	case HALF_WHEN_SENT:
		return sent && e->shut && e->eof;
	case AT_END:
		return sent && e->eof;
	case NEVER:
		break;
	}
	return false;
}

/* What an end's program does when it gets the CPU. */
void sim_app(struct sim *s, struct sim_end *e)
{
	struct ttp_verdict v;

	if (e->is != TCB || e->closed)
		return;
	app_write(s, e);
	app_read(s, e);
	if (e->app.close == HALF_WHEN_SENT && e->written == e->app.write &&
	    e->connected && !e->shut) {
		ttp_user_shutdown(e->tcb, s->now);
		e->shut = true;
		sim_event(s, e, "shutdown()");
		sim_push(s, e);
	}
	if (wants_close(s, e)) {
		e->closed = true;
		ttp_user_close(e->tcb, false, s->now, &v);
		sim_event(s, e, "close()");
		sim_carry_out(s, e, &v);
	}
}

/* When the program of @e wants to run by itself. */
u64 sim_app_at(const struct sim *s, const struct sim_end *e)
{
	u64 at = 0;

	if (e->is != TCB || e->closed)
		return 0;
	if (s->now < s->start + e->app.close_us)
		at = s->start + e->app.close_us;
	if (e->app.read_us && !e->eof && (!at || e->read_at < at))
		at = max(e->read_at, s->start + e->app.read_from_us);
	else if (s->now < s->start + e->app.read_from_us &&
		 (!at || s->start + e->app.read_from_us < at))
		at = s->start + e->app.read_from_us;
	return at;
}
