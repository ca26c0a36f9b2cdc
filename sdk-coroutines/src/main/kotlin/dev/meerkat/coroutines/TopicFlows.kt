package dev.meerkat.coroutines

import dev.meerkat.EventManager
import dev.meerkat.topic.Member
import dev.meerkat.topic.SubscriptionOptions
import dev.meerkat.topic.TopicEvent
import dev.meerkat.topic.WhenFull
import dev.meerkat.websocket.Message
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.flow.filterIsInstance
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.onEach
import dev.meerkat.topic.Topic as SharedTopic

/**
 * What happens in a topic of any number of managers and processes, as a flow. The subscription begins when collecting
 * begins, with what the topic replays, and ends when it ends. While the collector is busy, what comes waits within the
 * bounds of the options, and their policy decides beyond; publishers never wait. ([EventManagerScope.topic] makes
 * topics within a manager, whose publishers may.)
 *
 * **Suspends** the collector until something happens.
 *
 * **Cancellation** ends the subscription; what waited is gone.
 *
 * **Thread** any.
 *
 * @param manager whose loop serves the subscription
 * @param options which messages, how many may wait, as whom
 * @return a flow that ends behind [TopicEvent.Ended]; every collector is a subscriber of its own
 */
public fun SharedTopic.events(
    manager: EventManager,
    options: SubscriptionOptions = SubscriptionOptions.DEFAULT,
): Flow<TopicEvent> = flow {
    // never holds more than an event, what was missed before it, and the end: the subscription pauses after each
    val arrived = Channel<TopicEvent>(Channel.UNLIMITED)
    val subscription = subscribe(manager, options) { self, event ->
        self.pause()
        arrived.trySend(event)
    }
    try {
        for (event in arrived) {
            emit(event)
            if (event is TopicEvent.Ended) {
                break
            }
            if (event !is TopicEvent.Missed) {
                subscription.resume()
            }
        }
    } finally {
        subscription.unsubscribe()
    }
}

/**
 * A collector was too slow for its subscription, whose policy is `WhenFull.CLOSE`: it has missed messages, and a flow that
 * just ended would hide that. Take another policy, or more room, where that may be.
 */
public class SlowCollectorException internal constructor(message: String) : IllegalStateException(message) {
    private companion object {
        private const val serialVersionUID = 1L
    }
}

/**
 * The messages of a topic of any number of managers and processes; otherwise as [events].
 *
 * **Suspends** the collector until there is a message.
 *
 * **Cancellation** ends the subscription; what waited is gone.
 *
 * **Thread** any.
 *
 * @param manager whose loop serves the subscription
 * @param options which messages, how many may wait, as whom
 * @return a flow that ends when the subscription does; with a [SlowCollectorException] if the collector was too slow
 */
public fun SharedTopic.messages(
    manager: EventManager,
    options: SubscriptionOptions = SubscriptionOptions.DEFAULT,
): Flow<Message> = events(manager, options)
    .onEach { if (it is TopicEvent.Ended) requireInTime(it) }
    .filterIsInstance<TopicEvent.Published>()
    .map { it.message }

private fun SharedTopic.requireInTime(end: TopicEvent.Ended) {
    if (end.reason() == TopicEvent.Ended.Reason.TOO_SLOW) {
        throw SlowCollectorException("the collector was too slow for what it subscribed in topic ${name()}")
    }
}

/**
 * Who is here: those subscriptions of this process that have given a name, in the order in which they came. Each list is
 * how it is when the collector is ready for it; what came and went meanwhile is not told.
 *
 * ```kotlin
 * val members = room.members(manager).stateIn(this)           // a StateFlow
 * ```
 *
 * **Suspends** the collector until somebody comes or goes; not for the first list.
 *
 * **Cancellation** ends the subscription.
 *
 * **Thread** any.
 *
 * @param manager whose loop serves the subscription, which has no name itself
 * @return a flow that ends with the topic
 */
public fun SharedTopic.members(manager: EventManager): Flow<List<Member>> = events(manager, PRESENCE)
    .filter { it !is TopicEvent.BusLost && it !is TopicEvent.BusResumed && it !is TopicEvent.Ended }
    .map { members() } // whatever was told or missed: it is asked who is here now
    .distinctUntilChanged()

/** One change is as good as many: the oldest need not be told. */
private val PRESENCE: SubscriptionOptions =
    SubscriptionOptions.builder()
        .filter { false }
        .presence(true)
        .replay(0)
        .waiting(1, 1 shl 10)
        .whenFull(WhenFull.DROP_OLDEST)
        .build()
