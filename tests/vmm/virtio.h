/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Virtio: what devices have in common in virtio.c, two transports, rings in queue.c, one file for each kind of device.
 */
#ifndef VMM_VIRTIO_H
#define VMM_VIRTIO_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/uio.h>

#define QUEUE_MAX	256
#define QUEUES		4
#define CHAIN_MAX	(QUEUE_MAX + 4)
#define CONFIG_SIZE	256

struct device;
struct attack;

struct queue {
	unsigned int index;
	struct device *device;
	uint32_t size;
	bool ready;
	bool broken;			/* not touched again until the next reset */
	uint64_t desc, avail, used;	/* addresses in the guest */
	uint16_t seen;			/* of the avail ring */
	uint16_t given;			/* to the used ring */
	uint16_t vector;		/* of MSI-X */
};

/* What one kind of device does. */
struct device_ops {
	const char *name;
	uint32_t type;
	unsigned int queues;
	unsigned int queue_size;	/* 0: QUEUE_MAX */
	/* The guest has kicked, or the backend is readable. */
	void (*work)(struct device *device);
	void (*reset)(struct device *device);
	/* The device's own part of the configuration space has been written. */
	void (*configured)(struct device *device);
};

/* How a device is found, set up and heard of. */
struct transport {
	void (*add)(struct device *device);
	void (*start)(struct device *device);	/* the VM is there, and the eventfd for kicks */
	void (*reset)(struct device *device);	/* by the driver */
	void (*queue_interrupt)(struct queue *queue);
	void (*config_interrupt)(struct device *device);
};

extern const struct transport virtio_mmio, virtio_pci;

struct device {
	const struct device_ops *ops;
	const struct transport *transport;
	uint64_t features, accepted;
	uint32_t feature_word, driver_feature_word;
	uint32_t status, selected;
	uint32_t generation;
	unsigned int slot;
	uint32_t interrupts;		/* InterruptStatus or ISR, under irq_lock */
	struct pci_function *pci;
	uint64_t kick_at;		/* on PCI: where, now */
	uint16_t config_vector;
	struct queue queue[QUEUES];
	uint8_t config[CONFIG_SIZE];
	pthread_mutex_t lock, irq_lock;
	pthread_t thread;
	int kick;			/* eventfd, by KVM_IOEVENTFD */
	int backend;			/* to wait for beside it, or -1 */
	bool want_backend;
	void *state;
	uint64_t requests, bytes;
	const struct attack *attack;	/* or NULL */
	uint64_t attacks;		/* how often */
};

static inline void virtio_config_changed(struct device *device)
{
	device->generation++;
	device->transport->config_interrupt(device);
}

/* virtio.c */
void virtio_use(const struct transport *transport);	/* before the first device */
struct device *virtio_add(const struct device_ops *ops, uint64_t features, int backend, void *state);
unsigned int virtio_devices(void);
struct device *virtio_device(unsigned int slot);
void virtio_start(void);
void virtio_stop(void);
/* For transports, with the device's lock */
void virtio_set_status(struct device *device, uint32_t status);
void virtio_accept(struct device *device, uint32_t word);
uint32_t virtio_offer(const struct device *device);
uint32_t virtio_queue_max(const struct device *device);
void virtio_set_queue_size(struct queue *queue, uint32_t size);
struct queue *virtio_selected(struct device *device);	/* NULL: there is no such queue */
uint64_t virtio_with_half(uint64_t address, uint32_t value, bool high);
/* These take it. */
uint64_t virtio_config_read(struct device *device, uint64_t offset, unsigned int size);
void virtio_config_write(struct device *device, uint64_t offset, uint64_t value, unsigned int size);

/* virtio-mmio.c */
uint64_t virtio_mmio_read(uint64_t offset, unsigned int size);
void virtio_mmio_write(uint64_t offset, uint64_t value, unsigned int size);

/* queue.c: one request of the guest's, its buffers found but not looked at */
struct chain {
	uint16_t head;
	uint64_t indirect;		/* address of its own table, or 0 */
	unsigned int outs, ins;		/* what the device reads come first */
	struct iovec iov[CHAIN_MAX];
	uint64_t ipa[CHAIN_MAX];
	size_t out_bytes, in_bytes;
};

bool queue_pop(struct queue *queue, struct chain *chain);
void queue_unpop(struct queue *queue, unsigned int chains);
void queue_push(struct queue *queue, const struct chain *chain, uint32_t written);
/* The two halves of it: fill in several, then let the guest see them all. */
void queue_fill(struct queue *queue, const struct chain *chain, uint32_t written);
void queue_publish(struct queue *queue);
void queue_notify(struct queue *queue);
/* Copy from what the device may read, or to what it may write; false if the guest did not share it. */
bool chain_read(struct queue *queue, const struct chain *chain, size_t offset, void *to, size_t size);
bool chain_write(struct queue *queue, const struct chain *chain, size_t offset, const void *from, size_t size);
/* After -EFAULT of a system call that was given the chain: say which buffer it was. */
void chain_blame(struct queue *queue, const struct chain *chain, bool in);
/* Part of the iovecs, for readv() and writev(). */
unsigned int chain_slice(const struct chain *chain, bool in, size_t offset, size_t size, struct iovec *out);

/* Devices, as the command line asks for them */
void blk_add(const char *path);
void net_add(const char *interface);
void rng_add(void);
void console_add(const char *path);
void balloon_add(const char *path);

/* attack.c: what a hostile device does instead, if it was asked to */
void attack_choose(const char *name);
void attack_add(struct device *device);
/* How often the request is completed: 0 is never. */
unsigned int attack_completion(struct queue *queue, const struct chain *chain, uint32_t *id, uint32_t *written);
bool attack_skips_data(struct queue *queue);
void attack_index(struct queue *queue);
void attack_afterwards(struct queue *queue);
void attack_ready(struct queue *queue);

#endif
