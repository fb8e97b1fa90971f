// SPDX-License-Identifier: GPL-2.0-only
/*
 * The other end of the TCP transfers of tests/guest/measure.c, on the pKVM host
 * itself: what goes through no emulated device is counted to the instruction.
 *
 *	peer PORT_UP PORT_DOWN		takes all that comes, gives 16 MiB
 */
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define MIB	(1UL << 20)
#define GIFT	(16 * MIB)

static char buffer[MIB];

/* Closing acknowledges, see tcp.h. */
static void take(int sock)
{
	while (read(sock, buffer, sizeof(buffer)) > 0)
		;
}

static void give(int sock)
{
	size_t done = 0;
	ssize_t n;

	while (done < GIFT && (n = write(sock, buffer, sizeof(buffer))) > 0)
		done += n;
	shutdown(sock, SHUT_WR);
	if (read(sock, buffer, 1) < 0)
		perror("peer");
}

static int serve(int port, void (*work)(int sock))
{
	struct sockaddr_in any = { .sin_family = AF_INET, .sin_port = htons(port) };
	int on = 1, listener = socket(AF_INET, SOCK_STREAM, 0), sock;

	if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
	    bind(listener, (struct sockaddr *)&any, sizeof(any)) || listen(listener, 4)) {
		perror("peer");
		return 1;
	}
	while ((sock = accept(listener, NULL, NULL)) >= 0) {
		work(sock);
		close(sock);
	}
	perror("peer");
	return 1;
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		puts("usage: peer PORT_UP PORT_DOWN");
		return 2;
	}
	if (!fork())
		return serve(atoi(argv[1]), take);
	return serve(atoi(argv[2]), give);
}
