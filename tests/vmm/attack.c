// SPDX-License-Identifier: GPL-2.0-only
/* A hostile device: wrong answers, one kind at a time, to every third request. */
#include <string.h>

#include "virtio.h"
#include "vmm.h"

enum attack { NONE, LONG_LENGTH, WRONG_ID, HUGE_ID, TWICE };

static const struct {
	const char *name;
	enum attack attack;
} names[] = {
	{ "long-length", LONG_LENGTH },		/* more was written than there was room for */
	{ "wrong-id", WRONG_ID },		/* completes what was not asked for */
	{ "huge-id", HUGE_ID },			/* an id beyond the ring */
	{ "twice", TWICE },			/* completes it, and completes it again */
};

#define EVERY	3

static enum attack chosen;
static unsigned int pushes;

void attack_choose(const char *name)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!strcmp(names[i].name, name)) {
			chosen = names[i].attack;
			return;
		}
	}
	die("--attack %s: there is no such attack", name);
}

static bool now(void)
{
	return chosen && pushes % EVERY == 0;
}

/* Changes what the used ring is told. */
void attack_push(struct queue *queue, const struct chain *chain, uint32_t *id, uint32_t *written)
{
	__atomic_add_fetch(&pushes, 1, __ATOMIC_RELAXED);
	if (!now())
		return;
	switch (chosen) {
	case LONG_LENGTH:
		*written = 0x7fffffff;
		break;
	case WRONG_ID:
		*id = (chain->head + queue->size / 2) % queue->size;
		break;
	case HUGE_ID:
		*id = queue->size + 1;
		break;
	default:
		break;
	}
}

unsigned int attack_repeats(void)
{
	return chosen == TWICE && now() ? 2 : 1;
}
