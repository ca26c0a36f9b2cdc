package dev.meerkat.coroutines

import kotlinx.coroutines.channels.BufferOverflow
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOn
import kotlinx.coroutines.withContext

/**
 * A name within an event manager to which values are published and subscribed. Every subscriber sees the values in the
 * same order, from the moment it begins to collect; what was published before, or while nobody subscribed, is gone.
 * Made by [EventManagerScope.topic].
 *
 * Each subscriber has a buffer. When it is full, the policy of the topic object through which it subscribed decides:
 * publishers wait ([BufferOverflow.SUSPEND]), or this subscriber loses a value and nobody else notices.
 */
public class Topic<T : Any> internal constructor(
    private val topics: Topics,
    private val type: Class<T>,
    /** The name. */
    public val name: String,
    private val capacity: Int,
    private val onOverflow: BufferOverflow,
) {
    init {
        require(capacity >= 1) { "capacity must be at least 1: $capacity" }
    }

    /**
     * Subscribes. The subscription begins when collecting begins and ends when it ends.
     *
     * **Suspends** the collector until there is a value.
     *
     * **Cancellation** ends the subscription; what waited for it is gone, and publishers go on.
     *
     * **Thread** any.
     *
     * @return a hot flow that never ends by itself; every collector is a subscriber of its own
     */
    public fun subscribe(): Flow<T> = flow {
        val subscription = topics.subscribe(name, type, capacity, onOverflow)
        try {
            while (true) {
                emit(type.cast(subscription.next()))
            }
        } finally {
            topics.unsubscribe(name, subscription)
        }
    }.flowOn(topics.manager.dispatcher)

    /**
     * Publishes a value to everybody who subscribes now. Without subscribers it does nothing.
     *
     * **Suspends** while a subscriber that wants publishers to wait has no room; then nobody has received the value yet.
     * Publishers that wait go on in the order in which they came.
     *
     * **Cancellation** of a call that waits publishes nothing.
     *
     * **Thread** any.
     *
     * @param value what to publish
     * @throws IllegalStateException if the name carries another type
     */
    public suspend fun publish(value: T) {
        if (topics.manager.inLoop()) {
            topics.find(name, type)?.publish(value)
        } else {
            withContext(topics.manager.dispatcher) { publish(value) }
        }
    }

    /**
     * Publishes a value if no subscriber makes publishers wait.
     *
     * **Thread** the loop.
     *
     * @param value what to publish
     * @return false if it was not published
     * @throws IllegalStateException if the name carries another type
     */
    public fun tryPublish(value: T): Boolean = topics.find(name, type)?.tryPublish(value) ?: true

    /**
     * How many subscribe to this name now, through whichever object.
     *
     * **Thread** the loop.
     */
    public val subscriberCount: Int
        get() = topics.find(name, type)?.size ?: 0

    /** Names the topic, for logs. */
    override fun toString(): String = "topic $name"

    /** Defaults. */
    public companion object {
        /** How many values wait for a subscriber if nothing else is said: 64, as flows buffer. */
        public const val DEFAULT_CAPACITY: Int = 64
    }
}
