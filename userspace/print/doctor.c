// SPDX-License-Identifier: GPL-2.0
/*
 * ttp doctor: what keeps TTP from working here, and what to do, a line for each.
 * Each check looks at files below a root, which is / but in tests, or asks the
 * module by netlink.  Called by main().
 */
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <json-c/json.h>

#include "base/base.h"
#include "base/netns.h"
#include "base/options.h"
#include "base/table.h"
#include "print/dkms.h"
#include "print/print.h"
#include "read/event.h"
#include "read/nl.h"

#define CAPABILITY_NET_ADMIN	12
#define TAINT_DIE		7	/* bit of kernel.tainted: an oops */
#define FILE_MAX		(64 << 20)

enum result { FINE, WRONG, SKIPPED };

struct doctor {
	const char *root;
	const char *module;	/* the file; NULL: looked for */
	struct netns_list ns;
	bool json;
	struct json_object *list;
	char release[128];	/* of the running kernel */
	char file[PATH_MAX];	/* the module's, "" if there is none */
	struct dkms dkms;
	bool loaded;
	bool wrong;
};

/* A line: what is so, and if it is wrong what to do. */
static void say(struct doctor *d, enum result result, const char *check, const char *todo,
		const char *fmt, ...) __printf(5, 6);

static void say(struct doctor *d, enum result result, const char *check, const char *todo,
		const char *fmt, ...)
{
	static const char *const words[] = { [FINE] = "ok", [WRONG] = "WRONG", [SKIPPED] = "-" };
	struct json_object *obj;
	char text[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	event_clean_string(text);
	d->wrong |= result == WRONG;
	if (!d->json) {
		printf("%-6s %-11s %s%s%s\n", words[result], check, text, todo ? ": " : "",
		       todo ? todo : "");
		return;
	}
	obj = json_object_new_object();
	json_object_object_add(obj, "check", json_object_new_string(check));
	json_object_object_add(obj, "ok", result == SKIPPED ? NULL :
			       json_object_new_boolean(result == FINE));
	json_object_object_add(obj, "says", json_object_new_string(text));
	if (todo)
		json_object_object_add(obj, "do", json_object_new_string(todo));
	json_object_array_add(d->list, obj);
}

static const char *path_of(const struct doctor *d, const char *path)
{
	static char buf[1024];

	snprintf(buf, sizeof(buf), "%s%s", d->root, path);
	return buf;
}

static bool exists(const struct doctor *d, const char *path)
{
	return !access(path_of(d, path), F_OK);
}

/* The beginning of a small file.  Return: false if it cannot be read. */
static bool read_text(const struct doctor *d, const char *path, char *buf, size_t size)
{
	FILE *in = fopen(path_of(d, path), "re");
	size_t len;

	buf[0] = '\0';
	if (!in)
		return false;
	len = fread(buf, 1, size - 1, in);
	buf[len] = '\0';
	fclose(in);
	return true;
}

static void find_release(struct doctor *d)
{
	struct utsname name;

	if (!read_text(d, "/proc/sys/kernel/osrelease", d->release, sizeof(d->release)) &&
	    !uname(&name))
		snprintf(d->release, sizeof(d->release), "%s", name.release);
	d->release[strcspn(d->release, "\n")] = '\0';
}

/* The module's line of /proc/modules.  Return: false if it has none. */
static bool find_loaded(const struct doctor *d, char *line, size_t size)
{
	FILE *in = fopen(path_of(d, "/proc/modules"), "re");
	bool found = false;

	while (in && !found && fgets(line, size, in))
		found = !strncmp(line, "ttp ", 4);
	if (in)
		fclose(in);
	if (!found)
		line[0] = '\0';
	return found;
}

static bool take_file(struct doctor *d, const char *path)
{
	if (access(path, F_OK))
		return false;
	snprintf(d->file, sizeof(d->file), "%s", path);
	return true;
}

/* The module below folder; DKMS may compress it, as the kernel's own are. */
static bool take_module(struct doctor *d, const char *folder)
{
	static const char *const suffixes[] = { "", ".xz", ".zst", ".gz" };
	char path[1024];

	for (size_t i = 0; i < ARRAY_SIZE(suffixes); i++) {
		snprintf(path, sizeof(path), "%s/lib/modules/%s/%s/ttp.ko%s", d->root, d->release,
			 folder, suffixes[i]);
		if (take_file(d, path))
			return true;
	}
	return false;
}

/* Where modules are installed, or in the sources beside the tool. */
static void find_file(struct doctor *d)
{
	/* make modules_install keeps the name of our folder */
	static const char *const folders[] = {
		"updates", "updates/module", "updates/dkms", "extra", "extra/module", "kernel/net/ttp"
	};
	char path[PATH_MAX];

	if (d->module) {
		take_file(d, d->module);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		if (take_module(d, folders[i]))
			return;
	}
	if (!*d->root && beside_tool("../module/ttp.ko", path))
		take_file(d, path);
}

static void check_kernel(struct doctor *d)
{
	char path[256], todo[256];

	snprintf(path, sizeof(path), "/lib/modules/%s/build", d->release);
	snprintf(todo, sizeof(todo), "apt install linux-headers-%s", d->release);
	if (exists(d, path))
		say(d, FINE, "headers", NULL, "those of the running kernel %s are there", d->release);
	else if (d->loaded)
		say(d, SKIPPED, "headers", NULL, "none for %s, but the module is loaded", d->release);
	else
		say(d, WRONG, "headers", todo, "none for the running kernel %s", d->release);
}

/* What a module's file says of itself as KEY=.  Return: false if it says nothing. */
static bool read_modinfo(const char *file, const char *key, char *value, size_t size)
{
	FILE *in = fopen(file, "re");
	struct stat st;
	char *data, *at;
	size_t len;

	value[0] = '\0';
	if (!in || fstat(fileno(in), &st) || st.st_size > FILE_MAX) {
		if (in)
			fclose(in);
		return false;
	}
	data = xrealloc(NULL, st.st_size + 1, 1);
	len = fread(data, 1, st.st_size, in);
	data[len] = '\0';
	fclose(in);
	at = memmem(data, len, key, strlen(key));
	while (at && at > data && at[-1])	/* srcversion= has version= in it */
		at = memmem(at + 1, data + len - at - 1, key, strlen(key));
	if (at)
		snprintf(value, size, "%.*s", (int)strcspn(at + strlen(key), " "), at + strlen(key));
	free(data);
	return at;
}

/* Package ttp-dkms is installed, but there is no module for this kernel. */
static void check_dkms(struct doctor *d)
{
	const struct dkms *dkms = &d->dkms;
	char todo[768], build[256];

	snprintf(todo, sizeof(todo), "/lib/modules/%s/build", d->release);
	snprintf(build, sizeof(build), "dkms install ttp/%s -k %s", dkms->version, d->release);
	if (dkms->state == DKMS_BUILT) {
		say(d, WRONG, "module", build, "DKMS has built it for this kernel, but not installed it");
	} else if (!exists(d, todo)) {
		snprintf(todo, sizeof(todo), "apt install linux-headers-%s; then DKMS builds it",
			 d->release);
		say(d, WRONG, "module", todo, "DKMS cannot build it without headers");
	} else if (dkms->state == DKMS_FAILED) {
		snprintf(todo, sizeof(todo), "%s says why; the README which kernels TTP is for", dkms->log);
		say(d, WRONG, "module", todo, "DKMS could not build it for this kernel, %s", d->release);
	} else if (dkms->state == DKMS_OTHER_KERNEL) {
		say(d, WRONG, "module", build, "DKMS has built it for kernel %s, but not for this, %s",
		    dkms->kernel, d->release);
	} else {
		say(d, WRONG, "module", build, "ttp-dkms %s is installed, but DKMS has not built it",
		    dkms->version);
	}
}

static bool compressed(const char *file)
{
	return strcmp(strrchr(file, '.'), ".ko");
}

static void check_module(struct doctor *d)
{
	char magic[128];

	if (!d->file[0] && d->loaded && !d->module) {
		say(d, SKIPPED, "module", NULL, "its file is not here, but it is loaded");
	} else if (!d->file[0] && !d->module && d->dkms.state != DKMS_NOTHING) {
		check_dkms(d);
	} else if (!d->file[0]) {
		say(d, WRONG, "module", "make, in TTP's sources", "%s%sttp.ko is not %s",
		    d->module ? d->module : "", d->module ? ": " : "",
		    d->module ? "there" : "installed, nor beside the tool");
	} else if (!d->module && compressed(d->file)) {
		say(d, FINE, "module", NULL, "%s is there", d->file);
	} else if (!read_modinfo(d->file, "vermagic=", magic, sizeof(magic))) {
		say(d, WRONG, "module", "make clean all, in TTP's sources", "%s is no kernel module",
		    d->file);
	} else if (strcmp(magic, d->release)) {
		say(d, WRONG, "module", "make clean all, in TTP's sources",
		    "%s is built for kernel %s, this is %s", d->file, magic, d->release);
	} else {
		say(d, FINE, "module", NULL, "%s is built for this kernel", d->file);
	}
}

/* Does the kernel load what nobody has signed? */
static void check_refusal(struct doctor *d)
{
	static const char secure_boot[] =
		"/sys/firmware/efi/efivars/SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c";
	char lockdown[128], text[16], todo[600];
	const char *why = NULL;
	bool secure;

	secure = read_text(d, secure_boot, text, sizeof(text)) &&
		 access(path_of(d, secure_boot), R_OK) == 0 && text[4] == 1;
	read_text(d, "/sys/kernel/security/lockdown", lockdown, sizeof(lockdown));
	if (strstr(lockdown, "[integrity]") || strstr(lockdown, "[confidentiality]"))
		why = "the kernel is locked down";
	read_text(d, "/sys/module/module/parameters/sig_enforce", text, sizeof(text));
	if (!why && *text == 'Y')
		why = "module.sig_enforce is on";
	if (why && !d->loaded && d->dkms.state == DKMS_BUILT && d->dkms.enrolled) {
		say(d, FINE, "signature", NULL, "%s, but the key that DKMS signs with is enrolled", why);
		return;
	}
	if (why && !d->loaded && d->dkms.state == DKMS_BUILT && d->dkms.key[0]) {
		snprintf(todo, sizeof(todo), "mokutil --import %s, reboot, and enroll it there",
			 d->dkms.key);
		say(d, WRONG, "signature", todo, "%s%s: modules are refused until the key that DKMS "
		    "signs with is enrolled", why, secure ? " (Secure Boot)" : "");
		return;
	}
	if (why && !d->loaded) {
		say(d, WRONG, "signature", "sign it with a key of yours (mokutil --import), or switch "
		    "Secure Boot off in the firmware", "%s%s: unsigned modules are refused", why,
		    secure ? " (Secure Boot)" : "");
		return;
	}
	read_text(d, "/proc/sys/kernel/modules_disabled", text, sizeof(text));
	if (*text == '1' && !d->loaded)
		say(d, WRONG, "signature", "reboot",
		    "kernel.modules_disabled is 1: no module can be loaded any more");
	else
		say(d, FINE, "signature", NULL, "the kernel %s",
		    d->loaded ? "has taken the module" : "takes unsigned modules");
}

/* Is what is loaded made of the same sources as the file?  An upgrade changes the file only. */
static bool same_sources(const struct doctor *d)
{
	char loaded[64], file[64];

	if (!read_text(d, "/sys/module/ttp/srcversion", loaded, sizeof(loaded)) ||
	    !d->file[0] || !read_modinfo(d->file, "srcversion=", file, sizeof(file)))
		return true;
	loaded[strcspn(loaded, "\n")] = '\0';
	return !strcmp(loaded, file);
}

static void check_loaded(struct doctor *d, const char *line)
{
	char tainted[32], todo[PATH_MAX + 16];
	unsigned long taint;

	if (d->dkms.state == DKMS_NOTHING)
		snprintf(todo, sizeof(todo), "insmod %s", d->file[0] ? d->file : "module/ttp.ko");
	else
		snprintf(todo, sizeof(todo), "modprobe ttp");
	if (!d->loaded) {
		say(d, WRONG, "loaded", todo, "the module is not loaded");
		return;
	}
	read_text(d, "/proc/sys/kernel/tainted", tainted, sizeof(tainted));
	taint = strtoul(tainted, NULL, 10);
	if (strchr(line, '(') && strpbrk(strchr(line, '('), "FPC"))
		say(d, WRONG, "loaded", "rmmod ttp, build it for this kernel, and insmod it without -f",
		    "the module was forced in: it taints the kernel %.*s",
		    (int)strcspn(strchr(line, '('), "\n"), strchr(line, '('));
	else if (taint >> TAINT_DIE & 1)
		say(d, WRONG, "loaded", "see dmesg, and reboot", "the kernel has had an oops");
	else if (!same_sources(d))
		say(d, WRONG, "loaded", "rmmod ttp, and load it again",
		    "the module that is loaded is not that of %s", d->file);
	else
		say(d, FINE, "loaded", NULL, "the module is loaded");
}

static void check_sysctls(struct doctor *d)
{
	static const char *const names[] = {
		"congestion_control", "arq", "rmem", "offload", "history",
	};
	char path[128];

	if (!d->loaded) {
		say(d, SKIPPED, "sysctl", NULL, "not before the module is loaded");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "/proc/sys/net/ttp/%s", names[i]);
		if (exists(d, path))
			continue;
		say(d, WRONG, "sysctl", exists(d, "/proc/sys/net/ttp") ?
		    "rmmod ttp, and insmod the module of the same sources" :
		    "mount -t proc proc /proc, in this network namespace", "net.ttp.%s is missing",
		    names[i]);
		return;
	}
	say(d, FINE, "sysctl", NULL, "net.ttp is there");
}

