package dev.meerkat.internal.topic;

import dev.meerkat.event.Bytes;
import dev.meerkat.topic.BusLine;
import dev.meerkat.topic.BusListener;
import dev.meerkat.topic.BusMessage;
import dev.meerkat.topic.TopicBus;
import dev.meerkat.topic.TopicEvent;
import dev.meerkat.topic.TopicOptions;
import dev.meerkat.websocket.Message;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A topic's line to its bus: what waits for it, in bounds, and what of it is new. Any thread. Its lock is taken inside
 * that of the topic, and neither is held while the bus is called.
 */
final class BusLink implements BusListener {
    private static final class Outbound implements Holdable {
        private final BusMessage message;

        Outbound(BusMessage message) {
            this.message = message;
        }

        @Override
        public int bytes() {
            return message.payload().length()
                    + message.key().map(String::length).orElse(0);
        }

        @Override
        public Object conflationKey() {
            return message.key().<Object>map(key -> key).orElse(this);
        }
    }

    private final RealTopic topic;
    private final Object lock = new Object();
    private final Waiting<Outbound> waiting;
    private final Origins origins = new Origins();
    private @Nullable BusLine line;
    private String origin = "";
    private boolean connected;
    /** Whether somebody is giving messages to the bus; he goes on until nothing waits. */
    private boolean sending;
    /** Whether the bus has refused a message and not called since. */
    private boolean busy;
    /** Whether the bus has called while it was given a message: if it refuses that, it is asked again. */
    private boolean calledMeanwhile;

    private boolean closed;
    private long lastSequence;
    private long sent;
    private long toldDropped;
    private long received;
    private long duplicates;
    private long rejected;

    BusLink(RealTopic topic, TopicOptions options) {
        this.topic = topic;
        this.waiting = new Waiting<>(options.awayMessages(), options.awayBytes(), options.whenAwayFull());
    }

    /** Once, before anything is published. */
    void join(TopicBus bus) {
        BusLine joined = bus.join(topic.name(), this);
        synchronized (lock) {
            line = joined;
            origin = joined.origin();
        }
        pump();
    }

    /** Under the topic's lock: the order of the topic is that of the bus. */
    void enqueue(Message message, Optional<String> key) {
        synchronized (lock) {
            if (!closed) {
                waiting.add(
                        new Outbound(new BusMessage(origin, ++lastSequence, message.isText(), key, message.bytes())));
            }
        }
    }

    /** Gives the bus what waits, as long as it takes it. One thread at a time does, whoever comes first. */
    void pump() {
        while (true) {
            BusLine target;
            Outbound next;
            synchronized (lock) {
                target = line;
                if (sending || busy || !connected || closed || target == null) {
                    return;
                }
                next = waiting.peek();
                if (next == null) {
                    return;
                }
                sending = true;
            }
            boolean taken = false;
            boolean impossible = false;
            String failure = null;
            try {
                taken = target.publish(next.message);
            } catch (IllegalArgumentException e) {
                impossible = true; // it would stand in front of all others for ever
            } catch (RuntimeException e) {
                failure = e.toString();
            }
            synchronized (lock) {
                sending = false;
                if (taken) {
                    sent++;
                    waiting.removeIfFirst(next);
                } else if (impossible) {
                    waiting.dropIfFirst(next);
                } else if (!calledMeanwhile) {
                    busy = true;
                }
                calledMeanwhile = false;
            }
            if (failure != null) {
                onLost(failure);
            }
        }
    }

    // ---------------------------------------------------------------- what the bus tells

    @Override
    public void onConnected() {
        boolean isNews;
        long dropped;
        synchronized (lock) {
            if (closed) {
                return;
            }
            isNews = !connected;
            connected = true;
            busy = false;
            calledMeanwhile = sending;
            dropped = waiting.dropped() - toldDropped;
            if (isNews) {
                toldDropped = waiting.dropped();
            }
        }
        if (isNews) {
            topic.announce(sequence -> new TopicEvent.BusResumed(sequence, dropped));
        }
        pump();
    }

    @Override
    public void onLost(String reason) {
        synchronized (lock) {
            if (!connected || closed) {
                return;
            }
            connected = false;
            busy = false;
        }
        topic.announce(sequence -> new TopicEvent.BusLost(sequence, reason));
    }

    @Override
    public void onMessage(BusMessage message) {
        synchronized (lock) {
            if (closed) {
                return;
            }
            if (message.origin().equals(origin) || !origins.isNew(message.origin(), message.sequence())) {
                duplicates++;
                return;
            }
            boolean isBroken = message.text() && !isUtf8(message.payload());
            if (isBroken || !topic.fits(message.payload(), message.key())) {
                rejected++;
                return;
            }
            received++;
        }
        topic.publishRemote(
                message.text() ? Message.text(message.payload()) : Message.binary(message.payload()), message.key());
    }

    private static boolean isUtf8(Bytes bytes) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(bytes.asByteBuffer());
            return true;
        } catch (CharacterCodingException malformed) {
            return false;
        }
    }

    void close() {
        BusLine left;
        synchronized (lock) {
            closed = true;
            left = line;
        }
        if (left != null) {
            left.close();
        }
    }

    // ---------------------------------------------------------------- counts

    /** A consistent view. */
    record Counts(
            long sent, int waiting, long dropped, long received, long duplicates, long rejected, boolean connected) {
        static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0, false);
    }

    Counts counts() {
        synchronized (lock) {
            return new Counts(
                    sent, waiting.size(), waiting.dropped(), received, duplicates, rejected, connected && !closed);
        }
    }
}
