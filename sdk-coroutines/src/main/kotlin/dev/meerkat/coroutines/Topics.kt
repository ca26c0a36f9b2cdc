package dev.meerkat.coroutines

import dev.meerkat.EventManager
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.channels.BufferOverflow
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlin.coroutines.AbstractCoroutineContextElement
import kotlin.coroutines.CoroutineContext
import kotlin.coroutines.resume

/** The topics of a manager that have subscribers. Travels with the coroutines of its scope; loop thread only. */
internal class Topics(val manager: EventManager) : AbstractCoroutineContextElement(Key) {
    private val subscribed = HashMap<String, Audience>()

    fun subscribe(name: String, type: Class<*>, capacity: Int, onOverflow: BufferOverflow): Subscription {
        val audience = find(name, type) ?: Audience(manager, type).also { subscribed[name] = it }
        return Subscription(audience, capacity, onOverflow).also(audience::add)
    }

    fun unsubscribe(name: String, subscription: Subscription) {
        subscription.audience.remove(subscription)
        if (subscription.audience.size == 0) {
            subscribed.remove(name, subscription.audience)
        }
    }

    fun find(name: String, type: Class<*>): Audience? {
        val audience = subscribed[name] ?: return null
        check(audience.type == type) { "topic $name carries ${audience.type.name}, not ${type.name}" }
        return audience
    }

    companion object Key : CoroutineContext.Key<Topics>
}

/**
 * The subscribers of one topic, and the publishers that wait until there is room. A value goes to all subscribers in one
 * step, so the order is the same for each of them.
 */
internal class Audience(private val manager: EventManager, val type: Class<*>) {
    private class Publisher(val value: Any, val continuation: CancellableContinuation<Unit>)

    private val subscriptions = LinkedHashSet<Subscription>()
    private val publishers = ArrayDeque<Publisher>()

    /** How many subscribers have no room and want publishers to wait. */
    private var full = 0

    val size: Int
        get() = subscriptions.size

    fun add(subscription: Subscription) {
        subscriptions.add(subscription)
    }

    fun remove(subscription: Subscription) {
        subscriptions.remove(subscription)
        if (subscription.holdsPublishers()) {
            becameFree()
        }
    }

    fun becameFree() {
        full--
        while (full == 0) {
            val next = publishers.removeFirstOrNull() ?: return
            if (next.continuation.isActive) {
                deliver(next.value)
                next.continuation.resume(Unit)
            }
        }
    }

    fun tryPublish(value: Any): Boolean {
        val free = full == 0 && publishers.isEmpty()
        if (free) {
            deliver(value)
        }
        return free
    }

    suspend fun publish(value: Any) {
        if (!tryPublish(value)) {
            suspendCancellableCoroutine { caller ->
                val waiting = Publisher(value, caller)
                publishers.addLast(waiting)
                // one that another thread cancels is passed over when its turn comes
                caller.invokeOnCancellation { if (manager.inLoop()) publishers.remove(waiting) }
            }
        }
    }

    /** First everybody has the value, then those who waited for it go on: they may publish in their turn. */
    private fun deliver(value: Any) {
        var woken: ArrayList<CancellableContinuation<Unit>>? = null
        for (subscription in subscriptions) {
            val waiting = subscription.accept(value)
            if (waiting != null) {
                woken = (woken ?: ArrayList()).apply { add(waiting) }
            }
            if (subscription.holdsPublishers()) {
                full++
            }
        }
        woken?.forEach { it.resume(Unit) }
    }
}

/** What waits for one subscriber. */
internal class Subscription(
    val audience: Audience,
    private val capacity: Int,
    private val onOverflow: BufferOverflow,
) {
    private val values = ArrayDeque<Any>()
    private var collector: CancellableContinuation<Unit>? = null

    fun holdsPublishers(): Boolean = onOverflow == BufferOverflow.SUSPEND && values.size == capacity

    /** Takes a value, or loses one by the policy; answers the collector to be resumed if it waits. */
    fun accept(value: Any): CancellableContinuation<Unit>? {
        if (values.size == capacity) {
            check(onOverflow != BufferOverflow.SUSPEND) { "published although a subscriber has no room" }
            if (onOverflow == BufferOverflow.DROP_LATEST) {
                return null
            }
            values.removeFirst()
        }
        values.addLast(value)
        return collector.also { collector = null }
    }

    suspend fun next(): Any {
        while (values.isEmpty()) {
            suspendCancellableCoroutine { collector = it }
        }
        val held = holdsPublishers()
        val value = values.removeFirst()
        if (held) {
            audience.becameFree()
        }
        return value
    }
}
