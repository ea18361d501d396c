// SPDX-License-Identifier: GPL-2.0
/*
 * A capture -> an index of its segments, in which one is found by its addresses and ports,
 * its direction, sequence number, length and flags.  There may be several such, of both
 * ends or sent again: the nearest in time is taken.  A packet of many segments (GSO) has a
 * segment's data somewhere within its own, and a segment may have become several packets,
 * so data are looked for by their sequence numbers, too.
 *
 * A capture may come from anywhere: what it says is read by frame.c, which believes no
 * length, and there are bounds for what is kept.  Called by ../draw and ../report.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <pcap/pcap.h>

#include "base/base.h"
#include "capture/join.h"
#include "capture/payload.h"

#define ENTRIES_MAX	1000000
#define BYTES_MAX	(64 << 20)	/* of all packets */
#define PACKET_LEN_MAX	65536
#define BACK_MAX	4096		/* packets that are looked at for one byte */
#define NO_BYTES	UINT32_MAX

/* One direction of a 4-tuple. */
struct way {
	struct way *next;		/* in its bucket */
	struct address from, to;
	uint16_t from_port, to_port;
	uint32_t number;
	uint32_t base;			/* sequence numbers are counted from here */
};

struct entry {
	uint32_t way;
	uint32_t rel;			/* sequence number, from the way's base on */
	uint64_t time_ns;
	uint32_t at;			/* of its bytes; NO_BYTES: they were not kept */
	uint32_t len;			/* of its data on the wire */
	uint32_t n_data;		/* of which so many were captured */
	uint8_t n_header;
	uint8_t flags;
};

#define BUCKETS		4096

struct payload {
	struct way *bucket[BUCKETS];
	struct way **way;		/* by number */
	size_t n_ways;
	struct entry *entry;		/* sorted by way, number, time */
	size_t count;
	uint8_t *bytes;
	size_t used, size;
	size_t unread;			/* packets that are no whole segments */
	bool full;
	uint64_t found, missing, cut;	/* segments with data that were looked for */
};

static struct way **bucket_of(struct payload *p, const struct address *from, const struct address *to,
			      uint16_t from_port, uint16_t to_port)
{
	return &p->bucket[event_ends_hash(from, from_port, to, to_port) % BUCKETS];
}

static struct way *find_way(struct payload *p, const struct address *from,
			    const struct address *to, uint16_t from_port, uint16_t to_port)
{
	struct way *way = *bucket_of(p, from, to, from_port, to_port);

	while (way && !(way->from_port == from_port && way->to_port == to_port &&
			same_address(&way->from, from) && same_address(&way->to, to)))
		way = way->next;
	return way;
}

static struct way *way_of(struct payload *p, const struct frame *f)
{
	struct way *way = find_way(p, &f->from, &f->to, f->from_port, f->to_port);
	struct way **bucket;

	if (way)
		return way;
	bucket = bucket_of(p, &f->from, &f->to, f->from_port, f->to_port);
	way = xrealloc(NULL, 1, sizeof(*way));
	/* a segment may come before the one that was sent first */
	*way = (struct way){
		.next = *bucket, .from = f->from, .to = f->to, .from_port = f->from_port,
		.to_port = f->to_port, .number = p->n_ways, .base = f->ev.seg.seq - (1u << 30),
	};
	*bucket = way;
	p->way = grow(p->way, p->n_ways, sizeof(*p->way));
	p->way[p->n_ways++] = way;
	return way;
}

/* Return: where they are kept; NO_BYTES when there is no room for more. */
static uint32_t keep(struct payload *p, const uint8_t *bytes, size_t len)
{
	if (p->used + len > BYTES_MAX) {
		p->full = true;
		return NO_BYTES;
	}
	while (p->used + len > p->size) {
		p->size = p->size ? 2 * p->size : 65536;
		p->bytes = xrealloc(p->bytes, p->size, 1);
	}
	memcpy(p->bytes + p->used, bytes, len);
	p->used += len;
	return p->used - len;
}

