// SPDX-License-Identifier: GPL-2.0-only
/*
 * Load another kernel, and start it.
 *
 *	kexec load IMAGE INITRAMFS COMMAND-LINE
 *	kexec crash IMAGE INITRAMFS COMMAND-LINE	it starts when this kernel panics
 *	kexec jump
 */
#include <fcntl.h>
#include <linux/kexec.h>
#include <linux/reboot.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fail(const char *what)
{
	perror(what);
	return 1;
}

static int load(const char *image, const char *initramfs, const char *line, unsigned long flags)
{
	int kernel = open(image, O_RDONLY), initrd = open(initramfs, O_RDONLY);

	if (kernel < 0)
		return fail(image);
	if (initrd < 0)
		return fail(initramfs);
	if (syscall(SYS_kexec_file_load, kernel, initrd, strlen(line) + 1, line, flags))
		return fail("kexec_file_load");
	return 0;
}

/* What was not written to a disk is lost. */
static int jump(void)
{
	syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, LINUX_REBOOT_MAGIC2, LINUX_REBOOT_CMD_KEXEC, NULL);
	return fail("reboot");
}

int main(int argc, char **argv)
{
	if (argc == 5 && !strcmp(argv[1], "load"))
		return load(argv[2], argv[3], argv[4], 0);
	if (argc == 5 && !strcmp(argv[1], "crash"))
		return load(argv[2], argv[3], argv[4], KEXEC_FILE_ON_CRASH);
	if (argc == 2 && !strcmp(argv[1], "jump"))
		return jump();
	puts("usage: kexec load|crash IMAGE INITRAMFS COMMAND-LINE | kexec jump");
	return 2;
}
