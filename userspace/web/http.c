// SPDX-License-Identifier: GPL-2.0
/*
 * Who may ask what, by libmicrohttpd.  In this order: Host is an address of ours, so that
 * no name of somebody else's leads here (DNS rebinding); the path begins with the token;
 * there is such a path (404) with such a method (405); what changes something comes from
 * our own page (Origin), as JSON, and is not large.  Called by web.c.  Next: ask.c.
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/base.h"
#include "web/mhd.h"
#include "web/web.h"

#define IDLE_S		15	/* so long may a browser say nothing */

struct mhd mhd;
static struct MHD_Daemon *daemon_;

/* A request whose body comes piece by piece. */
struct request {
	const struct ask *ask;
	char body[BODY_MAX + 1];
	size_t len;
	bool too_large;
};

#define MHD_LOAD(name) { "MHD_" #name, (void **)&mhd.name },

/* Return: TTP_OK, or TTP_FAILED after saying what to install. */
int http_load(void)
{
	static const struct {
		const char *name;
		void **to;
	} functions[] = { MHD_FUNCTIONS(MHD_LOAD) };
	void *library = dlopen("libmicrohttpd.so.12", RTLD_NOW);

	for (size_t i = 0; i < ARRAY_SIZE(functions); i++) {
		*functions[i].to = library ? dlsym(library, functions[i].name) : NULL;
		if (!*functions[i].to)
			return fail("web needs libmicrohttpd: apt install libmicrohttpd12 (%s)",
				    dlerror());
	}
	return TTP_OK;
}

/* ---- answers ---- */

static void header(struct MHD_Response *response, const char *name, const char *value)
{
	mhd.add_response_header(response, name, value);
}

/* What a browser may do with whatever comes from here. */
static void put_headers(struct MHD_Response *response, const struct answer *answer)
{
	char policy[1024];

	snprintf(policy, sizeof(policy), "%s; frame-ancestors 'none'",
		 answer->policy ? answer->policy : "default-src 'none'");
	header(response, "Content-Security-Policy", policy);
	header(response, "Content-Type", answer->type ? answer->type : "text/plain; charset=utf-8");
	header(response, "Cache-Control", "no-store");
	header(response, "Referrer-Policy", "same-origin");
	header(response, "X-Content-Type-Options", "nosniff");
	header(response, "X-Frame-Options", "DENY");
	header(response, "Cross-Origin-Resource-Policy", "same-origin");
	header(response, "Cross-Origin-Opener-Policy", "same-origin");
}

static enum MHD_Result send_answer(struct MHD_Connection *connection, int status,
				   struct answer *answer)
{
	struct MHD_Response *response = answer->stream;
	enum MHD_Result result;

	if (!response)
		response = mhd.create_response_from_buffer(answer->text ? strlen(answer->text) : 0,
							   answer->text ? answer->text : "",
							   MHD_RESPMEM_MUST_COPY);
	free(answer->text);
	if (!response) {
		free(answer->policy);
		return MHD_NO;
	}
	put_headers(response, answer);
	free(answer->policy);
	if (status == 405)
		header(response, "Allow", answer->allow);
	/* the rest of a body that nobody wants is not waited for */
	if (status != 200)
		header(response, "Connection", "close");
	result = mhd.queue_response(connection, status, response);
	mhd.destroy_response(response);
	return result;
}

/* ---- who asks ---- */

static const char *header_of(struct MHD_Connection *connection, const char *name)
{
	return mhd.lookup_connection_value(connection, MHD_HEADER_KIND, name);
}

/* Is @host, as a browser says it, @name with our port? */
static bool is_name(const struct web *web, const char *host, const char *name)
{
	char text[128];

	snprintf(text, sizeof(text), strchr(name, ':') ? "[%s]:%lu" : "%s:%lu", name, web->port);
	if (!strcasecmp(host, text))
		return true;
	*strrchr(text, ':') = '\0';
	return web->port == 80 && !strcasecmp(host, text);
}