static void add(struct payload *p, const struct frame *f)
{
	struct way *way = way_of(p, f);
	struct entry *e;

	p->entry = grow(p->entry, p->count, sizeof(*p->entry));
	e = &p->entry[p->count++];
	*e = (struct entry){
		.way = way->number, .rel = f->ev.seg.seq - way->base, .time_ns = f->time_ns,
		.len = f->ev.seg.len, .n_data = f->captured - f->header, .flags = f->ev.seg.flags,
		.at = NO_BYTES,
	};
	/* IPv4 and TCP have at most 60 bytes each; extensions of IPv6 may be longer */
	if (f->header > UINT8_MAX)
		return;
	e->n_header = f->header;
	e->at = keep(p, f->packet, f->captured);
}

static int compare(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->way != y->way)
		return x->way < y->way ? -1 : 1;
	if (x->rel != y->rel)
		return x->rel < y->rel ? -1 : 1;
	return x->time_ns < y->time_ns ? -1 : x->time_ns > y->time_ns;
}

static int read_frames(struct payload *p, pcap_t *pcap)
{
	int link_type = pcap_datalink(pcap), status;
	struct pcap_pkthdr *header;
	const uint8_t *data;
	struct frame frame;

	while ((status = pcap_next_ex(pcap, &header, &data)) == 1) {
		enum frame_kind kind = frame_read(&frame, link_type, data, header->caplen,
						  header->len);

		if (kind == FRAME_SEGMENT && p->count == ENTRIES_MAX) {
			p->full = true;
			break;
		}
		frame.time_ns = header->ts.tv_sec * 1000000000ULL + header->ts.tv_usec;
		if (kind == FRAME_SEGMENT)
			add(p, &frame);
		else
			p->unread += kind != FRAME_OTHER;
	}
	return status;
}

static void say_read(const struct payload *p, const char *name, const char *cut)
{
	if (p->unread)
		fprintf(stderr, "ttp: %s: left out %zu packets: fragments, cut or broken\n", name,
			p->unread);
	if (cut)
		fprintf(stderr, "ttp: %s ends too early: %s\n", name, cut);
	if (p->full)
		fprintf(stderr, "ttp: %s is large: not all of its bytes are kept\n", name);
}

/* Return: NULL after saying why there is none; it may be empty. */
struct payload *payload_read(const char *name)
{
	struct payload *p;
	pcap_t *pcap;
	int status;

	pcap = frame_open(name);
	if (!pcap)
		return NULL;
	p = xrealloc(NULL, 1, sizeof(*p));
	memset(p, 0, sizeof(*p));
	status = read_frames(p, pcap);
	say_read(p, name, status == PCAP_ERROR ? pcap_geterr(pcap) : NULL);
	pcap_close(pcap);
	if (p->count)
		qsort(p->entry, p->count, sizeof(*p->entry), compare);
	return p;
}

void payload_free(struct payload *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->n_ways; i++)
		free(p->way[i]);
	free(p->way);
	free(p->entry);
	free(p->bytes);
	free(p);
}

bool payload_is_empty(const struct payload *p)
{
	return !p->count;
}

/* ---- find ---- */

