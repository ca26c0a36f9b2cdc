package dev.meerkat.internal.topic;

import dev.meerkat.topic.TopicEvent;
import dev.meerkat.topic.TopicHandler;
import dev.meerkat.topic.TopicSubscription;
import java.util.ArrayList;
import java.util.List;

/** Notes what it hears. */
class Listener implements TopicHandler {
    final List<TopicEvent> events = new ArrayList<>();

    @Override
    public void onEvent(TopicSubscription subscription, TopicEvent event) throws Exception {
        events.add(event);
    }

    <E extends TopicEvent> List<E> all(Class<E> type) {
        return events.stream().filter(type::isInstance).map(type::cast).toList();
    }

    List<String> texts() {
        return all(TopicEvent.Published.class).stream()
                .map(TopicEvent.Published::text)
                .toList();
    }

    /** All of it, short. */
    List<String> story() {
        return events.stream().map(Listener::tell).toList();
    }

    static String tell(TopicEvent event) {
        if (event instanceof TopicEvent.Subscribed subscribed) {
            List<String> names =
                    subscribed.members().stream().map(member -> member.name()).toList();
            return "subscribed " + subscribed.replayed() + " " + names;
        } else if (event instanceof TopicEvent.Published published) {
            return published.remote() ? "remote " + published.text() : published.text();
        } else if (event instanceof TopicEvent.Joined joined) {
            return "+" + joined.member().name();
        } else if (event instanceof TopicEvent.Left left) {
            return "-" + left.member().name();
        } else if (event instanceof TopicEvent.Missed missed) {
            return "missed " + missed.count();
        } else if (event instanceof TopicEvent.BusLost lost) {
            return "lost " + lost.reason();
        } else if (event instanceof TopicEvent.BusResumed resumed) {
            return "resumed " + resumed.dropped();
        }
        return "ended " + ((TopicEvent.Ended) event).reason();
    }
}
