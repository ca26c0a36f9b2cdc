package dev.meerkat.internal.loop;

/** What a transport handle carries as its attachment: whom to call when it is ready. */
public interface ReadyListener {
    /**
     * Serves a ready handle.
     *
     * @param ops what it is ready for, constants of {@link dev.meerkat.runtime.Handle}
     */
    void onReady(int ops);
}
