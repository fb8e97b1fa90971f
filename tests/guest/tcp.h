/* SPDX-License-Identifier: GPL-2.0-only */
/* Connect to the host, and end a transfer so that both sides know it is whole. */
#ifndef TESTS_GUEST_TCP_H
#define TESTS_GUEST_TCP_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static inline int tcp_to_host(int port)
{
	struct sockaddr_in host = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr = { htonl(0x0a000202) },
	};
	int sock = socket(AF_INET, SOCK_STREAM, 0);

	if (sock < 0 || connect(sock, (struct sockaddr *)&host, sizeof(host))) {
		perror("tcp: connect");
		return -1;
	}
	return sock;
}

/* The host closes when it has read everything: that is the acknowledgement. */
static inline int tcp_finish(int sock)
{
	char end;

	shutdown(sock, SHUT_WR);
	if (read(sock, &end, 1) != 0) {
		perror("tcp: the host did not finish");
		return 1;
	}
	close(sock);
	return 0;
}

#endif
