# SPDX-License-Identifier: GPL-2.0-only
"""Write a "newc" cpio archive, which is what an initramfs is.

Written here and not by cpio(1) because /dev/console must be in it and making
a device node on the host takes root.
"""

import stat


class Archive:
    def __init__(self):
        self.data = bytearray()
        self.inode = 0

    def directory(self, name):
        self._entry(name, stat.S_IFDIR | 0o755)

    def device(self, name, major, minor):
        self._entry(name, stat.S_IFCHR | 0o600, device=(major, minor))

    def link(self, name, target):
        self._entry(name, stat.S_IFLNK | 0o777, target.encode())

    def file(self, name, content, mode=0o755):
        self._entry(name, stat.S_IFREG | mode, content)

    def finish(self):
        self._entry("TRAILER!!!", 0)
        self.data += b"\0" * (-len(self.data) % 512)
        return bytes(self.data)

    def _entry(self, name, mode, content=b"", device=(0, 0)):
        self.inode += 1
        fields = (self.inode, mode, 0, 0, 1, 0, len(content), 0, 0, *device, len(name) + 1, 0)
        self.data += b"070701" + b"".join(b"%08X" % field for field in fields)
        self.data += name.encode() + b"\0"
        self._pad()
        self.data += content
        self._pad()

    def _pad(self):
        self.data += b"\0" * (-len(self.data) % 4)
