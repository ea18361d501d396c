// SPDX-License-Identifier: GPL-2.0
/*
 * The calls that send and receive.
 */
#include <sys/sendfile.h>
#include "calls.h"

#define ROOM 65536

/* each thread its own: a step may run beside the next */
static __thread char memory[ROOM];

/* ... so that what comes out can be told from what did not go in */
void content(char *buf, size_t len, int salt)
{
	size_t i;

	for (i = 0; i < len; i++)
		buf[i] = salt * 31 + i * 7 + (i >> 8);
}

uint32_t sum(const void *buf, size_t len)
{
	const unsigned char *p = buf;
	uint32_t hash = 2166136261;

	while (len--)
		hash = (hash ^ *p++) * 16777619;
	return hash;
}

static char *filled(const struct step *s, int buffer)
{
	if (buffer == 1)
		return far_away;
	content(memory, s->arg[1], s->arg[0] + s->arg[1]);
	if (buffer == 2) {	/* the second half cannot be read */
		memcpy(far_away - s->arg[1] / 2, memory, s->arg[1] / 2);
		return far_away - s->arg[1] / 2;
	}
	return memory;
}

static char *emptied(const struct step *s, int buffer)
{
	memset(memory, 0, s->arg[1]);
	if (buffer == 1)
		return far_away;
	if (buffer == 2)
		return far_away - s->arg[1] / 2;
	return memory;
}

static void got(struct outcome *o, long ret, const void *buf)
{
	if (ret > 0)
		returned_with(o, ret, "sum %08x", sum(buf, ret));
	else
		returned(o, ret);
}

void run_send(const struct step *s, struct outcome *o)
{
	returned(o, send(slot[s->arg[0]], filled(s, s->arg[3]), s->arg[1], s->arg[2]));
}

void run_sendto(const struct step *s, struct outcome *o)
{
	union address a = address(s->arg[3]);

	returned(o, sendto(slot[s->arg[0]], filled(s, 0), s->arg[1], s->arg[2],
			   &a.any, asked_len(s->arg[4])));
}

/* @len bytes in so many parts, one of which is empty; @iov has room for 4 */
static int cut(char *buf, size_t len, int parts, struct iovec *iov)
{
	size_t at = 0, size;
	int i;

	for (i = 0; i < parts; i++) {
		size = i == parts - 1 ? len - at : i == 1 ? 0 : (len - at) / 2;
		iov[i] = (struct iovec){ buf + at, size };
		at += size;
	}
	return parts;
}

static size_t control(int which, char *to, size_t room)
{
	static const struct { int level, type, len, value; } known[] = {
		[3] = { IPPROTO_IP, IP_TTL, 4, 5 },
		[4] = { SOL_SOCKET, SO_MARK, 4, 7 },
		[5] = { SOL_SOCKET, SO_MARK, 400, 7 },
		[6] = { IPPROTO_IP, IP_TOS, 4, 8 },
		[7] = { SOL_SOCKET, 77, 4, 1 },
	};
	struct cmsghdr *c = (struct cmsghdr *)to;

	if (which < 3)
		return 0;
	memset(to, 0, room);
	c->cmsg_level = known[which].level;
	c->cmsg_type = known[which].type;
	c->cmsg_len = CMSG_LEN(known[which].len);
	memcpy(CMSG_DATA(c), &known[which].value, 4);
	return CMSG_SPACE(4);
}

void run_sendmsg(const struct step *s, struct outcome *o)
{
	char ctl[256] __attribute__((aligned(8)));
	struct iovec iov[4];
	struct msghdr m = {
		.msg_iov = iov,
		.msg_iovlen = cut(filled(s, 0), s->arg[1], s->arg[3], iov),
		.msg_control = ctl,
		.msg_controllen = control(s->arg[4], ctl, sizeof(ctl)),
	};

	returned(o, sendmsg(slot[s->arg[0]], &m, s->arg[2]));
}

void run_write(const struct step *s, struct outcome *o)
{
	returned(o, write(slot[s->arg[0]], filled(s, s->arg[2]), s->arg[1]));
}

void run_writev(const struct step *s, struct outcome *o)
{
	struct iovec iov[4];
	int n = cut(filled(s, 0), s->arg[1], s->arg[2], iov);

	returned(o, writev(slot[s->arg[0]], iov, n));
}