static void check_namespaces(struct doctor *d)
{
	char flags[32], path[512];

	for (int i = 0; i < d->ns.count; i++) {
		if (!netns_path(d->ns.name[i], path, sizeof(path)) && !access(path, R_OK))
			continue;
		snprintf(path, sizeof(path), "ip netns add %s, or sudo", d->ns.name[i]);
		event_clean_string(path);
		say(d, WRONG, "netns", path, "network namespace %s cannot be entered", d->ns.name[i]);
		return;
	}
	if (read_text(d, "/sys/class/net/lo/flags", flags, sizeof(flags)) &&
	    !(strtoul(flags, NULL, 16) & 1))
		say(d, WRONG, "netns", "ip link set lo up",
		    "lo is down in this network namespace: no connection to 127.0.0.1");
	else
		say(d, FINE, "netns", NULL, "lo is up%s", d->ns.count ? ", those named are there" : "");
}

/* Without IPv6 TTP works by IPv4, so that nothing is wrong: what follows is said. */
static void check_ipv6(struct doctor *d)
{
	char text[16];

	read_text(d, "/proc/sys/net/ipv6/conf/all/disable_ipv6", text, sizeof(text));
	if (!exists(d, "/proc/net/if_inet6"))
		say(d, SKIPPED, "ipv6", NULL, "none in this kernel, or ipv6.disable=1: sockets for IPv6 "
		    "fail with EAFNOSUPPORT, IPv4 works");
	else if (*text == '1')
		say(d, SKIPPED, "ipv6", NULL, "net.ipv6.conf.all.disable_ipv6 is 1: no device has an "
		    "address of IPv6 in this network namespace, IPv4 works");
	else
		say(d, FINE, "ipv6", NULL, "IPv6 is there");
}

