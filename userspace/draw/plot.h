/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How a connection is plotted:
 *
 *	plot.c      options; events -> series, for each end
 *	series.c    a series in bounded memory, however long the connection is
 *	plot_svg.c  series -> panels, one below the other, as SVG
 *
 * Next: plot.c.
 */
#ifndef TTP_PLOT_H
#define TTP_PLOT_H

#include "draw/ladder.h"

/* Points of a series, at most; tests/tool makes it small. */
#ifndef SERIES_MAX
#define SERIES_MAX	4096
#endif

enum series_id {
	S_CWND, S_SSTHRESH, S_IN_FLIGHT,
	S_WINDOW, S_UNACKED,
	S_RTT, S_SRTT, S_RTO,
	S_SENT_RATE, S_ACKED_RATE,
	S_DATA, S_AGAIN, S_LOST, S_ACKED, S_EDGE,
	S_LAST
};

enum panel_id { P_CWND, P_WINDOW, P_RTT, P_THROUGHPUT, P_SEQUENCE, P_LAST };

struct sample {
	int64_t ns;		/* since the connection began */
	double value;
	double to;		/* of data: up to this sequence number */
};

struct series {
	struct sample *at;
	size_t n;
	uint64_t count;		/* of all that were added */
	bool sorted;
};

/* Bytes in equal steps of time; the steps become longer: 1, 2, 10, 20, 100 ... */
#define RATE_MAX	1000
#define RATE_SHOWN	200

struct rate {
	int64_t step_ns;
	int bigger;		/* how often the step grew */
	size_t n;
	uint64_t bytes[RATE_MAX];
};

/* What is sent and not acknowledged, to measure RTT by. */
#define TIMED_MAX	1024

/* What one end knows, and does. */
struct curves {
	struct rate rate[2];	/* sent, acknowledged */
	struct {
		uint64_t end;
		int64_t ns;
	} timed[TIMED_MAX];
	size_t first, n_timed;
	bool has_base;
	uint64_t seq;		/* the last sequence number, counted from ISS */
	uint32_t seq_wire;
	uint64_t acked;
	struct series series[S_LAST];
	bool used;
	uint64_t data;		/* bytes sent */
};

extern const char *const series_names[S_LAST];
extern const char *const panel_names[P_LAST];

/* series.c */
void series_add(struct series *s, int64_t ns, double value, double to);
void series_sort(struct series *s);
void series_free(struct series *s);
void rate_add(struct rate *r, int64_t ns, uint64_t bytes);
void rate_series(struct rate *r, struct series *s);

/* plot_svg.c */
void plot_svg(struct curves *curves, const struct conn *conn, int side, const bool *wanted,
	      FILE *out);
bool panel_has(const struct curves *curves, int panel);

/* plot.c */
int plot_main(int argc, char **argv);

#endif
