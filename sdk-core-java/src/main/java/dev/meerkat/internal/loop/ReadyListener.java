package dev.meerkat.internal.loop;

/** What a transport handle carries as its attachment: whom to call when it is ready. */
public interface ReadyListener {
    /**
     * Serves a ready handle.
     *
     * @param ops what it is ready for, constants of {@link dev.meerkat.runtime.Handle}
     */
    void onReady(int ops);

    /**
     * Serving it has failed in a way that nobody foresaw, and would fail again: gives up on the handle, and on nothing
     * else.
     *
     * @param failure what {@link #onReady} threw, which was reported already
     */
    void onFailure(Throwable failure);
}