static void check_capability(struct doctor *d)
{
	char status[4096], *line;

	read_text(d, "/proc/self/status", status, sizeof(status));
	line = strstr(status, "\nCapEff:");
	if (!line)
		say(d, SKIPPED, "capability", NULL, "/proc/self/status does not say");
	else if (strtoull(line + 8, NULL, 16) >> CAPABILITY_NET_ADMIN & 1)
		say(d, FINE, "capability", NULL, "CAP_NET_ADMIN is there");
	else
		say(d, WRONG, "capability", "run it with sudo",
		    "no CAP_NET_ADMIN: monitor, ladder, record and fault fail");
}

/* Are module and tool of the same sources? */
static void check_family(struct doctor *d)
{
	static const uint8_t ours[] = {
		TTP_CMD_SOCK_GET, TTP_CMD_MIB_GET, TTP_CMD_STATES_GET, TTP_CMD_CONGESTION_GET,
		TTP_CMD_FAULT_GET,
	};
	static const char load[] = "rmmod ttp, and insmod the module of the tool's sources";
	struct nl_family family;

	if (!d->loaded) {
		say(d, SKIPPED, "netlink", NULL, "not before the module is loaded");
		return;
	}
	if (!nl_family(&family)) {
		say(d, WRONG, "netlink", load, "the module has no netlink family ttp");
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(ours); i++) {
		if (family.ops >> ours[i] & 1)
			continue;
		say(d, WRONG, "netlink", load, "the module is older than the tool: it has no request %u",
		    ours[i]);
		return;
	}
	if (family.version != TTP_FAMILY_VERSION)
		say(d, WRONG, "netlink", load, "the module speaks version %u, the tool %u",
		    family.version, TTP_FAMILY_VERSION);
	else if (family.ops >> TTP_CMD_MAX >> 1)
		say(d, WRONG, "netlink", "make, and make install, in the module's sources",
		    "the tool is older than the module: it does not know all of its requests");
	else
		say(d, FINE, "netlink", NULL, "module and tool speak the same");
}

