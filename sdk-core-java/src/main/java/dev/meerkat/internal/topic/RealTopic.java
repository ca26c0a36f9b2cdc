package dev.meerkat.internal.topic;

import dev.meerkat.BroadcastLimitException;
import dev.meerkat.EventManager;
import dev.meerkat.event.Bytes;
import dev.meerkat.internal.ws.SharedMessage;
import dev.meerkat.topic.Member;
import dev.meerkat.topic.SubscriptionOptions;
import dev.meerkat.topic.Topic;
import dev.meerkat.topic.TopicEvent;
import dev.meerkat.topic.TopicHandler;
import dev.meerkat.topic.TopicOptions;
import dev.meerkat.topic.TopicStatistics;
import dev.meerkat.topic.TopicSubscription;
import dev.meerkat.websocket.Message;
import dev.meerkat.websocket.WebSocket;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A topic: one lock gives everything its number, one room for each manager takes it from there. No program is called
 * while the lock is held. Any thread.
 */
public final class RealTopic implements Topic {
    /** Makes the subscription of a receiver. */
    interface Maker {
        RealSubscription make(TopicRoom room, long id);
    }

    private final String name;
    private final TopicOptions options;
    private final @Nullable BusLink link;
    private final Object lock = new Object();

    // Under the lock.
    private final TopicLog log;
    private final Map<Long, Member> members = new LinkedHashMap<>();
    private int subscriptions;
    private long lastId;
    private long published;
    private boolean closed;
    /** What rooms that are gone have counted. */
    private long pastDelivered;

    private long pastDropped;
    private long pastConflated;
    private long pastClosedSlow;
    /** Replaced as a whole, read by anybody; a list, since a map would visit them in another order each run. */
    private volatile List<TopicRoom> rooms = List.of();

    private RealTopic(String name, TopicOptions options) {
        this.name = Objects.requireNonNull(name, "name");
        this.options = options;
        this.log = new TopicLog(options);
        this.link = options.bus().isPresent() ? new BusLink(this, options) : null;
    }

    /**
     * Makes a topic, and joins its bus.
     *
     * @param name its name
     * @param options its options
     * @return the topic
     */
    public static RealTopic create(String name, TopicOptions options) {
        RealTopic topic = new RealTopic(name, options);
        BusLink toBus = topic.link;
        if (toBus != null) {
            toBus.join(options.bus().orElseThrow());
        }
        return topic;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public TopicOptions options() {
        return options;
    }

    // ---------------------------------------------------------------- publishing

    @Override
    public long publish(Message message) {
        return publish(message, Optional.empty());
    }

    @Override
    public long publish(Message message, String key) {
        return publish(message, Optional.of(key));
    }

    private long publish(Message message, Optional<String> key) {
        if (!(message instanceof SharedMessage)) {
            throw new IllegalArgumentException(this + " carries messages of Message's own making, not " + message);
        }
        if (!fits(message.bytes(), key)) {
            throw new BroadcastLimitException(
                    this + ": a message of " + message.bytes().length()
                            + " bytes, with its key, is larger than the limit of " + options.messageBytes() + " bytes");
        }
        long sequence;
        synchronized (lock) {
            requireOpen();
            sequence = log.last() + 1;
            add(new TopicEvent.Published(sequence, message, key, false));
            published++;
            if (link != null) {
                link.enqueue(message, key);
            }
        }
        wakeAll();
        if (link != null) {
            link.pump();
        }
        return sequence;
    }

    boolean fits(Bytes payload, Optional<String> key) {
        return (long) payload.length() + key.map(String::length).orElse(0) <= options.messageBytes();
    }

    /** From the bus. */
    void publishRemote(Message message, Optional<String> key) {
        announce(sequence -> new TopicEvent.Published(sequence, message, key, true));
    }

    /** Whatever has a place in the order. */
    void announce(LongFunction<TopicEvent> event) {
        synchronized (lock) {
            if (closed) {
                return;
            }
            add(event.apply(log.last() + 1));
        }
        wakeAll();
    }

    /** Under the lock. */
    private void add(TopicEvent event) {
        log.add(new Entry(log.last() + 1, event), !rooms.isEmpty());
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException(this + " is closed");
        }
    }

    private void wakeAll() {
        for (TopicRoom room : rooms) {
            room.wake();
        }
    }

    // ---------------------------------------------------------------- coming

    @Override
    public TopicSubscription subscribe(WebSocket webSocket, SubscriptionOptions how) {
        return WebSocketOutlet.subscribe(this, webSocket, how);
    }

    @Override
    public TopicSubscription subscribe(EventManager manager, SubscriptionOptions how, TopicHandler handler) {
        Objects.requireNonNull(handler, "handler");
        return subscribe(new ManagerLoop(manager), how, handler);
    }

    RealSubscription subscribe(Loop loop, SubscriptionOptions how, TopicHandler handler) {
        return admit(loop, how, (room, id) -> new HandlerSubscription(room, id, how, handler));
    }