/* Browsers write ::ffff:127.0.0.1 as ::ffff:7f00:1.  Return: @host, or in @buf as we write it. */
static const char *our_way(const char *host, char buf[80])
{
	char text[INET6_ADDRSTRLEN], port[16] = "";
	struct in6_addr addr;

	if (sscanf(host, "[%45[0-9a-fA-F:.]]%15s", text, port) < 1 || inet_pton(AF_INET6, text, &addr) != 1)
		return host;
	snprintf(buf, 80, "[%s]%s", inet_ntop(AF_INET6, &addr, text, sizeof(text)), port);
	return buf;
}

static bool is_ours(const struct web *web, const char *host)
{
	char buf[80];

	host = host ? our_way(host, buf) : NULL;
	return host && (is_name(web, host, "127.0.0.1") || is_name(web, host, "localhost") ||
			is_name(web, host, "::1") || is_name(web, host, web->address));
}

/* Return: what follows "/TOKEN/"; NULL: the token is another.  It takes always as long. */
static const char *path_of(const struct web *web, const char *url)
{
	unsigned char differs = 0;

	if (strlen(url) < TOKEN_SIZE + 1 || url[0] != '/' || url[TOKEN_SIZE] != '/')
		return NULL;
	for (int i = 0; i < TOKEN_SIZE - 1; i++)
		differs |= url[1 + i] ^ web->token[i];
	return differs ? NULL : url + TOKEN_SIZE + 1;
}

/* A page elsewhere cannot say that it is ours, and cannot send JSON without asking. */
static int check_origin(struct MHD_Connection *connection, struct answer *answer)
{
	const char *origin = header_of(connection, "Origin");
	const char *type = header_of(connection, "Content-Type");
	char ours[160];

	snprintf(ours, sizeof(ours), "http://%s", header_of(connection, "Host"));
	if (!origin || strcasecmp(origin, ours))
		return answer_line(answer, 403, "only the page itself may ask this");
	if (!type || strcasecmp(type, "application/json"))
		return answer_line(answer, 415, "the body has to be application/json");
	return 200;
}

static int check_length(struct MHD_Connection *connection, struct answer *answer)
{
	const char *length = header_of(connection, "Content-Length");
	unsigned long len;

	if (length && (parse_number(length, BODY_MAX, &len)))
		return answer_line(answer, 413, "a request has at most %d bytes", BODY_MAX);
	return 200;
}

/* Return: 200, or the status with which the request ends. */
static int check(const struct web *web, struct MHD_Connection *connection, const char *url,
		 const char *method, struct request *req, struct answer *answer)
{
	const char *path;
	int status;

	if (!is_ours(web, header_of(connection, "Host")))
		return answer_line(answer, 403, "this address is not the one that ttp web has printed");
	path = path_of(web, url);
	if (!path)
		return answer_line(answer, 403,
				   "the token is missing: use the address that ttp web has printed");
	req->ask = ask_find(path, method, &answer->allow);
	if (!answer->allow)
		return answer_line(answer, 404, "there is nothing of this name");
	if (!req->ask)
		return answer_line(answer, 405, "%s is not what this is asked by", method);
	status = strcmp(method, "POST") ? 200 : check_origin(connection, answer);
	return status == 200 ? check_length(connection, answer) : status;
}

/* ---- what is asked ---- */

static const char *query_value(void *arg, const char *name)
{
	return mhd.lookup_connection_value(arg, MHD_GET_ARGUMENT_KIND, name);
}

static int open_stream(struct MHD_Connection *connection, struct answer *answer)
{
	if (stream_full())
		return answer_line(answer, 503, "%d pages look already: close one", STREAMS_MAX);
	answer->stream = stream_new(connection, header_of(connection, "Last-Event-ID"));
	answer->type = "text/event-stream";
	return answer->stream ? 200 : 500;
}

static int act(struct web *web, struct MHD_Connection *connection, struct request *req,
	       struct answer *answer)
{
	struct given given = { 0 };
	int status = 200;