/* Return: the first entry of @way behind @rel. */
static size_t behind(const struct payload *p, uint32_t way, uint32_t rel)
{
	size_t low = 0, high = p->count;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct entry *e = &p->entry[mid];

		if (e->way < way || (e->way == way && e->rel <= rel))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

static uint64_t distance(const struct entry *e, uint64_t wall_ns)
{
	if (!wall_ns)
		return 0;
	return e->time_ns > wall_ns ? e->time_ns - wall_ns : wall_ns - e->time_ns;
}

static bool is_nearer(const struct entry *e, const struct entry *than, uint64_t wall_ns)
{
	return !than || distance(e, wall_ns) <= distance(than, wall_ns);
}

/* Return: the packet that is this segment, nearest in time; NULL: there is none. */
static const struct entry *find_exact(const struct payload *p, uint32_t way, uint32_t rel,
				      const struct payload_key *key)
{
	const struct entry *best = NULL;
	size_t i = behind(p, way, rel);

	for (size_t n = 0; i-- > 0 && n < BACK_MAX; n++) {
		const struct entry *e = &p->entry[i];

		if (e->way != way || e->rel != rel)
			break;
		if (e->len == key->len && e->flags == key->flags && is_nearer(e, best, key->wall_ns))
			best = e;
	}
	return best;
}

/* Return: a packet in whose data the byte @rel is, nearest in time; NULL: there is none. */
static const struct entry *find_byte(const struct payload *p, uint32_t way, uint32_t rel,
				     uint64_t wall_ns)
{
	const struct entry *best = NULL;
	size_t i = behind(p, way, rel);

	for (size_t n = 0; i-- > 0 && n < BACK_MAX; n++) {
		const struct entry *e = &p->entry[i];

		if (e->way != way || rel - e->rel >= PACKET_LEN_MAX)
			break;
		if (rel - e->rel < e->len && is_nearer(e, best, wall_ns))
			best = e;
	}
	return best;
}

/* Copies what was captured of the data from @rel on in @e.  Return: how many bytes. */
static uint32_t copy(const struct payload *p, const struct entry *e, uint32_t rel, uint8_t *data,
		     uint32_t most)
{
	uint32_t skip = rel - e->rel;

	if (e->at == NO_BYTES || skip >= e->n_data)
		return 0;
	if (most > e->n_data - skip)
		most = e->n_data - skip;
	memcpy(data, p->bytes + e->at + e->n_header + skip, most);
	return most;
}

/* Follows its data from packet to packet. */
static void gather(const struct payload *p, const struct entry *e, uint32_t rel,
		   const struct payload_key *key, struct payload_found *found, uint8_t *data,
		   uint32_t most)
{
	uint32_t got;

	while (e && found->n_data < most) {
		got = copy(p, e, rel, data + found->n_data, most - found->n_data);
		if (!got)
			break;
		found->n_data += got;
		rel += got;
		if (rel - e->rel < e->len)	/* it was cut here */
			break;
		e = find_byte(p, e->way, rel, key->wall_ns);
	}
}

/*
 * Looks for a segment; @data: room for @most bytes of its data.
 * Return: false when the capture does not have its beginning.
 */
bool payload_find(struct payload *p, const struct payload_key *key, struct payload_found *found,
		  uint8_t *data, uint32_t most)
{
	const struct way *way = find_way(p, &key->from, &key->to, key->from_port, key->to_port);
	uint32_t rel = way ? key->seq - way->base : 0;
	const struct entry *e = way ? find_exact(p, way->number, rel, key) : NULL;

	*found = (struct payload_found){ 0 };
	if (way && !e && key->len)
		e = find_byte(p, way->number, rel, key->wall_ns);
	if (e && e->at == NO_BYTES)
		e = NULL;
	if (key->len)
		*(e ? &p->found : &p->missing) += 1;
	if (!e)
		return false;
	found->header = p->bytes + e->at;
	found->n_header = e->n_header;
	found->offset = rel - e->rel;
	found->packet_len = e->len;
	if (most > key->len)
		most = key->len;
	gather(p, e, rel, key, found, data, most);
	p->cut += key->len && found->n_data < most;
	return true;
}

/* In one line, if there is anything. */
void payload_say_missing(const struct payload *p, const char *name)
{
	if (p->missing)
		fprintf(stderr, "ttp: %s lacks %llu of %llu segments with data\n", name,
			(unsigned long long)p->missing,
			(unsigned long long)(p->missing + p->found));
	if (p->cut)
		fprintf(stderr, "ttp: %s has only the beginning of %llu segments\n", name,
			(unsigned long long)p->cut);
}

/* ---- as text ---- */

static int escape(uint8_t byte, char to[5])
{
	static const char letters[] = "0abtnvfr";	/* of 0, 7 to 13 */

	if (byte == '"' || byte == '\\')
		return sprintf(to, "\\%c", byte);
	if (byte >= ' ' && byte < 127)
		return sprintf(to, "%c", byte);
	if (!byte || (byte >= 7 && byte <= 13))
		return sprintf(to, "\\%c", letters[byte ? byte - 6 : 0]);
	return sprintf(to, "\\x%02x", byte);
}

/*
 * In the manner of C's strings, in ASCII only: nothing in it can control a terminal.
 * Return: how many of the bytes have room in @text.
 */
size_t payload_text(const uint8_t *data, size_t len, char *text, size_t size)
{
	size_t used = 0, i;
	char one[5];

	text[0] = '\0';
	for (i = 0; i < len; i++) {
		size_t more = escape(data[i], one);

		if (used + more >= size)
			break;
		memcpy(text + used, one, more + 1);
		used += more;
	}
	return i;
}
