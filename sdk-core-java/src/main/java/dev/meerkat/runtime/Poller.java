package dev.meerkat.runtime;

import java.nio.channels.SelectableChannel;

/**
 * Somebody else's loop, as a manager sees it: who is told which channels to watch, and for what, because the manager
 * has no selector of its own. See {@code dev.meerkat.foreign.ForeignLoop}.
 *
 * <p>All but {@link #wake} is called on the thread that drives the manager: during a turn, or inside a call such as
 * {@code listen}. Operations are those of {@link java.nio.channels.SelectionKey}, and readiness is level-triggered: a
 * channel that is still ready is to be reported again. No method may throw, nor call the manager.
 *
 * <pre>{@code
 * add(channel, ops) ( enable(channel, ops) | disable(channel, ops) )* remove(channel)
 * }</pre>
 */
public interface Poller {
    /**
     * A channel is to be watched. It is in non-blocking mode and registered nowhere.
     *
     * @param channel the channel, to be told from others by identity
     * @param ops the operations to watch for; may be none for now
     */
    void add(SelectableChannel channel, int ops);

    /**
     * A channel is to be watched for more operations than before.
     *
     * @param channel the channel
     * @param ops the operations to add; none of them was watched for
     */
    void enable(SelectableChannel channel, int ops);

    /**
     * A channel is to be watched for fewer operations than before.
     *
     * @param channel the channel
     * @param ops the operations to take away; all of them were watched for
     */
    void disable(SelectableChannel channel, int ops);

    /**
     * A channel is no longer to be watched. It is closed next; or it has been, if a connect failed.
     *
     * @param channel the channel
     */
    void remove(SelectableChannel channel);

    /**
     * May be called from any thread. The loop is to run a turn of the manager soon: its present wait must end, or its
     * next one must not begin.
     */
    void wake();
}
