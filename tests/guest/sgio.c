// SPDX-License-Identifier: GPL-2.0-only
/*
 * Commands for a SCSI disk that a program writes itself (SG_IO), of all sizes. Such a command cannot be cut, so a
 * program has to know how large one can be: BLKSECTGET says it.
 *
 *	sgio DISK
 *
 * Reads from the start of the disk with READ(10), and writes what it has read behind it with WRITE(10). Prints the
 * limit for the host, in bytes. SCSI: T10 SBC-3, 5.10 and 5.32; the header is of include/uapi in the kernel tree.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <scsi/sg.h>

#include <linux/fs.h>

#define SECTOR		512
#define READ_10		0x28
#define WRITE_10	0x2a
#define FIRST_WRITTEN	8192		/* sectors */
#define MOST		(256 * 1024)	/* a mapping of SWIOTLB's; with more, a device may want fewer segments */

static int command(int fd, int opcode, unsigned int first, unsigned char *data, unsigned int bytes)
{
	unsigned int nr = bytes / SECTOR;
	unsigned char cdb[10] = { opcode, 0, first >> 24, first >> 16, first >> 8, first, 0, nr >> 8, nr };
	unsigned char sense[32] = { 0 };
	struct sg_io_hdr io = {
		.interface_id = 'S',
		.dxfer_direction = opcode == READ_10 ? SG_DXFER_FROM_DEV : SG_DXFER_TO_DEV,
		.cmd_len = sizeof(cdb),
		.cmdp = cdb,
		.dxferp = data,
		.dxfer_len = bytes,
		.sbp = sense,
		.mx_sb_len = sizeof(sense),
		.timeout = 20000,
	};

	if (ioctl(fd, SG_IO, &io))
		return errno;
	return (io.info & SG_INFO_OK_MASK) == SG_INFO_OK && !io.resid ? 0 : EPROTO;
}

/* Written, and read back by the page cache */
static int moves(int fd, unsigned int bytes)
{
	unsigned char *data = aligned_alloc(4096, bytes + SECTOR), *back = malloc(bytes);
	int error;

	if (!data || !back)
		return ENOMEM;
	memset(data, 0, bytes);
	error = command(fd, READ_10, 0, data, bytes);
	if (!error && (pread(fd, back, bytes, 0) != bytes || memcmp(back, data, bytes)))
		error = EILSEQ;
	if (!error)
		error = command(fd, WRITE_10, FIRST_WRITTEN, data, bytes);
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	if (!error && (pread(fd, back, bytes, FIRST_WRITTEN * SECTOR) != bytes || memcmp(back, data, bytes)))
		error = EILSEQ;
	free(data);
	free(back);
	return error;
}

static int told(unsigned int bytes, unsigned int limit, int error)
{
	printf("%u bytes, of %u that are allowed: %s\n", bytes, limit, strerror(error));
	return 1;
}

int main(int argc, char **argv)
{
	int fd = argc > 1 ? open(argv[1], O_RDWR) : -1, error;
	unsigned short sectors = 0;
	unsigned int limit, bytes;

	if (fd < 0 || ioctl(fd, BLKSECTGET, &sectors)) {
		perror("a disk");
		return 2;
	}
	limit = sectors * SECTOR;
	printf("limit %u\n", limit);
	for (bytes = SECTOR; bytes <= limit && bytes <= MOST; bytes *= 2) {
		error = moves(fd, bytes);
		if (error)
			return told(bytes, limit, error);
	}
	/*
	 * BLKSECTGET is the limit that sysfs sets; the disk's own can be larger. Where the pages of such a buffer lie side
	 * by side it has few segments, and all of it is moved; otherwise the kernel refuses it before the device sees it.
	 */
	error = moves(fd, 4 * limit);
	return !error || error == EIO || error == EINVAL ? 0 : told(4 * limit, limit, error);
}
