package dev.meerkat.internal.ws;

import dev.meerkat.BroadcastResult;
import dev.meerkat.SlowReceiverPolicy;
import dev.meerkat.event.Bytes;
import dev.meerkat.internal.buffer.HandOut;
import dev.meerkat.internal.buffer.HandOuts;
import dev.meerkat.internal.buffer.HeadedOutput;
import dev.meerkat.internal.buffer.SegmentPool;
import dev.meerkat.internal.websocket.FrameEncoder;
import dev.meerkat.internal.ws.RealWebSocket.State;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The messages for all of a room that were sent within one turn. At its end they are written from one buffer that all
 * receivers share, in one visit and one call for each; who cannot take them like that is given one after the other, as
 * anything that is sent. Loop thread.
 */
final class Bundle implements HandOut {
    /** What is written at once: as much as fits into one segment, larger messages are shared by reference. */
    static final int MOST_BYTES = SegmentPool.SEGMENT_BYTES;

    private record Waiting(
            SharedMessage message, Distribution distribution, CompletableFuture<BroadcastResult> result) {}

    private final Room room;
    private final HandOuts handOuts;
    /** Those that were sent since it was handed out last. */
    private List<Waiting> waiting = new ArrayList<>();

    private int waitingBytes;
    /** While it is written. */
    private List<Waiting> leaving = List.of();

    private @Nullable ByteBuffer frames;
    private int written;

    Bundle(Room room, HandOuts handOuts) {
        this.room = room;
        this.handOuts = handOuts;
    }

    /** Has a message go to all who are in the room now. */
    void add(SharedMessage message, SlowReceiverPolicy policy, CompletableFuture<BroadcastResult> result) {
        int length = length(message);
        if (waitingBytes + length > MOST_BYTES) {
            handOuts.settle();
        }
        waiting.add(new Waiting(message, new Distribution(room, policy, Distribution.ALL), result));
        waitingBytes += length;
        if (waiting.size() == 1) {
            handOuts.add(this);
        }
        if (length > MOST_BYTES) {
            handOuts.settle();
        }
    }

    private static int length(SharedMessage message) {
        int payload = message.bytes().length();
        return payload + FrameEncoder.headerLength(payload, false);
    }

    @Override
    public void handOut(boolean atOnce) {
        List<Waiting> all = waiting;
        boolean writes = atOnce && waitingBytes <= MOST_BYTES;
        waiting = new ArrayList<>();
        waitingBytes = 0;
        written = 0;
        try {
            if (writes) {
                write(all);
            } else {
                for (Waiting each : all) {
                    each.distribution().run((webSocket, counts) -> counts.send(webSocket, each.message()));
                }
            }
            for (Waiting each : all) {
                each.result().complete(each.distribution().result(written));
            }
        } catch (Throwable e) {
            for (Waiting each : all) {
                each.result().completeExceptionally(e);
            }
        }
    }

    // ---------------------------------------------------------------- one visit each

    private void write(List<Waiting> all) {
        ByteBuffer segment = handOuts.pool().acquire();
        leaving = all;
        frames = segment;
        try {
            for (Waiting each : all) {
                Bytes payload = each.message().bytes();
                FrameEncoder.header(FrameWriter.head(each.message().isText()), payload.length(), segment);
                segment.put(payload.asByteBuffer());
            }
            segment.flip();
            room.forEach(this::visit);
        } finally {
            leaving = List.of();
            frames = null;
            handOuts.pool().release(segment);
        }
    }

    private void visit(RealWebSocket webSocket) {
        try {
            if (webSocket.takesShared
                    && webSocket.state() == State.OPEN
                    && webSocket.connectionIfAny() instanceof HeadedOutput out
                    && writeTo(out)) {
                webSocket.messageMoved();
                written++;
                return;
            }
        } catch (Throwable e) {
            webSocket.connection().manager().report(webSocket.connection(), e); // the others shall have it
            return;
        }
        for (Waiting each : leaving) {
            each.distribution().visit(webSocket, (one, counts) -> counts.send(one, each.message()));
        }
    }

    /** Writes it to a connection with nothing else in the way; false if there is something. */
    private boolean writeTo(HeadedOutput out) {
        ByteBuffer all = frames;
        if (all == null || !out.writeShared(all.rewind(), Sender.SPARE_BYTES)) {
            return false;
        }
        if (all.hasRemaining()) {
            keep(out, all.position());
        }
        return true;
    }

    /** The system has taken a part. */
    private void keep(HeadedOutput out, int taken) {
        int left = taken;
        for (Waiting each : leaving) {
            int length = length(each.message());
            if (left < length) {
                out.keep(each.message().frame(), left);
            }
            left = Math.max(0, left - length);
        }
    }
}
