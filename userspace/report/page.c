// SPDX-License-Identifier: GPL-2.0
/*
 * Writes the page.  Its policy lets the browser run the two scripts that are in it,
 * which it names by their hashes, and load nothing at all, but for what a live page asks
 * where it came from.  What comes from a recording is JSON, in which no "<" is left.
 * Called by report.c and ttp web.
 */
#include <errno.h>
#include <netinet/in.h>
#include <resolv.h>
#include <sha2.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "report/report.h"

/* Where Debian's packages put it: node-d3, and libjs-d3 if it is a newer one. */
static const char *const libraries[] = {
	"/usr/share/nodejs/d3/dist/d3.min.js",
	"/usr/share/javascript/d3/d3.min.js",
};

#define LIBRARY_MAX	(4 << 20)

static char *read_file(const char *name)
{
	char *text = xrealloc(NULL, LIBRARY_MAX, 1);
	FILE *in = fopen(name, "re");
	size_t len;

	if (!in) {
		free(text);
		return NULL;
	}
	len = fread(text, 1, LIBRARY_MAX - 1, in);
	text[len] = '\0';
	if (ferror(in) || len == LIBRARY_MAX - 1) {
		free(text);
		text = NULL;
	}
	fclose(in);
	return text;
}

/* Return: D3's text, to be freed; NULL after saying where to get it. */
char *page_library(void)
{
	const char *name = getenv("TTP_D3");
	char *text = NULL;

	if (name)
		text = read_file(name);
	for (size_t i = 0; !name && !text && i < ARRAY_SIZE(libraries); i++)
		text = read_file(libraries[i]);
	if (!text)
		fail("%s: the page is drawn by D3: apt install node-d3",
		     name ? name : libraries[0]);
	else if (strstr(text, "</script"))
		fail("%s ends a script within itself: it cannot be put into a page",
		     name ? name : libraries[0]);
	else
		return text;
	free(text);
	return NULL;
}

static void put(const struct asset *asset, FILE *out)
{
	fwrite(asset->begin, 1, asset->end - asset->begin, out);
}

#define HASH_MAX	(SHA256_DIGEST_LENGTH * 2)	/* in base64, with the 0 behind it */

/* SHA-256 in base64, as a policy names what may run */
static void hash(const void *data, size_t len, char text[HASH_MAX])
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA2_CTX ctx;

	SHA256Init(&ctx);
	SHA256Update(&ctx, data, len);
	SHA256Final(digest, &ctx);
	b64_ntop(digest, sizeof(digest), text, HASH_MAX);
}

/* What a browser may run and load: a Content-Security-Policy.  Return: to be freed. */
char *page_policy(const struct page *page, const char *library)
{
	char js[HASH_MAX], d3[HASH_MAX], css[HASH_MAX], *policy;

	hash(asset_js.begin, asset_js.end - asset_js.begin, js);
	hash(library, strlen(library), d3);
	hash(asset_css.begin, asset_css.end - asset_css.begin, css);
	if (asprintf(&policy, "default-src 'none'; "
		     "script-src 'sha256-%s' 'sha256-%s'; style-src 'sha256-%s'; img-src data:; "
		     "%sbase-uri 'none'; form-action 'none'", d3, js, css,
		     page->live ? "connect-src 'self'; " : "") < 0)
		exit(fail("out of memory"));
	return policy;
}

static void put_policy(const struct page *page, const char *library, FILE *out)
{
	char *policy = page_policy(page, library);

	fprintf(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"%s\">\n", policy);
	free(policy);
}

/*
 * Return: TTP_OK, or TTP_FAILED when it could not be written; the caller asks written()
 * as well.
 */
int page_write(const struct page *page, const char *library, FILE *out)
{
	fprintf(out, "<!DOCTYPE html>\n<html lang=\"%s\">\n<head>\n<meta charset=\"utf-8\">\n",
		page->lang);
	put_policy(page, library, out);
	fputs("<style>", out);
	put(&asset_css, out);
	fputs("</style>\n", out);
	put(&asset_html, out);
	fputs("<script type=\"application/json\" id=\"strings\">", out);
	put(strcmp(page->lang, "ko") ? &asset_en : &asset_ko, out);
	fprintf(out, "</script>\n<script type=\"application/json\" id=\"about\">"
		"{\"shown\":%lu,\"total\":%lu,\"lost\":%lu}</script>\n",
		page->shown, page->total, page->lost);
	if (page->live)
		fprintf(out, "<script type=\"application/json\" id=\"live\">%s</script>\n",
			page->live);
	fprintf(out, "<script type=\"application/json\" id=\"events\">[%s]</script>\n",
		page->events);
	fprintf(out, "<script>%s</script>\n<script>", library);
	put(&asset_js, out);
	fputs("</script>\n</body>\n</html>\n", out);
	return ferror(out) ? TTP_FAILED : TTP_OK;
}
