// SPDX-License-Identifier: GPL-2.0
/*
 * RST in every state (RFC 9293 3.10.7, RFC 5961 3): exactly at RCV.NXT it ends
 * the connection, elsewhere in the window it is challenged, outside ignored.
 */
#include "peer.h"

/* MUST-12: a RST at RCV.NXT ends the connection (RFC 5961 3.2) */
TEST_SYNCHRONIZED(an_exact_RST_ends_it)
{
	inject(RST);
	expect_nothing();
	expect_closed();
}

/* RFC 9293 3.10.7.4: nor does it need to be without ACK */
TEST_SYNCHRONIZED(an_exact_RST_with_ACK_ends_it)
{
	inject(RST | ACK);
	expect_nothing();
	expect_closed();
}

/* RFC 5961 3.2: elsewhere in the window a RST is answered by a challenge ACK */
TEST_SYNCHRONIZED(a_RST_in_the_window_is_challenged)
{
	inject(RST, .seq = RCV_NXT + 1);
	expect(ACK);
	expect_unchanged();
}
