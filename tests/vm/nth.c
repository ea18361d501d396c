// SPDX-License-Identifier: GPL-2.0
/*
 * Loads a module while the kernel lets one allocation fail, the Nth of the system call:
 *
 *	nth N MODULE		N from 1
 *
 * Needs a kernel with CONFIG_FAULT_INJECTION.  Its exit status is 0 if the module was
 * loaded, 1 if it was not, and 2 if there was no Nth allocation.  What is loaded stays.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "sock.h"

int main(int argc, char **argv)
{
	char left[16] = "";
	int module, nth, loaded;

	if (argc != 3)
		fail("expected N and a module");
	module = OK(open(argv[2], O_RDONLY));
	nth = OK(open("/proc/thread-self/fail-nth", O_RDWR));
	OK(write(nth, argv[1], strlen(argv[1])));
	loaded = syscall(SYS_finit_module, module, "", 0) == 0;
	/* what has not been used up is still there */
	OK(pread(nth, left, sizeof(left) - 1, 0));
	OK(pwrite(nth, "0", 1, 0));
	if (atoi(left))
		return 2;
	return loaded ? 0 : 1;
}
