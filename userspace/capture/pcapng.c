// SPDX-License-Identifier: GPL-2.0
/*
 * The blocks of a pcapng file, as much of it as a recording needs: a section, its
 * interfaces, and packets with comments, which libpcap cannot write.  The format is
 * draft-ietf-opsawg-pcapng.  Called by pcap.c, which looks whether all was written.
 */
#include <string.h>

#include "base/base.h"
#include "capture/capture.h"

#define SECTION		0x0a0d0d0a
#define INTERFACE	0x00000001
#define ENHANCED_PACKET	0x00000006

#define BYTE_ORDER	0x1a2b3c4d	/* written as this machine has it */
/* A packet begins with its IP header.  libpcap reads several interfaces of one of the first kinds,
 * and only one of the last.
 */
#define LINKTYPE_IPV4	228
#define LINKTYPE_IPV6	229
#define LINKTYPE_RAW	101

enum {	/* options */
	END_OF_OPTIONS = 0,
	COMMENT = 1,
	SECTION_APPLICATION = 4,
	INTERFACE_NAME = 2,
	INTERFACE_TIME_RESOLUTION = 9,
	PACKET_FLAGS = 2,
};

/* A block is made here, since its length comes before all else. */
static struct {
	uint8_t *data;
	size_t len;
	size_t size;
} block;

static void put(const void *data, size_t len)
{
	if (block.len + len > block.size) {
		block.size = 2 * (block.len + len);
		block.data = xrealloc(block.data, block.size, 1);
	}
	memcpy(block.data + block.len, data, len);
	block.len += len;
}

static void put16(uint16_t value)
{
	put(&value, sizeof(value));
}

static void put32(uint32_t value)
{
	put(&value, sizeof(value));
}

/* Each field ends where a multiple of four bytes does. */
static void put_padded(const void *data, size_t len)
{
	put(data, len);
	put("\0\0\0", -len & 3);
}

static void put_option(uint16_t code, const void *data, size_t len)
{
	if (len > UINT16_MAX)
		len = UINT16_MAX;
	put16(code);
	put16(len);
	put_padded(data, len);
}

static void put_text(uint16_t code, const char *text)
{
	put_option(code, text, strlen(text));
}

static void begin(uint32_t type)
{
	block.len = 0;
	put32(type);
	put32(0);	/* its length: end() */
}

static void end(FILE *out)
{
	uint32_t len;

	put_option(END_OF_OPTIONS, "", 0);
	len = block.len + sizeof(len);
	put32(len);
	memcpy(block.data + 4, &len, sizeof(len));
	fwrite(block.data, 1, block.len, out);
}

/* The section header; @comment, about all of the file, may be NULL. */
void pcapng_begin(FILE *out, const char *comment)
{
	static const uint64_t unknown_length = UINT64_MAX;

	begin(SECTION);
	put32(BYTE_ORDER);
	put16(1);	/* version 1.0 */
	put16(0);
	put(&unknown_length, sizeof(unknown_length));
	put_text(SECTION_APPLICATION, "ttp " TTP_VERSION);
	if (comment)
		put_text(COMMENT, comment);
	end(out);
}

/* An interface; packets name it by a number, the first being 0.  @name may be NULL.
 * @versions: of IP, that its packets have: a bit for each
 */
void pcapng_interface(FILE *out, const char *name, unsigned int versions)
{
	static const uint8_t nanoseconds = 9;

	begin(INTERFACE);
	put16(versions == 1 << 6 ? LINKTYPE_IPV6 : versions & 1 << 6 ? LINKTYPE_RAW :
	      LINKTYPE_IPV4);
	put16(0);
	put32(PACKET_MAX);
	if (name)
		put_text(INTERFACE_NAME, name);
	put_option(INTERFACE_TIME_RESOLUTION, &nanoseconds, 1);
	end(out);
}

/* A packet, of which @data is what is known, with its @remarks as comments. */
void pcapng_packet(FILE *out, const struct pcapng_packet *packet, const uint8_t *data,
		   const struct remark *remarks, size_t n_remarks)
{
	uint32_t flags = packet->inbound ? 1 : 2;

	begin(ENHANCED_PACKET);
	put32(packet->interface);
	put32(packet->time_ns >> 32);
	put32(packet->time_ns);
	put32(packet->captured);
	put32(packet->length);
	put_padded(data, packet->captured);
	for (size_t i = 0; i < n_remarks; i++)
		put_text(COMMENT, remarks[i].text);
	put_option(PACKET_FLAGS, &flags, sizeof(flags));
	end(out);
}
