package dev.meerkat.internal.topic;

import dev.meerkat.topic.TopicEvent;
import dev.meerkat.websocket.Message;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** An event in its place in the order, shared by all receivers. */
final class Entry implements Holdable {
    /** What an event without a payload counts as. */
    static final int EVENT_BYTES = 64;

    private final long sequence;
    private final TopicEvent event;
    private final int bytes;
    /** What the event looks like to WebSockets, once it was asked for; races are harmless. */
    private @Nullable Message message;

    private volatile boolean isKnown;

    Entry(long sequence, TopicEvent event) {
        this.sequence = sequence;
        this.event = event;
        if (event instanceof TopicEvent.Published published) {
            bytes = published.message().bytes().length()
                    + published.key().map(String::length).orElse(0);
            message = published.message();
            isKnown = true;
        } else {
            bytes = EVENT_BYTES;
        }
    }

    long sequence() {
        return sequence;
    }

    TopicEvent event() {
        return event;
    }

    @Override
    public int bytes() {
        return bytes;
    }

    boolean isMessage() {
        return event instanceof TopicEvent.Published;
    }

    @Override
    public Object conflationKey() {
        return event instanceof TopicEvent.Published published
                        && published.key().isPresent()
                ? published.key().get()
                : this;
    }

    /**
     * What a WebSocket is sent.
     *
     * @param look how events that are no messages look; may throw, and is asked again by the next loop then
     * @return null if it is told nothing
     */
    @Nullable
    Message message(Function<? super TopicEvent, Optional<Message>> look) {
        if (!isKnown) {
            message = look.apply(event).orElse(null);
            isKnown = true;
        }
        return message;
    }
}
