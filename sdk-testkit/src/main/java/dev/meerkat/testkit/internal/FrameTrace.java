package dev.meerkat.testkit.internal;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;

/** Puts the WebSocket frames that pass the virtual network into the trace, beside the bytes that they are. */
final class FrameTrace {
    private final Scheduler scheduler;
    private final Trace trace;
    private final Map<SimStream, WebSocketFollower> ends = new HashMap<>();

    FrameTrace(Scheduler scheduler, Trace trace) {
        this.scheduler = scheduler;
        this.trace = trace;
    }

    private WebSocketFollower of(SimStream end) {
        return ends.computeIfAbsent(end, key -> new WebSocketFollower(line -> trace.note(scheduler.now(), key, line)));
    }

    void sent(SimStream from, ByteBuffer bytes) {
        of(from).sent(bytes);
    }

    void received(SimStream to, ByteBuffer bytes) {
        of(to).received(bytes);
    }

    void inputEnded(SimStream to) {
        of(to).inputEnded();
    }
}
