// SPDX-License-Identifier: GPL-2.0-only
/// Fill all of the header that virtio-net sends.
///
// Why:     it lies in the packet's headroom or in its control block. Its first ten
//          bytes are written. The number of buffers is, if receive buffers are
//          merged, and the hash and its type never are: two to eight bytes of what
//          was there before go to the host with each packet.
// Where:   drivers/net/virtio_net.c, xmit_skb(): 1 match
// Trees:   6.1, 6.12, 7.3
// Outside: a branch not taken for each packet.

@header@
identifier f = xmit_skb;
@@
 f(...)
 {
 <...
+if (pguest_active())
+	memset(hdr, 0, hdr_len);
 if (virtio_net_hdr_from_skb(...))
	return -EPROTO;
 ...>
 }

@tunnel@
identifier f = xmit_skb;
@@
 f(...)
 {
 <...
+if (pguest_active())
+	memset(hdr, 0, hdr_len);
 if (virtio_net_hdr_tnl_from_skb(...))
	return -EPROTO;
 ...>
 }

@depends on header || tunnel@
@@
 #include <linux/module.h>
+#include <linux/pguest.h>
