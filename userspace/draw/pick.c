// SPDX-License-Identifier: GPL-2.0
/*
 * ttp ladder --pick: a list of the connections, and the ladder of the one that is
 * chosen, in a terminal.
 *
 * Both are lines of text that a pager shows: of the list one line is marked, of a
 * ladder it is moved.  A ladder is drawn anew when the terminal has another width.
 *
 * Called by ladder.c, after conn.c.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "base/base.h"
#include "base/screen.h"
#include "draw/ladder.h"

#define LINE_MAX_SIZE	1024

struct pager {
	const char *title;
	const char *keys;		/* that there are, for the last line */
	char **line;
	size_t n;
	size_t top;			/* the first one on the screen */
	size_t at;			/* the one that is marked, or was found */
	bool marks;
	char search[128];
	bool searching;			/* it is being typed */
	bool not_found;
};

struct pick {
	struct conns *conns;
	struct look look;
	unsigned long width;		/* 0: the terminal's */
	struct conn **conn;		/* by their lines */
	size_t n;
};

static void free_lines(struct pager *p)
{
	for (size_t i = 0; i < p->n; i++)
		free(p->line[i]);
	free(p->line);
	p->line = NULL;
	p->n = 0;
}

static void add_line(struct pager *p, const char *text)
{
	p->line = grow(p->line, p->n, sizeof(*p->line));
	p->line[p->n] = strdup(text);
	if (!p->line[p->n++])
		exit(fail("out of memory"));
}

/* Lines that are on the screen, between title and keys. */
static size_t height(void)
{
	return screen_rows() > 3 ? screen_rows() - 2 : 1;
}

/* The marked line is on the screen, and the last page is full. */
static void keep_in_view(struct pager *p)
{
	if (p->marks) {
		if (p->n && p->at >= p->n)
			p->at = p->n - 1;
		if (p->at < p->top)
			p->top = p->at;
		if (p->at >= p->top + height())
			p->top = p->at - height() + 1;
	}
	if (p->top + height() > p->n)
		p->top = p->n > height() ? p->n - height() : 0;
}

static void show(struct pager *p)
{
	char text[LINE_MAX_SIZE];

	keep_in_view(p);
	screen_line(0, p->title, SCREEN_BOLD);
	for (size_t i = 0; i < height(); i++) {
		size_t number = p->top + i;
		bool marked = p->marks && number == p->at;

		screen_line(i + 1, number < p->n ? p->line[number] : "",
			    marked ? SCREEN_REVERSE : SCREEN_PLAIN);
	}
	if (p->searching || p->not_found)
		snprintf(text, sizeof(text), "/%s%s", p->search, p->searching ? "_" : ": not found");
	else
		snprintf(text, sizeof(text), "%s", p->keys);
	screen_line(screen_rows() - 1, text, SCREEN_BOLD);
}

static void move(struct pager *p, long by)
{
	size_t *at = p->marks ? &p->at : &p->top;

	if (by < 0 && *at < (size_t)-by)
		*at = 0;
	else
		*at += by;
	if (*at >= p->n)
		*at = p->n ? p->n - 1 : 0;
}

/* From the line behind the one that is marked, round to it. */
static void find(struct pager *p)
{
	size_t from = p->marks ? p->at : p->top;

	p->not_found = false;
	for (size_t i = 1; i <= p->n && *p->search; i++) {
		size_t at = (from + i) % p->n;

		if (!strcasestr(p->line[at], p->search))
			continue;
		p->at = at;
		p->top = p->marks ? p->top : at;
		return;
	}
	p->not_found = *p->search;
}

/* A key while what is looked for is typed. */
static void type(struct pager *p, int key)
{
	size_t len = strlen(p->search);
	char bytes[MB_LEN_MAX];
	mbstate_t state = { 0 };
	size_t n;

	if (key == SCREEN_ENTER) {
		p->searching = false;
		find(p);
	} else if (key == SCREEN_ESCAPE) {
		p->searching = false;
	} else if (key == SCREEN_ERASE) {
		while (len && ((unsigned char)p->search[--len] >> 6) == 2)
			;
		p->search[len] = '\0';
	} else if (key >= ' ' && key < SCREEN_UP) {
		n = wcrtomb(bytes, key, &state);
		if (n == (size_t)-1 || len + n >= sizeof(p->search))
			return;
		memcpy(p->search + len, bytes, n);
		p->search[len + n] = '\0';
	}
}

