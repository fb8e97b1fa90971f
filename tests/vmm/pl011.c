// SPDX-License-Identifier: GPL-2.0-only
/*
 * A PL011 that sends and never receives: what the guest says goes to standard
 * output. The transmitter is always ready, so its interrupt is its mask.
 */
#include <pthread.h>
#include <unistd.h>

#include "vmm.h"

enum {
	UARTDR		= 0x00,
	UARTFR		= 0x18,
	UARTIBRD	= 0x24,
	UARTFBRD	= 0x28,
	UARTLCR_H	= 0x2c,
	UARTCR		= 0x30,
	UARTIFLS	= 0x34,
	UARTIMSC	= 0x38,
	UARTRIS		= 0x3c,
	UARTMIS		= 0x40,
	UARTICR		= 0x44,
	PERIPH_ID	= 0xfe0,
};

#define FR_RXFE		(1 << 4)
#define FR_TXFE		(1 << 7)
#define INT_TX		(1 << 5)

static const uint8_t ids[] = { 0x11, 0x10, 0x34, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint32_t registers[UARTICR / 4 + 1];
static uint32_t raw;

static void pl011_send(uint8_t byte)
{
	static char text[256];
	static unsigned int used;

	text[used++] = byte;
	if (byte != '\n' && used < sizeof(text))
		return;
	if (write(STDOUT_FILENO, text, used) < 0)
		say("a line of the guest's is lost");
	used = 0;
}

static void pl011_update(void)
{
	vm_set_spi(SPI_PL011, raw & registers[UARTIMSC / 4]);
}

uint64_t pl011_read(uint64_t offset)
{
	if (offset >= PERIPH_ID)
		return ids[(offset - PERIPH_ID) / 4 % sizeof(ids)];
	switch (offset) {
	case UARTFR:	return FR_TXFE | FR_RXFE;
	case UARTRIS:	return raw;
	case UARTMIS:	return raw & registers[UARTIMSC / 4];
	default:	return offset <= UARTICR ? registers[offset / 4] : 0;
	}
}

void pl011_write(uint64_t offset, uint64_t value)
{
	pthread_mutex_lock(&lock);
	if (offset == UARTDR) {
		pl011_send(value);
		raw |= INT_TX;
	} else if (offset == UARTICR) {
		raw &= ~value;
	} else if (offset <= UARTICR) {
		registers[offset / 4] = value;
	}
	if (offset == UARTDR || offset == UARTICR || offset == UARTIMSC)
		pl011_update();
	pthread_mutex_unlock(&lock);
}
