// SPDX-License-Identifier: GPL-2.0
/*
 * Messages, memory, time and numbers: what every file of the tool uses.
 */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <search.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"

/*
 * Opens /dev/null for each of standard input, output and error that is closed.
 * Else the next file that is opened becomes it: a message would go into a
 * connection, and what the peer sends would be sent back.  Called before
 * anything is opened, so open() returns the lowest of the three that is free.
 */
int standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd)
			return fail("/dev/null: %s", strerror(errno));
	return TTP_OK;
}

/*
 * Names a file from the folder that the tool is in.
 * @path: gets the name, whether there is such a file or not
 * Return: false when the folder is not known, or its name too long.
 */
bool beside_tool(const char *name, char path[PATH_MAX])
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (len <= 0)
		return false;
	self[len] = '\0';
	len = strrchr(self, '/') + 1 - self;
	return snprintf(path, PATH_MAX, "%.*s%s", (int)len, self, name) < PATH_MAX;
}

/* Is NO_COLOR in the environment, and not empty (no-color.org)? */
bool no_color(void)
{
	const char *value = getenv("NO_COLOR");

	return value && *value;
}

/* Is @fd the regular file of this name? */
bool is_file(int fd, const char *name)
{
	struct stat open, named;

	return !fstat(fd, &open) && S_ISREG(open.st_mode) && !stat(name, &named) &&
	       open.st_dev == named.st_dev && open.st_ino == named.st_ino;
}

/* One line on stderr that says what went wrong and, if we know, what to do. */
int fail(const char *fmt, ...)
{
	va_list args;

	fflush(stdout);
	fputs("ttp: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	return TTP_FAILED;
}

/*
 * Writes what @out has not written yet.  A closed pipe is no error: nobody
 * reads any more.
 * Context: errno is that of the last call that failed, which was on @out.
 * Return: TTP_OK, or TTP_FAILED after saying that @name could not be written.
 */
int written(FILE *out, const char *name)
{
	if (!fflush(out) && !ferror(out))
		return TTP_OK;
	clearerr(out);
	return errno == EPIPE ? TTP_OK : fail("write to %s: %s", name, strerror(errno));
}

int usage(const char *fmt, ...)
{
	va_list args;

	fputs("ttp: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	return TTP_USAGE;
}

void *xrealloc(void *old, size_t count, size_t size)
{
	void *p = reallocarray(old, count ? count : 1, size);

	if (!p)
		exit(fail("out of memory"));
	return p;
}

/* Room for one more element than @count, in an array that doubles as it grows. */
void *grow(void *old, size_t count, size_t size)
{
	if (count & (count - 1))
		return old;
	return xrealloc(old, count ? 2 * count : 1, size);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* The one copy of NAME, so that names can be kept and compared as pointers. */
const char *intern(const char *name)
{
	static void *names;
	char **found = tsearch(name, &names, compare_names);

	if (found && *found == name)
		*found = strdup(name);
	if (!found || !*found)
		exit(fail("out of memory"));
	return *found;
}

/* The clock of the events' time_ns. */
uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

/* The clock on the wall: since 1970. */
uint64_t wall_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

int parse_seconds(const char *text, double *seconds)
{
	char *end;

	/* strtod() takes blanks, signs, inf and hexadecimal numbers, too */
	*seconds = strtod(text, &end);
	return end == text || *end || text[strspn(text, "0123456789.")] || *seconds > 1e6 ? -1 : 0;
}

int parse_number(const char *text, unsigned long max, unsigned long *value)
{
	char *end;

	errno = 0;
	*value = strtoul(text, &end, 10);
	/* it takes blanks and signs: " -18446744073709551615" is 1 */
	return errno || !isdigit((unsigned char)*text) || *end || *value > max ? -1 : 0;
}

/*
 * Lists and events are mostly numbers: printf() would take most of the time.
 * @to: room for DECIMAL_SIZE bytes, of which all may be written
 * Return: where the 0 behind the digits is.
 */
char *put_decimal(char *to, uint64_t n)
{
	static const char pairs[] =
		"00010203040506070809" "10111213141516171819" "20212223242526272829"
		"30313233343536373839" "40414243444546474849" "50515253545556575859"
		"60616263646566676869" "70717273747576777879" "80818283848586878889"
		"90919293949596979899";
	char digits[2 * DECIMAL_SIZE];
	char *from = digits + DECIMAL_SIZE - 1;

	*from = '\0';
	for (; n >= 100; n /= 100)
		memcpy(from -= 2, pairs + n % 100 * 2, 2);
	if (n >= 10)
		memcpy(from -= 2, pairs + n * 2, 2);
	else
		*--from = '0' + n;
	memcpy(to, from, DECIMAL_SIZE);		/* of one length: no call */
	return to + (digits + DECIMAL_SIZE - 1 - from);
}

/* 1234567 -> 1,234,567 */
const char *group_digits(uint64_t n, char buf[32])
{
	char digits[24];
	char *to = buf;
	size_t len;

	snprintf(digits, sizeof(digits), "%" PRIu64, n);
	len = strlen(digits);
	for (size_t i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			*to++ = ',';
		*to++ = digits[i];
	}
	*to = '\0';
	return buf;
}
