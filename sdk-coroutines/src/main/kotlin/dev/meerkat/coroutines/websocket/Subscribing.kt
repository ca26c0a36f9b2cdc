package dev.meerkat.coroutines.websocket

import dev.meerkat.coroutines.dispatcher
import dev.meerkat.topic.SubscriptionOptions
import dev.meerkat.topic.Topic
import dev.meerkat.topic.TopicSubscription
import kotlinx.coroutines.withContext

/**
 * Subscribes this WebSocket to a topic: it is sent every message, encoded once for all, and no coroutine has to do it.
 * Ends with the WebSocket. Whoever wants to see the messages on their way collects `topic.messages(manager)` and sends.
 *
 * ```kotlin
 * webSocket("/chat") {
 *     subscribe(room, SubscriptionOptions.builder().member(path("name")).build())
 *     for (message in incoming) room.publish(message)
 * }
 * ```
 *
 * **Suspends** for the way to the loop, if it is called elsewhere.
 *
 * **Cancellation** on the way subscribes nothing.
 *
 * **Thread** any.
 *
 * @param topic what to be sent
 * @param options which messages, how many may wait, what becomes of more, as whom
 * @return the subscription
 * @throws WebSocketClosedException if the WebSocket has ended
 * @throws IllegalStateException if it is closing, the topic is closed, or too many have subscribed
 */
public suspend fun WebSocketSession.subscribe(
    topic: Topic,
    options: SubscriptionOptions = SubscriptionOptions.DEFAULT,
): TopicSubscription {
    closeReason?.let { throw WebSocketClosedException(it) }
    val manager = webSocket.connection().manager()
    return if (manager.inLoop()) {
        topic.subscribe(webSocket, options)
    } else {
        withContext(manager.dispatcher) { topic.subscribe(webSocket, options) }
    }
}
