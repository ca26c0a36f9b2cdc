package dev.meerkat.testkit.internal;

/**
 * How an idle end learns that its peer is out of reach: the first probe after two hours of silence, then one every 75
 * s, and nine without an answer end the connection (Linux, tcp_keepalive_time, _intvl and _probes). Probes that are
 * answered change nothing, so only an end whose peer cannot answer has this task.
 */
final class KeepAlive extends SimTask {
    private static final long SILENCE_NANOS = 7_200 * 1_000_000_000L;
    private static final long PROBING_NANOS = 9 * 75 * 1_000_000_000L;

    private final SimStream stream;

    KeepAlive(SimStream stream) {
        this.stream = stream;
    }

    /** When the end gives up whose peer can answer no more from now on; every earlier probe was answered. */
    static long giveUpAt(long now, long lastHeard) {
        long silence = (now - lastHeard) % SILENCE_NANOS;
        return now - silence + SILENCE_NANOS + PROBING_NANOS;
    }

    @Override
    protected void run() {
        stream.onTimedOut();
    }

    @Override
    public String describe() {
        return stream.name() + ": keep-alive gives up";
    }
}