static int run(struct doctor *d)
{
	char line[512] = "";

	d->list = json_object_new_array();
	find_release(d);
	find_file(d);
	dkms_look(d->root, d->release, &d->dkms);
	d->loaded = find_loaded(d, line, sizeof(line)) || exists(d, "/proc/net/ttp");
	check_kernel(d);
	check_module(d);
	check_refusal(d);
	check_loaded(d, line);
	check_sysctls(d);
	check_namespaces(d);
	check_ipv6(d);
	check_capability(d);
	check_family(d);
	if (d->json)
		print_json(json_object_get(d->list));
	json_object_put(d->list);
	return d->wrong ? TTP_FAILED : TTP_OK;
}

int doctor_main(int argc, char **argv)
{
	struct doctor d = { .root = "" };
	const struct opt opts[] = {
		OPT_NETNS(&d.ns),
		OPT_WORD('m', "module", "FILE", &d.module, "the module that is to be loaded"),
		OPT_WORD(0, "root", "DIR", &d.root, "look at /proc, /sys, /lib, /usr, /var below DIR; for tests"),
		OPT_SET('j', "json", &d.json, "as a JSON array"),
		OPT_END
	};
	const struct command command = {
		.name = "doctor",
		.synopsis = "[OPTION]...",
		.about = "Say what keeps TTP from working here and what to do: kernel headers, the "
			 "module's file, signatures, module, sysctls, namespaces, IPv6, capabilities, whether "
			 "module and tool fit.  The exit status is 1 if something is wrong.",
		.opts = opts,
	};
	int status = options_parse(argc, argv, &command);

	if (status >= 0)
		return status;
	if (options_no_more(argc, argv, &command))
		return TTP_USAGE;
	return run(&d);
}
