package dev.meerkat.coroutines

import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.launch
import java.util.Objects
import java.util.concurrent.Flow.Publisher
import java.util.concurrent.Flow.Subscriber
import java.util.concurrent.Flow.Subscription
import java.util.concurrent.atomic.AtomicLong
import java.util.concurrent.atomic.AtomicReference

/**
 * What a publisher of Java publishes, as a flow. Every collector subscribes when it begins and cancels when it ends, and
 * asks for no more than a buffer holds: the publisher is held back while the collector is busy.
 *
 * **Suspends** the collector until there is an item.
 *
 * **Cancellation** cancels the subscription; what waits in the buffer is gone.
 *
 * **Thread** any; the publisher may call on any.
 *
 * @param capacity how many items may be on their way, 64 by default, as flows buffer; half of it is asked for at once
 * @return a flow that ends or fails as the publisher says; an item that was not asked for is an [IllegalStateException]
 */
public fun <T : Any> Publisher<T>.asFlow(capacity: Int = Topic.DEFAULT_CAPACITY): Flow<T> {
    require(capacity >= 1) { "capacity must be at least 1: $capacity" }
    return flow {
        val inlet = Inlet<T>(capacity)
        subscribe(inlet)
        try {
            var taken = 0
            for (item in inlet.items) {
                emit(item)
                if (++taken > capacity / 2) {
                    inlet.request(taken)
                    taken = 0
                }
            }
        } finally {
            inlet.cancel()
        }
    }
}

/**
 * A flow, as a publisher for Java. Every subscriber has a coroutine of its own in a scope, which collects the flow as fast
 * as the subscriber asks for items, and is called by it alone. A subscriber that throws fails the scope, as any other
 * coroutine of it would.
 *
 * **Cancellation** of the scope ends the subscriptions, whose subscribers are told by `onError`.
 *
 * **Thread** any; subscribers are called on the scope's dispatcher, but for `onSubscribe`, which is called where they
 * subscribe.
 *
 * @param scope whose children the coroutines are
 * @return a publisher that follows the rules of Reactive Streams
 */
public fun <T : Any> Flow<T>.asPublisher(scope: CoroutineScope): Publisher<T> = Publisher { subscriber ->
    Outlet(this, scope, Objects.requireNonNull(subscriber)).begin()
}

/** Collects what a publisher sends; asked for no more than the channel holds. */
private class Inlet<T : Any>(private val capacity: Int) : Subscriber<T> {
    val items = Channel<T>(capacity)
    private val subscription = AtomicReference<Subscription?>()

    override fun onSubscribe(subscription: Subscription) {
        if (this.subscription.compareAndSet(null, subscription)) {
            subscription.request(capacity.toLong())
        } else {
            subscription.cancel() // one too many (Reactive Streams §2.5), or the collector has gone
        }
    }

    override fun onNext(item: T) {
        if (items.trySend(item).let { it.isFailure && !it.isClosed }) {
            subscription.get()?.cancel()
            items.close(IllegalStateException("the publisher sent more than the $capacity items that were asked for"))
        }
    }

    override fun onError(failure: Throwable) {
        items.close(failure)
    }

    override fun onComplete() {
        items.close()
    }

    fun request(count: Int) {
        subscription.get()?.request(count.toLong())
    }

    fun cancel() {
        subscription.getAndSet(Gone)?.cancel()
        items.cancel()
    }

    /** In the place of a subscription that comes too late. */
    private object Gone : Subscription {
        override fun request(count: Long) = Unit

        override fun cancel() = Unit
    }
}

/** One subscriber of a flow. Its coroutine alone calls it. */
private class Outlet<T : Any>(
    private val items: Flow<T>,
    scope: CoroutineScope,
    private val subscriber: Subscriber<in T>,
) : Subscription {
    private val demand = AtomicLong()
    private val more = Channel<Unit>(Channel.CONFLATED)

    @Volatile
    private var isCancelled = false

    @Volatile
    private var misuse: IllegalArgumentException? = null
    private var isOver = false

    private val job = scope.launch(start = CoroutineStart.LAZY) { publish() }

    fun begin() {
        job.invokeOnCompletion { cause ->
            // it has been cancelled: by whom?
            if (!isOver && !isCancelled && cause is CancellationException) {
                subscriber.onError(misuse ?: cause)
            }
        }
        subscriber.onSubscribe(this)
        job.start()
    }

    private suspend fun publish() {
        val failure = try {
            items.collect { item ->
                awaitDemand()
                next(item)
            }
            null
        } catch (e: CancellationException) {
            throw e
        } catch (e: SubscriberFailure) {
            isOver = true
            throw e.failure
        } catch (e: Throwable) {
            e
        }
        isOver = true
        if (!isCancelled) {
            if (failure == null) subscriber.onComplete() else subscriber.onError(failure)
        }
    }

    private suspend fun awaitDemand() {
        while (demand.get() == 0L) {
            more.receive()
        }
        // the greatest number is without bound (Reactive Streams §3.17)
        demand.updateAndGet { if (it == Long.MAX_VALUE) it else it - 1 }
    }

    private fun next(item: T) {
        if (isCancelled) {
            return
        }
        try {
            subscriber.onNext(item)
        } catch (e: Throwable) {
            throw SubscriberFailure(e)
        }
    }

    override fun request(count: Long) {
        if (count <= 0) {
            misuse = IllegalArgumentException("Reactive Streams §3.9: one asks for at least one item, not for $count")
            job.cancel()
            return
        }
        demand.updateAndGet { if (it + count < 0) Long.MAX_VALUE else it + count }
        more.trySend(Unit)
    }

    override fun cancel() {
        isCancelled = true
        job.cancel()
    }

    /** What a subscriber threw is no failure of the flow, and not told to the subscriber. */
    private class SubscriberFailure(val failure: Throwable) : RuntimeException(failure) {
        private companion object {
            private const val serialVersionUID = 1L
        }
    }
}
