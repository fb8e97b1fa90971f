// SPDX-License-Identifier: GPL-2.0-only
/*
 * One TCP transfer with the host (10.0.2.2 of QEMU's user network).
 *
 *	tcp send PORT <data		tcp receive PORT >data
 *
 * Or many that receive and do not read, until the program is killed:
 *
 *	tcp hold PORT SOCKETS MIB >bytes-held
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "tcp.h"

#define MAX_SOCKETS	64

/* The sockets are as full as they get when nothing has come for so many seconds. */
#define STILL		3

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

static long held(const int *socks, int count)
{
	long sum = 0;
	int bytes;

	for (int i = 0; i < count; i++)
		sum += ioctl(socks[i], FIONREAD, &bytes) ? 0 : bytes;
	return sum;
}

/* The kernel makes a buffer twice as large, and counts more than the data in it. */
static int hold(int port, int count, int mib)
{
	int socks[MAX_SOCKETS], bytes = mib << 20;
	long before = -1, now = 0;

	if (count > MAX_SOCKETS)
		return 2;
	for (int i = 0; i < count; i++) {
		socks[i] = tcp_to_host(port);
		if (socks[i] < 0 ||
		    setsockopt(socks[i], SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof(bytes)))
			return 1;
	}
	for (int still = 0; still < STILL; still = now == before ? still + 1 : 0) {
		before = now;
		sleep(1);
		now = held(socks, count);
	}
	printf("%ld\n", now);
	fflush(stdout);
	pause();
	return 0;
}

int main(int argc, char **argv)
{
	int sock;

	if (argc == 5 && strcmp(argv[1], "hold") == 0)
		return hold(atoi(argv[2]), atoi(argv[3]), atoi(argv[4]));
	if (argc != 3) {
		puts("usage: tcp send|receive PORT, or tcp hold PORT SOCKETS MIB");
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