void run_sendfile(const struct step *s, struct outcome *o)
{
	int fd = memfd_create("calls", 0);
	off_t at = 0;

	if (write(fd, filled(s, 0), s->arg[1]) != s->arg[1])
		say(o, "result", "no file");
	else
		returned(o, sendfile(slot[s->arg[0]], fd, &at, s->arg[1]));
	close(fd);
}

/* no more than a pipe takes */
static size_t pipe_len(const struct step *s)
{
	return s->arg[1] < 60000 ? s->arg[1] : 60000;
}

void run_splice_in(const struct step *s, struct outcome *o)
{
	size_t len = pipe_len(s);
	int p[2];

	if (pipe(p))
		return;
	if (write(p[1], filled(s, 0), len) != (ssize_t)len)
		say(o, "result", "no pipe");
	else
		returned(o, splice(p[0], NULL, slot[s->arg[0]], NULL, len ?: 1,
				   s->arg[2] | (len ? 0 : SPLICE_F_NONBLOCK)));
	close(p[0]);
	close(p[1]);
}

/* How many pages a pipe gets is not compared: few bytes always fit. */
void run_splice_out(const struct step *s, struct outcome *o)
{
	int p[2];
	long ret;

	if (pipe(p))
		return;
	ret = splice(slot[s->arg[0]], NULL, p[1], NULL, s->arg[1] % 1001, s->arg[2]);
	if (ret > 0 && read(p[0], emptied(s, 0), ret) != ret)
		say(o, "pipe", "short");
	got(o, ret, memory);
	close(p[0]);
	close(p[1]);
}

void run_recv(const struct step *s, struct outcome *o)
{
	char *buf = emptied(s, s->arg[3]);
	long ret = recv(slot[s->arg[0]], buf, s->arg[1], s->arg[2]);

	if (s->arg[3])		/* half of it came, perhaps */
		returned(o, ret);
	else
		got(o, ret, buf);
}

void run_recvfrom(const struct step *s, struct outcome *o)
{
	union address a = { 0 };
	socklen_t len = asked_len(s->arg[3]);
	long ret = recvfrom(slot[s->arg[0]], emptied(s, 0), s->arg[1], s->arg[2],
			    &a.any, &len);

	if (ret < 0)
		returned(o, ret);
	else
		returned_with(o, ret, "sum %08x len %d", sum(memory, ret), (int)len);
}

/* The control messages by their level and type; timestamps are what they are. */
static int tell_control(struct msghdr *m, char *to, size_t room)
{
	struct cmsghdr *c;
	size_t n = 0;
	int value;

	to[0] = 0;
	for (c = CMSG_FIRSTHDR(m); c && n < room; c = CMSG_NXTHDR(m, c)) {
		memcpy(&value, CMSG_DATA(c), sizeof(value));
		n += snprintf(to + n, room - n, " %d/%d:%d", c->cmsg_level, c->cmsg_type,
			      (int)c->cmsg_len);
		if (c->cmsg_level == IPPROTO_TCP && n < room)
			n += snprintf(to + n, room - n, "=%d", value > 16384 ? 16384 : value);
	}
	return n;
}

void run_recvmsg(const struct step *s, struct outcome *o)
{
	char ctl[512] __attribute__((aligned(8))), text[64];
	union address a;
	struct iovec iov[4];
	struct msghdr m = {
		.msg_name = &a,
		.msg_namelen = address_len(),
		.msg_iov = iov,
		.msg_iovlen = cut(emptied(s, 0), s->arg[1], s->arg[3], iov),
		.msg_control = ctl,
		.msg_controllen = !s->arg[4] ? 0 : s->arg[4] == 2 ? 14 : sizeof(ctl),
	};
	long ret = recvmsg(slot[s->arg[0]], &m, s->arg[2]);

	if (ret < 0) {
		returned(o, ret);
		return;
	}
	tell_control(&m, text, sizeof(text));
	returned_with(o, ret, "sum %08x name %d flags %#x control%s", sum(memory, s->arg[1]),
		      m.msg_namelen, m.msg_flags, text);
}

void run_read(const struct step *s, struct outcome *o)
{
	char *buf = emptied(s, s->arg[2]);
	long ret = read(slot[s->arg[0]], buf, s->arg[1]);

	if (s->arg[2])
		returned(o, ret);
	else
		got(o, ret, buf);
}

void run_readv(const struct step *s, struct outcome *o)
{
	struct iovec iov[4];
	int n = cut(emptied(s, 0), s->arg[1], s->arg[2], iov);

	got(o, readv(slot[s->arg[0]], iov, n), memory);
}
