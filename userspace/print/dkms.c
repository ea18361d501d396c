// SPDX-License-Identifier: GPL-2.0
/*
 * What DKMS, which builds modules for each kernel that is installed, has made of the
 * module: its folders say so.  /usr/src/ttp-VERSION has the sources, of package ttp-dkms;
 * below /var/lib/dkms/ttp/VERSION is build/make.log after a failure, else a folder for
 * each kernel.  Called by doctor.c.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "print/dkms.h"

#define SOURCES	"/usr/src/ttp-"
#define TREE	"/var/lib/dkms/ttp/"
#define KEY_MAX	65536

/* The firmware's list of the machine owner's keys (MOK), as the kernel shows it. */
#define OWNERS_KEYS "/sys/firmware/efi/efivars/MokListRT-605dab50-e046-4300-abb6-3dd810dd8b23"

/* The last path that pattern has, in the order of their names.  Return: false if it has none. */
static bool last_path(const char *pattern, char *path, size_t size)
{
	glob_t found;
	bool any = !glob(pattern, 0, NULL, &found);

	if (any)
		snprintf(path, size, "%s", found.gl_pathv[found.gl_pathc - 1]);
	globfree(&found);
	return any;
}

/* The first bytes of a file.  Return: how many. */
static size_t read_some(const char *path, char *buf, size_t size)
{
	FILE *in = fopen(path, "re");
	size_t len = in ? fread(buf, 1, size, in) : 0;

	if (in)
		fclose(in);
	return len;
}

static bool find_version(const char *root, struct dkms *dkms)
{
	char path[512], *from, *end;

	snprintf(path, sizeof(path), "%s" SOURCES "*/dkms.conf", root);
	if (!last_path(path, path, sizeof(path)))
		return false;
	from = path + strlen(root) + strlen(SOURCES);
	end = strrchr(path, '/');
	snprintf(dkms->version, sizeof(dkms->version), "%.*s", (int)(end - from), from);
	return true;
}

/* Has it tried this kernel, and failed?  The log's first line names module and kernel. */
static bool has_failed(const char *root, const char *release, struct dkms *dkms)
{
	char line[256], kernel[160];
	size_t len;

	snprintf(dkms->log, sizeof(dkms->log), "%s" TREE "%s/build/make.log", root, dkms->version);
	len = read_some(dkms->log, line, sizeof(line) - 1);
	line[len] = '\0';
	line[strcspn(line, "\n")] = '\0';
	snprintf(kernel, sizeof(kernel), " for kernel %s ", release);
	return strstr(line, kernel);
}

/* The kernel for which it has built the module: this one, or the last by name. */
static bool find_kernel(const char *root, const char *release, struct dkms *dkms)
{
	char path[512], *kernel;

	snprintf(path, sizeof(path), "%s" TREE "%s/%s/*/module", root, dkms->version, release);
	if (!last_path(path, path, sizeof(path))) {
		snprintf(path, sizeof(path), "%s" TREE "%s/*/*/module", root, dkms->version);
		if (!last_path(path, path, sizeof(path)))
			return false;
	}
	kernel = path + strlen(root) + strlen(TREE) + strlen(dkms->version) + 1;
	kernel[strcspn(kernel, "/")] = '\0';
	snprintf(dkms->kernel, sizeof(dkms->kernel), "%s", kernel);
	return true;
}

static void find_key(const char *root, struct dkms *dkms)
{
	/* Debian's, and Ubuntu's */
	static const char *const keys[] = {
		"/var/lib/dkms/mok.pub", "/var/lib/shim-signed/mok/MOK.der",
	};
	char path[512], *key = xrealloc(NULL, KEY_MAX, 1), *list = xrealloc(NULL, KEY_MAX, 1);
	size_t len = 0;

	for (size_t i = 0; i < ARRAY_SIZE(keys) && !len; i++) {
		snprintf(dkms->key, sizeof(dkms->key), "%s%s", root, keys[i]);
		len = read_some(dkms->key, key, KEY_MAX);
	}
	if (!len)
		dkms->key[0] = '\0';
	snprintf(path, sizeof(path), "%s" OWNERS_KEYS, root);
	dkms->enrolled = len && memmem(list, read_some(path, list, KEY_MAX), key, len);
	free(list);
	free(key);
}

/* What there is of it below root, seen from the kernel of that release. */
void dkms_look(const char *root, const char *release, struct dkms *dkms)
{
	memset(dkms, 0, sizeof(*dkms));
	if (!find_version(root, dkms))
		return;
	find_key(root, dkms);
	if (find_kernel(root, release, dkms) && !strcmp(dkms->kernel, release))
		dkms->state = DKMS_BUILT;
	else if (has_failed(root, release, dkms))
		dkms->state = DKMS_FAILED;
	else
		dkms->state = *dkms->kernel ? DKMS_OTHER_KERNEL : DKMS_NOT_BUILT;
}
