package dev.meerkat.coroutines

import dev.meerkat.EventManager
import dev.meerkat.topic.SubscriptionOptions
import dev.meerkat.topic.TopicEvent
import dev.meerkat.websocket.Message
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.filterIsInstance
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.map
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
 * @return a flow that ends when the subscription does
 */
public fun SharedTopic.messages(
    manager: EventManager,
    options: SubscriptionOptions = SubscriptionOptions.DEFAULT,
): Flow<Message> = events(manager, options).filterIsInstance<TopicEvent.Published>().map { it.message }
