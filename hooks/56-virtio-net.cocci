// SPDX-License-Identifier: GPL-2.0-only
/// Synchronise a received packet only as far as its buffer.
///
// Why:     the driver synchronises as many bytes as the device says, and checks the
//          length later. Buffers are fragments of one mapped page: with a larger
//          length the device overwrites the neighbours, which may be packets that
//          were accepted already; past the page swiotlb WARNs.
// Where:   drivers/net/virtio_net.c, virtnet_rq_get_buf(),
//            virtnet_clip(): 4 matches in 6.6-6.18
//          drivers/net/virtio_net.c, virtnet_clip(), xdp_linearize_page(),
//            virtnet_build_xdp_buff_mrg(), receive_mergeable(),
//            receive_buf(): 1 match each in 7.1-7.3
// Trees:   6.6-7.3. 6.1 maps each buffer on its own.
// Outside: a branch not taken for each packet.
// Options: --smpl-spacing

@pages@
expression page, offset, len;
@@
 page_pool_dma_sync_for_cpu(rq->page_pool, page, offset,
-	len)
+	virtnet_clip(rq, ctx, len))

@fragments@
identifier f = virtnet_rq_get_buf;
identifier rq, len, ctx;
@@
 f(struct receive_queue *rq, u32 *len, void **ctx)
 {
 ...
+if (pguest_active() && !ctx)
+	return virtnet_rq_get_buf_alone(rq, len);
 buf = virtqueue_get_buf_ctx(rq->vq, len, ctx);
 <...
-virtnet_rq_unmap(rq, buf, *len);
+virtnet_rq_unmap(rq, buf, pguest_active() ? virtnet_clip(rq, *ctx, *len) : *len);
 ...>
 }

@depends on fragments@
identifier f = virtnet_rq_get_buf;
attribute name noinline, __always_inline;
@@
+static __always_inline void *virtnet_rq_get_buf(struct receive_queue *rq, u32 *len, void **ctx);
+
+/* A buffer's context says how large it is, whether the caller asks for it or not. */
+static noinline void *virtnet_rq_get_buf_alone(struct receive_queue *rq, u32 *len)
+{
+	void *ctx;
+
+	return virtnet_rq_get_buf(rq, len, &ctx);
+}
+
 static
+__always_inline
 void *f(...)
 { ... }

@helper depends on pages || fragments@
identifier f = check_mergeable_len;
typedef u32;
@@
+/* Limit the length that the device reports to the size of the buffer. */
+static u32 virtnet_clip(struct receive_queue *rq, void *ctx, u32 len)
+{
+	struct virtnet_info *vi = rq->vq->vdev->priv;
+	u32 headroom;
+	u32 tailroom;
+	u32 given;
+
+	if (!pguest_active())
+		return len;
+	headroom = mergeable_ctx_to_headroom(ctx);
+	tailroom = headroom ? sizeof(struct skb_shared_info) : 0;
+	given = vi->hdr_len + GOOD_PACKET_LEN;
+	if (vi->mergeable_rx_bufs)
+		given = mergeable_ctx_to_truesize(ctx) - SKB_DATA_ALIGN(headroom + tailroom);
+	return min(len, given);
+}
+
 static int f(...)
 { ... }

@depends on fragments && !helper@
identifier f = virtnet_rq_unmap;
@@
+/* Limit the length that the device reports to the size of the buffer. */
+static u32 virtnet_clip(struct receive_queue *rq, void *ctx, u32 len)
+{
+	struct virtnet_info *vi = rq->vq->vdev->priv;
+	u32 headroom;
+	u32 tailroom;
+	u32 given;
+
+	if (!pguest_active())
+		return len;
+	headroom = mergeable_ctx_to_headroom(ctx);
+	tailroom = headroom ? sizeof(struct skb_shared_info) : 0;
+	given = vi->hdr_len + GOOD_PACKET_LEN;
+	if (vi->mergeable_rx_bufs)
+		given = mergeable_ctx_to_truesize(ctx) - SKB_DATA_ALIGN(headroom + tailroom);
+	return min(len, given);
+}
+
 static void f(...)
 { ... }
