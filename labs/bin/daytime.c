// SPDX-License-Identifier: GPL-2.0
/*
 * A daytime server (RFC 867), written four ways.  It is a program for TCP: ttp run makes
 * it one for TTP.  Unlike the RFC's it waits for a line of the client's before it answers,
 * so that a client can be slow.
 *
 *	daytime iterative PORT		one client after the other
 *	daytime process PORT		a process for each connection
 *	daytime thread PORT		a thread for each connection
 *	daytime pool PORT [THREADS]	so many threads (4), which take turns
 */
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int listener;

static void die(const char *what)
{
	perror(what);
	exit(1);
}

/* What all four do with a client: wait for its line, say the time, close. */
static void serve(int client)
{
	char line[100], answer[100];
	time_t now;

	if (read(client, line, sizeof(line)) > 0) {
		now = time(NULL);
		strftime(answer, sizeof(answer), "%A, %B %d, %Y %H:%M:%S-%Z\n", localtime(&now));
		if (write(client, answer, strlen(answer)) < 0)
			perror("write");
	}
	close(client);
}

static int next_client(void)
{
	int client = accept(listener, NULL, NULL);

	if (client < 0)
		die("accept");
	return client;
}

/* While it serves one, it accepts no other. */
static void iterative(void)
{
	for (;;)
		serve(next_client());
}

static void process_each(void)
{
	signal(SIGCHLD, SIG_IGN);	/* a child that ends leaves nothing */
	for (;;) {
		int client = next_client();

		switch (fork()) {
		case 0:
			close(listener);
			serve(client);
			exit(0);
		case -1:
			perror("fork");
		}
		close(client);		/* the child has it, too */
	}
}

static void *serve_one(void *client)
{
	serve((int)(long)client);
	return NULL;
}

static void thread_each(void)
{
	for (;;) {
		int client = next_client();
		pthread_t thread;

		if (pthread_create(&thread, NULL, serve_one, (void *)(long)client))
			close(client);	/* no more threads: this client is turned away */
		else
			pthread_detach(thread);
	}
}

static void *serve_all(void *unused)
{
	iterative();
	return unused;
}

/* Each thread is an iterative server; all of them accept from the one listener. */
static void pool(int threads)
{
	pthread_t thread;

	while (--threads > 0)
		if (pthread_create(&thread, NULL, serve_all, NULL))
			die("pthread_create");
	serve_all(NULL);
}

int main(int argc, char **argv)
{
	struct sockaddr_in here = { .sin_family = AF_INET };

	if (argc < 3) {
		fprintf(stderr, "usage: daytime iterative|process|thread|pool PORT [THREADS]\n");
		return 2;
	}
	here.sin_port = htons(atoi(argv[2]));
	listener = socket(AF_INET, SOCK_STREAM, 0);
	if (listener < 0)
		die("socket");
	if (bind(listener, (struct sockaddr *)&here, sizeof(here)))
		die("bind");
	if (listen(listener, 128))
		die("listen");
	if (!strcmp(argv[1], "process"))
		process_each();
	else if (!strcmp(argv[1], "thread"))
		thread_each();
	else if (!strcmp(argv[1], "pool"))
		pool(argc > 3 ? atoi(argv[3]) : 4);
	else
		iterative();
	return 0;
}
