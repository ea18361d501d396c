// SPDX-License-Identifier: GPL-2.0
/*
 * af_ttp6.c - the sockets of IPv6: what af_ttp.c registers for IPv4, once more.
 *
 * Called by af_ttp.c. Context: process, while the module begins or ends.
 *
 * Next: ip/ipv6.c for the operations that differ.
 */
#include <net/protocol.h>

#include "datagram/datagram.h"

/* These two are what IPv4's are, but for what ttp_af6_register() writes there. */
struct proto ttp_prot6;
static struct proto_ops ops6 __ro_after_init;

struct inet_protosw ttp_protosw6 = {
	.type = SOCK_STREAM,
	.protocol = IPPROTO_TTP,
	.prot = &ttp_prot6,
	.ops = &ops6,
};

/**
 * ttp_af6_register - register the protocol's sockets of IPv6
 * @ops: IPv4's
 *
 * Return: 0, or a negative errno; 0 as well where IPv6 is switched off (ipv6.disable=1).
 */
int ttp_af6_register(const struct proto_ops *ops)
{
	if (!ipv6_mod_enabled())
		return 0;
	ttp_prot6 = ttp_prot;
	strscpy(ttp_prot6.name, "TTPv6", sizeof(ttp_prot6.name));
	ttp_prot6.obj_size = sizeof(struct ttp6_sock);
	ttp_set_pinfo_offset(&ttp_prot6, offsetof(struct ttp6_sock, inet6));
	ttp_ipv6_ops(&ops6, ops);
	return proto_register(&ttp_prot6, 1);
}

/* Take that back. */
void ttp_af6_unregister(void)
{
	if (ipv6_mod_enabled())
		proto_unregister(&ttp_prot6);
}

/* From now on socket(AF_INET6, ...) makes them, and those for datagrams.  It fails only for a
 * number that IPv6 has for itself.
 */
void ttp_af6_open(void)
{
	if (ipv6_mod_enabled())
		WARN_ON(inet6_register_protosw(&ttp_protosw6) ||
			inet6_register_protosw(&ttp_datagram_protosw6));
}

/* No further one is made. */
void ttp_af6_close(void)
{
	if (!ipv6_mod_enabled())
		return;
	inet6_unregister_protosw(&ttp_datagram_protosw6);
	inet6_unregister_protosw(&ttp_protosw6);
}
