// SPDX-License-Identifier: GPL-2.0-only
/// A received packet is copied out of the bounce buffer as far as its buffer goes.
///
// Why:     the length is what the device says, and it is looked at after the
//          buffer was synchronised. Buffers are fragments of one mapped page:
//          a device that says more has what it likes copied over its
//          neighbours, which may be packets that were accepted already; past
//          the page swiotlb WARNs.
// Where:   drivers/net/virtio_net.c: 5 matches
// Trees:   7.3. Earlier ones map each buffer, and unmap what they mapped.
// Outside: a comparison for each packet.
// Options: --smpl-spacing

@call@
expression page, offset, len;
@@
-page_pool_dma_sync_for_cpu(rq->page_pool, page, offset, len)
+virtnet_sync(rq, ctx, page, offset, len)

@helper depends on call@
identifier f = check_mergeable_len;
typedef u32;
@@
+/* Have what the device says it wrote, of as much as it was given. */
+static void virtnet_sync(struct receive_queue *rq, void *ctx, struct page *page, u32 at, u32 len)
+{
+	struct virtnet_info *vi = rq->vq->vdev->priv;
+	u32 headroom = mergeable_ctx_to_headroom(ctx);
+	u32 tailroom = headroom ? sizeof(struct skb_shared_info) : 0;
+	u32 given = vi->hdr_len + GOOD_PACKET_LEN;
+
+	if (vi->mergeable_rx_bufs)
+		given = mergeable_ctx_to_truesize(ctx) - SKB_DATA_ALIGN(headroom + tailroom);
+	page_pool_dma_sync_for_cpu(rq->page_pool, page, at, min(len, given));
+}
+
 static int f(...)
 { ... }