    RealSubscription admit(Loop loop, SubscriptionOptions how, Maker maker) {
        TopicRoom mine = null;
        if (room(loop) == null) {
            mine = new TopicRoom(this, loop);
            mine.register();
        }
        RealSubscription subscription = null;
        try {
            while (subscription == null) {
                synchronized (lock) {
                    TopicRoom room = room(loop);
                    if (room == null && mine != null) {
                        requireOpen();
                        room = mine;
                        room.cursor(log.last());
                        List<TopicRoom> more = new ArrayList<>(rooms);
                        more.add(room);
                        rooms = List.copyOf(more);
                        mine = null;
                    }
                    if (room != null) {
                        subscription = join(room, how, maker);
                    }
                }
                if (subscription == null) { // the room was left between the two looks
                    mine = new TopicRoom(this, loop);
                    mine.register();
                }
            }
        } finally {
            if (mine != null) {
                mine.forget();
            }
        }
        if (subscription.member().isPresent()) {
            wakeAll();
        } else {
            subscription.room().wake();
        }
        return subscription;
    }

    private @Nullable TopicRoom room(Loop loop) {
        for (TopicRoom room : rooms) {
            if (room.loop().manager() == loop.manager()) {
                return room;
            }
        }
        return null;
    }

    /** Under the lock. */
    private RealSubscription join(TopicRoom room, SubscriptionOptions how, Maker maker) {
        requireOpen();
        if (subscriptions >= options.subscriptions()) {
            throw new IllegalStateException(
                    this + " has " + subscriptions + " subscriptions, the limit of its options");
        }
        RealSubscription subscription = maker.make(room, ++lastId);
        subscriptions++;
        List<Entry> replay = log.replay(how.replay());
        Optional<Member> member = subscription.member();
        if (member.isPresent()) {
            members.put(subscription.id(), member.get());
            add(new TopicEvent.Joined(log.last() + 1, member.get()));
        }
        subscription.begins(log.last(), replay, how.presence() ? List.copyOf(members.values()) : List.of());
        room.join(subscription);
        return subscription;
    }

    // ---------------------------------------------------------------- going

    /** Any thread. Nothing more is for this one; false if it has ended before. */
    boolean end(RealSubscription subscription) {
        synchronized (lock) {
            if (!subscription.deactivate()) {
                return false;
            }
            subscriptions--;
            Member member = members.remove(subscription.id());
            if (member != null) {
                add(new TopicEvent.Left(log.last() + 1, member));
            }
        }
        if (subscription.member().isPresent()) {
            wakeAll();
        } else {
            subscription.room().wake();
        }
        return true;
    }

    /** Loop thread of the room. */
    void leaveIfEmpty(TopicRoom room) {
        synchronized (lock) {
            if (!room.isEmptyUnderLock() || !rooms.contains(room)) {
                return;
            }
            List<TopicRoom> fewer = new ArrayList<>(rooms);
            fewer.remove(room);
            rooms = List.copyOf(fewer);
            trim();
            pastDelivered += room.delivered();
            pastDropped += room.dropped();
            pastConflated += room.conflated();
            pastClosedSlow += room.closedSlow();
        }
        room.forget();
    }

    @Override
    public void close() {
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
        }
        if (link != null) {
            link.close();
        }
        for (TopicRoom room : rooms) {
            room.loop().later(room::finish);
        }
    }

    // ---------------------------------------------------------------- what rooms read

    /** Loop thread of the room. Hands over who has come and what comes next. */
    int read(TopicRoom room) {
        synchronized (lock) {
            room.takeJoining();
            @Nullable Entry[] batch = room.batch(log.last() - room.cursor());
            int count = log.read(room.cursor(), batch);
            if (count > 0) {
                room.cursor(Objects.requireNonNull(batch[count - 1]).sequence());
                trim();
            }
            return count;
        }
    }

    /** Loop thread of the room. Hands over who has come. */
    void admit(TopicRoom room) {
        synchronized (lock) {
            room.takeJoining();
        }
    }

    /** Any thread. */
    boolean hasMore(TopicRoom room) {
        synchronized (lock) {
            return room.cursor() < log.last();
        }
    }

    /** Under the lock. */
    private void trim() {
        long slowest = log.last();
        for (TopicRoom room : rooms) {
            slowest = Math.min(slowest, room.cursor());
        }
        log.trim(slowest);
    }

    // ---------------------------------------------------------------- questions

    @Override
    public List<Member> members() {
        synchronized (lock) {
            return List.copyOf(members.values());
        }
    }

    /** How many events are held for loops that have not taken them. */
    int backlog() {
        synchronized (lock) {
            return log.size();
        }
    }

    @Override
    public TopicStatistics statistics() {
        BusLink.Counts bus = link == null ? BusLink.Counts.NONE : link.counts();
        synchronized (lock) {
            long delivered = pastDelivered;
            long dropped = pastDropped;
            long conflated = pastConflated;
            long closedSlow = pastClosedSlow;
            for (TopicRoom room : rooms) {
                delivered += room.delivered();
                dropped += room.dropped();
                conflated += room.conflated();
                closedSlow += room.closedSlow();
            }
            return new TopicStatistics(
                    subscriptions,
                    members.size(),
                    published,
                    bus.received(),
                    delivered,
                    dropped,
                    conflated,
                    closedSlow,
                    bus.sent(),
                    bus.waiting(),
                    bus.dropped(),
                    bus.duplicates(),
                    bus.rejected(),
                    bus.connected());
        }
    }

    @Override
    public String toString() {
        return "topic " + name;
    }
}
