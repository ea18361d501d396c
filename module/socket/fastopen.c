// SPDX-License-Identifier: GPL-2.0
/*
 * fastopen.c - TCP Fast Open (RFC 7413) as a program asks for it: data with connect(), by
 * MSG_FASTOPEN or by the first write after TTP_FASTOPEN_CONNECT, and the socket options.
 *
 * Called by connect.c, stream.c and sockopt.c. Context: process.
 *
 * Next: conn/fastopen.c for cookies, core/fastopen.c for what happens to the connection.
 */
#include <net/inet_common.h>

#include "ttp.h"

/* Queue data that is to go with the SYN, as much as that has room for.  Nothing was written before.
 * Return: bytes queued; without memory they are less, or 0.
 */
static int syn_data(struct sock *sk, struct msghdr *msg)
{
	u32 most = ttp_fastopen_room(&ttp_sk(sk)->tcb);
	size_t all = msg_data_left(msg), n = min_t(size_t, all, most), copied = 0;
	int done;

	while (copied < n) {
		iov_iter_truncate(&msg->msg_iter, n - copied);
		done = ttp_stream_write(sk, msg, NULL);
		if (done > 0)
			copied += done;
		iov_iter_reexpand(&msg->msg_iter, all - copied);
		if (done <= 0)
			break;
	}
	return copied;
}

/**
 * ttp_fastopen_open - what goes with the SYN, when the program asks for it
 * @sk: socket lock held, after ttp_user_connect()
 *
 * Return: true when the SYN is to wait for what the program writes first.
 */
bool ttp_fastopen_open(struct sock *sk)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	struct ttp_cookie cookie;
	u16 mss, path = tsk->tcb.route.mss - ttp_ip_options_len(sk);
	int can;

	if (!tsk->syn_msg && !tsk->fastopen_connect)
		return false;
	can = ttp_fastopen_cookie(sk, &cookie, &mss);
	if (can < 0 || !ttp_memory_flow(sk))
		return false;
	ttp_fastopen_connect(&tsk->tcb, can == 2 ? NULL : &cookie,
			     min(mss ?: tsk->tcb.route.advmss, path));
	if (tsk->syn_msg)
		tsk->syn_copied = syn_data(sk, tsk->syn_msg);
	return can && !tsk->syn_msg;
}

/* The first write of a socket that TTP_FASTOPEN_CONNECT let wait: now the SYN is sent. */
static void open_deferred(struct sock *sk, struct msghdr *msg)
{
	struct ttp_sock *tsk = ttp_sk(sk);

	ttp_inet_assign(sk, DEFER_CONNECT, defer_connect, 0);
	if (tsk->tcb.conn.state != TTP_SYN_SENT)
		return;		/* the peer has connected to us meanwhile, or reset it */
	tsk->syn_copied = syn_data(sk, msg);
	tsk->tcb.pending = TTP_PEND_SYN;
	ttp_xmit_push(sk);
}

/**
 * ttp_fastopen_sendmsg - active OPEN with data: sendto() with MSG_FASTOPEN, or the first
 * write after TTP_FASTOPEN_CONNECT
 * @sk: socket lock held, which is released while it waits
 * @msg: where to connect to, and the data; what went with the SYN is taken out of it
 *
 * Return: 0 when the connection is established; -EINPROGRESS when it is not yet, and the
 * program does not wait; -EOPNOTSUPP, -EALREADY, or the errno of connect().
 */
int ttp_fastopen_sendmsg(struct sock *sk, struct msghdr *msg)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	struct sockaddr_unsized *to = msg->msg_name;
	bool deferred = ttp_inet_flag(sk, DEFER_CONNECT, defer_connect);
	int err;

	if (!ttp_fastopen_client(sk) ||
	    (to && msg->msg_namelen >= sizeof(to->sa_family) && to->sa_family == AF_UNSPEC))
		return -EOPNOTSUPP;
	if (tsk->syn_msg)
		return -EALREADY;
	tsk->syn_copied = 0;
	tsk->syn_msg = msg;
	if (deferred)
		open_deferred(sk, msg);
	err = __inet_stream_connect(sk->sk_socket, to, msg->msg_namelen,
				    msg->msg_flags & MSG_DONTWAIT ? O_NONBLOCK : 0, 1);
	if (tsk->syn_msg == msg)
		tsk->syn_msg = NULL;
	/* connect() was called before, but what it began is only beginning now */
	return deferred && err == -EALREADY ? -EINPROGRESS : err;
}

/**
 * ttp_fastopen_set - setsockopt() of TTP_FASTOPEN, _CONNECT, _NO_COOKIE
 * @sk: socket lock held; in CLOSED or LISTEN, but for the client's option in CLOSED
 * @name: which
 * @val: its value
 *
 * Return: 0, -EINVAL, -EOPNOTSUPP.
 */
int ttp_fastopen_set(struct sock *sk, int name, int val)
{
	struct ttp_sock *tsk = ttp_sk(sk);
	u8 state = tsk->tcb.conn.state;

	if (val < 0 || (name != TTP_FASTOPEN && val > 1))
		return -EINVAL;
	if (name == TTP_FASTOPEN_CONNECT && !ttp_fastopen_client(sk))
		return -EOPNOTSUPP;
	if (state != TTP_CLOSED && (state != TTP_LISTEN || name == TTP_FASTOPEN_CONNECT))
		return -EINVAL;
	if (name == TTP_FASTOPEN)
		ttp_fastopen_listen(sk, val);
	else if (name == TTP_FASTOPEN_CONNECT)
		tsk->fastopen_connect = val;
	else
		WRITE_ONCE(tsk->fastopen_no_cookie, val);
	return 0;
}

/* setsockopt() of TTP_FASTOPEN_KEY: one key, or two: the one in use, and the one before. */
int ttp_fastopen_set_key(struct sock *sk, sockptr_t optval, unsigned int len)
{
	u8 key[2 * TTP_FASTOPEN_KEY_LEN];

	if (len != TTP_FASTOPEN_KEY_LEN && len != sizeof(key))
		return -EINVAL;
	if (copy_from_sockptr(key, optval, len))
		return -EFAULT;
	return ttp_fastopen_set_keys(sock_net(sk), sk, key,
				     len == sizeof(key) ? key + TTP_FASTOPEN_KEY_LEN : NULL);
}