	if (req->too_large)
		return answer_line(answer, 413, "a request has at most %d bytes", BODY_MAX);
	if (req->ask->act == act_events)
		return open_stream(connection, answer);
	if (strcmp(req->ask->method, "POST"))
		ask_read_query(req->ask, query_value, connection, &given);
	else
		status = ask_read_body(web, req->ask, req->body, &given, answer);
	if (status == 200 && req->ask->live && web->recording)
		status = answer_line(answer, 409, "this is a recording: nothing can be changed");
	return status == 200 ? req->ask->act(web, req->ask, &given, answer) : status;
}

static void take_body(struct request *req, const char *data, size_t len)
{
	if (len > BODY_MAX - req->len || memchr(data, '\0', len)) {
		req->too_large = true;
		return;
	}
	memcpy(req->body + req->len, data, len);
	req->len += len;
}

static struct client *client_of(struct MHD_Connection *connection)
{
	return mhd.get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static void on_connection(void *arg, struct MHD_Connection *connection, void **client,
			  enum MHD_ConnectionNotificationCode what)
{
	if (what == MHD_CONNECTION_NOTIFY_CLOSED)
		client_end(*client);
	else
		*client = client_new(mhd.get_connection_info(connection,
					MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd);
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *data,
				  size_t *len, void **state)
{
	struct request *req = *state;
	struct answer answer = { 0 };
	struct web *web = arg;
	int status;

	if (!req) {
		req = calloc(1, sizeof(*req));
		if (!req)
			return MHD_NO;
		*state = req;
		status = check(web, connection, url, method, req, &answer);
		return status == 200 ? MHD_YES : send_answer(connection, status, &answer);
	}
	if (*len) {
		take_body(req, data, *len);
		*len = 0;
		return MHD_YES;
	}
	status = act(web, connection, req, &answer);
	client_step(client_of(connection), answer.stream ? CLIENT_LOOKS : CLIENT_IS_ANSWERED);
	return send_answer(connection, status, &answer);
}

static void on_end(void *arg, struct MHD_Connection *connection, void **state,
		   enum MHD_RequestTerminationCode why)
{
	client_step(client_of(connection), CLIENT_ASKS);
	free(*state);
	*state = NULL;
}

/* What it would say on standard error is about clients that went away. */
static void on_log(void *arg, const char *fmt, va_list args)
{
}

/* "%41" in an address is no "A" here: nothing in the table needs it. */
static size_t keep_escaped(void *arg, struct MHD_Connection *connection, char *text)
{
	return strlen(text);
}

/* ---- the server ---- */

/* @listener: a socket that listens.  Return: exit status. */
int http_start(struct web *web, int listener)
{
	daemon_ = mhd.start_daemon(MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG,
				   0, NULL, NULL, on_request, web,
				   MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
				   MHD_OPTION_LISTEN_SOCKET, listener,
				   MHD_OPTION_CONNECTION_LIMIT, (unsigned int)CLIENTS_MAX,
				   MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)IDLE_S,
				   MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)32768,
				   MHD_OPTION_UNESCAPE_CALLBACK, keep_escaped, NULL,
				   MHD_OPTION_NOTIFY_COMPLETED, on_end, NULL,
				   MHD_OPTION_NOTIFY_CONNECTION, on_connection, NULL,
				   MHD_OPTION_END);
	return daemon_ ? TTP_OK : fail("the server could not be started: %s", strerror(errno));
}

/* What to poll for. */
int http_fd(void)
{
	return mhd.get_daemon_info(daemon_, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

/* How long may be waited, at most @most_ms? */
int http_timeout(int most_ms)
{
	MHD_UNSIGNED_LONG_LONG ms;

	return mhd.get_timeout(daemon_, &ms) == MHD_YES && ms < (unsigned int)most_ms ?
	       (int)ms : most_ms;
}

void http_run(void)
{
	mhd.run(daemon_);
}

/* Closes all, the listener too. */
void http_stop(void)
{
	stream_wake();
	mhd.run(daemon_);
	stream_wake();
	mhd.stop_daemon(daemon_);
}
