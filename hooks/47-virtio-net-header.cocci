// SPDX-License-Identifier: GPL-2.0-only
/// Clear the header that virtio-net sends before filling it in.
///
// Why:     the header is in the packet's headroom or in its control block. The driver
//          writes the first ten bytes, the number of buffers only if receive buffers
//          are merged, and never the hash and its type. Two to eight bytes of old
//          memory would go to the host with each packet.
// Where:   drivers/net/virtio_net.c, xmit_skb(): 1 match
// Trees:   6.1-7.3. The include is of 38-net-full.
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
