# SPDX-License-Identifier: GPL-2.0
#
# What the Makefiles of programs for the test VM share: linked statically, so that they need
# nothing there.  HEADS, set before this is included: headers that all of them depend on.

CFLAGS ?= -O2 -g
CFLAGS += -D_GNU_SOURCE -Wall -Wextra -Wno-unused-parameter -pthread -I../../module/uapi
LDFLAGS += -static -s -pthread

all:

bin/%.o: %.c $(HEADS) ../../module/uapi/linux/ttp.h | bin
	$(CC) $(CFLAGS) -c -o $@ $<

bin:
	mkdir -p $@

clean:
	$(RM) -r bin

.PHONY: all clean
.SECONDARY:
