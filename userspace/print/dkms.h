/* SPDX-License-Identifier: GPL-2.0 */
#ifndef TTP_DKMS_H
#define TTP_DKMS_H

#include <stdbool.h>

enum dkms_state {
	DKMS_NOTHING,		/* it does not know the module */
	DKMS_NOT_BUILT,
	DKMS_OTHER_KERNEL,	/* it has built the module, but for other kernels only */
	DKMS_FAILED,
	DKMS_BUILT,
};

struct dkms {
	enum dkms_state state;
	char version[64];	/* of the module's sources */
	char kernel[128];	/* for which it has built the module: the running one, or another */
	char log[512];		/* what the compiler said when it failed */
	char key[512];		/* the certificate of the key it signs with; "" if it has none */
	bool enrolled;		/* the firmware's list of keys has it: MOK */
};

void dkms_look(const char *root, const char *release, struct dkms *dkms);

#endif
