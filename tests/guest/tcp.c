// SPDX-License-Identifier: GPL-2.0-only
/*
 * One TCP transfer with the host (10.0.2.2 of QEMU's user network).
 *
 *	tcp send PORT <data		tcp receive PORT >data
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tcp.h"

static char buffer[1 << 17];

static int copy(int from, int to)
{
	ssize_t got;

	while ((got = read(from, buffer, sizeof(buffer))) > 0) {
		for (ssize_t done = 0; done < got; ) {
			ssize_t n = write(to, buffer + done, got - done);

			if (n <= 0) {
				perror("tcp: write");
				return 1;
			}
			done += n;
		}
	}
	if (got < 0)
		perror("tcp: read");
	return got < 0;
}

int main(int argc, char **argv)
{
	int sock;

	if (argc != 3) {
		puts("usage: tcp send|receive PORT");
		return 2;
	}
	sock = tcp_to_host(atoi(argv[2]));
	if (sock < 0)
		return 1;
	if (strcmp(argv[1], "receive") == 0)
		return copy(sock, STDOUT_FILENO);

	if (copy(STDIN_FILENO, sock))
		return 1;
	return tcp_finish(sock);
}