/* Return: false for a key that moves nothing. */
static bool moved(struct pager *p, int key)
{
	switch (key) {
	case SCREEN_UP: case 'k': move(p, -1); break;
	case SCREEN_DOWN: case 'j': move(p, 1); break;
	case SCREEN_PAGE_UP: case 'b': move(p, -(long)height()); break;
	case SCREEN_PAGE_DOWN: case ' ': move(p, height()); break;
	case SCREEN_HOME: case 'g': move(p, -(long)p->n); break;
	case SCREEN_END: case 'G': move(p, p->n); break;
	case '/':
		p->searching = true;
		p->search[0] = '\0';
		break;
	case 'n': find(p); break;
	default: return false;
	}
	return true;
}

/* Return: the key that is for the caller. */
static int pager_run(struct pager *p)
{
	for (;;) {
		int key;

		show(p);
		key = screen_key(-1);
		p->not_found = false;
		if (p->searching && key != SCREEN_RESIZED)
			type(p, key);
		else if (!moved(p, key))
			return key;
	}
}

/* What draw_conn() prints becomes lines. */
static int draw_lines(struct pick *pick, struct pager *p, const struct conn *conn)
{
	FILE *file = tmpfile();
	char *line = NULL;
	size_t size = 0;
	int saved;
	ssize_t len;

	if (!file) {
		screen_end();	/* what is said would go with it */
		return fail("a file in " P_tmpdir ": %s", strerror(errno));
	}
	fflush(stdout);
	saved = dup(STDOUT_FILENO);
	if (saved < 0 || dup2(fileno(file), STDOUT_FILENO) < 0) {
		fclose(file);
		if (saved >= 0)
			close(saved);
		screen_end();
		return fail("a file in " P_tmpdir ": %s", strerror(errno));
	}
	draw_conn(conn, &pick->look);
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	close(saved);
	rewind(file);
	while ((len = getline(&line, &size, file)) > 0) {
		line[strcspn(line, "\n")] = '\0';
		add_line(p, line);
	}
	free(line);
	fclose(file);
	return TTP_OK;
}

static void set_width(struct pick *pick)
{
	unsigned long width = pick->width ? pick->width : (unsigned long)screen_columns();

	pick->look.width = width > CANVAS_MAX ? CANVAS_MAX : width < 80 ? 80 : width;
}

/* Shows the ladder of a connection until it is left.  Return: the key that left it, -1: failed. */
static int show_ladder(struct pick *pick, const struct conn *conn, const char *title)
{
	struct pager p = {
		.title = title, .keys = "q back  arrows, j k, space, b, g G move  / search  n next",
	};
	int key;

	do {
		free_lines(&p);
		set_width(pick);
		if (draw_lines(pick, &p, conn))
			return -1;
		key = pager_run(&p);
	} while (key == SCREEN_RESIZED || key >= SCREEN_OTHER ||
		 (!screen_is_quit(key) && key != SCREEN_ESCAPE && key != SCREEN_ENTER &&
		  key != SCREEN_LEFT && key != 'h'));
	free_lines(&p);
	return key;
}

/* As wide as it is to be. */
static void put_cell(char *line, const char *text, int width, bool right)
{
	int pad = width - text_width(text);
	size_t used = strlen(line);

	snprintf(line + used, LINE_MAX_SIZE - used, "%*s%s%*s  ", right && pad > 0 ? pad : 0, "", text,
		 !right && pad > 0 ? pad : 0, "");
}

static const char *end_text(const struct pick *pick, const struct side *side, char *text, size_t size)
{
	char name[NAME_SIZE], endpoint[64];

	event_endpoint(&side->addr, side->port, endpoint);
	if (side->ns)
		snprintf(text, size, "%s %s", printable(side->ns, pick->look.ascii, name), endpoint);
	else
		snprintf(text, size, "%s", endpoint);
	return text;
}

#define COLUMNS	7

/* The cells of a connection's line; start_ns: of the first one. */
static void fill_cells(const struct pick *pick, size_t i, int64_t start_ns,
		       char cell[COLUMNS][NAME_SIZE + 72])
{
	const struct conn *conn = pick->conn[i];
	char digits[32];

	snprintf(cell[0], sizeof(cell[0]), "%zu", i + 1);
	snprintf(cell[1], sizeof(cell[1]), "%.3f", (conn->start_ns - start_ns) / 1e9);
	end_text(pick, &conn->side[LEFT], cell[2], sizeof(cell[2]));
	end_text(pick, &conn->side[RIGHT], cell[3], sizeof(cell[3]));
	snprintf(cell[4], sizeof(cell[4]), "%u", conn->total[LEFT].sent + conn->total[RIGHT].sent);
	snprintf(cell[5], sizeof(cell[5]), "%s",
		 group_digits(conn->total[LEFT].bytes + conn->total[RIGHT].bytes, digits));
	snprintf(cell[6], sizeof(cell[6]), "%s  %s",
		 event_word(FIELD_STATE, conn->side[LEFT].last_state),
		 event_word(FIELD_STATE, conn->side[RIGHT].last_state));
}

static void make_list(struct pick *pick, struct pager *p, char *title)
{
	static const char *const heading[COLUMNS] = {
		"", "Start", "From", "To", "Segments", "Bytes", "States at last"
	};
	static const bool right[COLUMNS] = { [0] = true, [1] = true, [4] = true, [5] = true };
	char cell[COLUMNS][NAME_SIZE + 72], line[LINE_MAX_SIZE];
	int64_t start_ns = pick->n ? pick->conn[0]->start_ns : 0;
	int width[COLUMNS];

	for (int c = 0; c < COLUMNS; c++)
		width[c] = text_width(heading[c]);
	for (size_t i = 0; i < pick->n; i++) {
		fill_cells(pick, i, start_ns, cell);
		for (int c = 0; c < COLUMNS; c++)
			if (text_width(cell[c]) > width[c])
				width[c] = text_width(cell[c]);
	}
	title[0] = '\0';
	for (int c = 0; c < COLUMNS; c++)
		put_cell(title, heading[c], width[c], right[c]);
	for (size_t i = 0; i < pick->n; i++) {
		fill_cells(pick, i, start_ns, cell);
		line[0] = '\0';
		for (int c = 0; c < COLUMNS; c++)
			put_cell(line, cell[c], width[c], right[c]);
		add_line(p, line);
	}
}

static int show_list(struct pick *pick)
{
	char title[LINE_MAX_SIZE];
	struct pager p = {
		.title = title, .marks = true,
		.keys = "q end  Enter draw  arrows, j k, space, b, g G move  / search  n next",
	};
	int key = 0, status = TTP_OK;

	make_list(pick, &p, title);
	/* of one there is nothing to pick */
	if (pick->n == 1) {
		status = show_ladder(pick, pick->conn[0], p.line[0]) < 0 ? TTP_FAILED : TTP_OK;
		key = 'q';
	}
	while (!status && !screen_is_quit(key) && key != SCREEN_ESCAPE) {
		key = pager_run(&p);
		if (key != SCREEN_ENTER && key != SCREEN_RIGHT && key != 'l')
			continue;
		key = 0;
		if (show_ladder(pick, pick->conn[p.at], p.line[p.at]) < 0)
			status = TTP_FAILED;
	}
	free_lines(&p);
	return status;
}

/*
 * Lets one of @conns be picked and shows it, again and again.
 * @width: of the ladders; 0: the terminal's
 * Return: exit status.
 */
int ladder_pick(struct conns *conns, const struct look *look, unsigned long width)
{
	struct pick pick = { .conns = conns, .look = *look, .width = width };
	int status;

	for (size_t i = 0; i < conns->count; i++) {
		if (!conns->conn[i]->drawn)
			continue;
		conn_settle(conns, conns->conn[i], true);
		pick.conn = grow(pick.conn, pick.n, sizeof(*pick.conn));
		pick.conn[pick.n++] = conns->conn[i];
	}
	if (!pick.n)
		return fail(conns->count ? "no such connection among those seen" :
					   "no connection was seen");
	status = screen_begin();
	if (!status)
		status = show_list(&pick);
	screen_end();
	free(pick.conn);
	return status;
}
