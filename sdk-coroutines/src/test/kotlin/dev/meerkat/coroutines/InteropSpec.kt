package dev.meerkat.coroutines

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancel
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.asFlow
import kotlinx.coroutines.flow.collect
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.future.await
import kotlinx.coroutines.future.future
import kotlinx.coroutines.withContext
import java.io.IOException
import java.util.concurrent.CompletableFuture
import java.util.concurrent.Flow.Publisher
import java.util.concurrent.Flow.Subscriber
import java.util.concurrent.Flow.Subscription
import java.util.concurrent.SubmissionPublisher

/** Futures and publishers of Java meet suspend functions and flows. */
class InteropSpec :
    FunSpec({
        context("a future of the core") {
            onBothArms("is awaited without leaving the loop, and goes on in the turn that completes it") {
                var turn = 0L
                val value = manager.submit {
                    turn = manager.statistics().turns()
                    "value"
                }.await()
                value shouldBe "value"
                manager.inLoop() shouldBe true
                manager.statistics().turns() shouldBe turn
            }

            onBothArms("fails with what failed it") {
                shouldThrow<IOException> { manager.submit<String> { throw IOException("on purpose") }.await() }
                    .message shouldBe "on purpose"
            }

            onBothArms("comes back to where it is awaited") {
                withContext(elsewhere(manager)) {
                    val here = Thread.currentThread().name
                    manager.submitBlocking { "done" }.await() shouldBe "done"
                    (here.isEmpty()) shouldBe false
                }
            }
        }

        test("a suspend function is a future for Java") {
            runEventManager {
                val future: CompletableFuture<String> = future {
                    delay(1)
                    "from a coroutine"
                }
                future.await() shouldBe "from a coroutine"
            }
        }

        context("a publisher as a flow") {
            test("tells every item, in order, then the end") {
                runEventManager {
                    val publisher = SubmissionPublisher<Int>({ it.run() }, 8)
                    val items = now { publisher.asFlow().toList() }
                    while (publisher.numberOfSubscribers == 0) delay(1)
                    withContext(Dispatchers.IO) {
                        repeat(1_000) { publisher.submit(it) }
                        publisher.close()
                    }
                    items.await() shouldContainExactly List(1_000) { it }
                }
            }

            test("fails as it fails, behind what came before") {
                runEventManager {
                    val seen = ArrayList<Int>()
                    val failure = IOException("on purpose")
                    shouldThrow<IOException> {
                        Scripted { subscriber ->
                            subscriber.onNext(1)
                            subscriber.onError(failure)
                        }.asFlow().collect { seen += it }
                    }.message shouldBe "on purpose"
                    seen shouldContainExactly listOf(1)
                }
            }

            test("is never asked for more than fits, and is cancelled when the collector stops") {
                runEventManager {
                    val counting = Counting()
                    counting.asFlow(capacity = 4).take(10).collect { counting.outstanding <= 4 }
                    counting.most shouldBe 4
                    counting.isCancelled shouldBe true
                    shouldThrow<IllegalArgumentException> { counting.asFlow(capacity = 0) }
                }
            }

            test("that sends what nobody asked for is in the wrong") {
                runEventManager {
                    shouldThrow<IllegalStateException> {
                        Scripted { subscriber -> repeat(3) { subscriber.onNext(it) } }.asFlow(capacity = 2).toList()
                    }
                }
            }

            test("of a collector that goes before it has subscribed is cancelled as soon as it can be") {
                runEventManager {
                    var late: Subscriber<in Int>? = null
                    val collecting = now { Publisher<Int> { late = it }.asFlow().toList() }
                    collecting.cancelAndJoin()
                    val subscription = Noted()
                    late?.onSubscribe(subscription)
                    subscription.calls shouldContainExactly listOf("cancel")
                }
            }
        }

        context("a flow as a publisher") {
            test("sends what is asked for and no more, then the end") {
                virtually { _ ->
                    val subscriber = Asking()
                    listOf(1, 2, 3).asFlow().asPublisher(this).subscribe(subscriber)
                    delay(1)
                    subscriber.heard shouldContainExactly listOf("subscribed")
                    subscriber.subscription.request(2)
                    delay(1)
                    subscriber.heard shouldContainExactly listOf("subscribed", "1", "2")
                    subscriber.subscription.request(Long.MAX_VALUE)
                    delay(1)
                    subscriber.heard shouldContainExactly listOf("subscribed", "1", "2", "3", "complete")
                }
            }

            test("fails as it fails, and its scope goes on") {
                virtually { _ ->
                    val subscriber = Asking(1)
                    flow {
                        emit(1)
                        throw IOException("on purpose")
                    }.asPublisher(this).subscribe(subscriber)
                    delay(1)
                    subscriber.heard shouldContainExactly listOf("subscribed", "1", "error on purpose")
                }
            }

            test("that is cancelled by its subscriber says no more") {
                virtually { _ ->
                    val subscriber = Asking(1)
                    var isOver = false
                    flow {
                        try {
                            while (true) emit(1)
                        } finally {
                            isOver = true
                        }
                    }.asPublisher(this).subscribe(subscriber)
                    delay(1)
                    subscriber.subscription.cancel()
                    delay(1)
                    subscriber.heard shouldContainExactly listOf("subscribed", "1")
                    isOver shouldBe true
                }
            }

            test("that is asked for nothing, or whose scope ends, says so") {
                virtually { _ ->
                    val subscriber = Asking()
                    listOf(1).asFlow().asPublisher(this).subscribe(subscriber)
                    subscriber.subscription.request(0)
                    delay(1)
                    subscriber.failure.shouldBeInstanceOf<IllegalArgumentException>()
                    val scope = CoroutineScope(coroutineContext + Job())
                    val other = Asking()
                    flow<Int> { awaitCancellation() }.asPublisher(scope).subscribe(other)
                    delay(1)
                    scope.cancel()
                    delay(1)
                    other.failure.shouldBeInstanceOf<CancellationException>()
                    val late = Asking()
                    listOf(1).asFlow().asPublisher(scope).subscribe(late)
                    late.failure.shouldBeInstanceOf<CancellationException>()
                }
            }

            test("whose subscriber throws fails the scope") {
                virtually { _ ->
                    shouldThrow<IllegalStateException> {
                        coroutineScope {
                            val subscriber = object : Asking(1) {
                                override fun onNext(item: Int) = error("on purpose")
                            }
                            listOf(1).asFlow().asPublisher(this).subscribe(subscriber)
                        }
                    }.message shouldBe "on purpose"
                }
            }

            onBothArms("and back is the same flow") {
                coroutineScope {
                    val there: Flow<Int> = List(1_000) { it }.asFlow().asPublisher(this).asFlow(capacity = 7)
                    there.toList() shouldContainExactly List(1_000) { it }
                }
            }
        }
    })

/** Says what it is told to say as soon as it is asked for anything. */
private class Scripted(private val script: (Subscriber<in Int>) -> Unit) : Publisher<Int> {
    override fun subscribe(subscriber: Subscriber<in Int>) {
        subscriber.onSubscribe(
            object : Subscription {
                override fun request(count: Long) = script(subscriber)

                override fun cancel() = Unit
            },
        )
    }
}

/** Sends at once whatever it is asked for, and counts how much that is. */
private class Counting : Publisher<Int> {
    var outstanding = 0L
    var most = 0L
    var isCancelled = false
    private var next = 0

    override fun subscribe(subscriber: Subscriber<in Int>) {
        subscriber.onSubscribe(
            object : Subscription {
                override fun request(count: Long) {
                    outstanding += count
                    most = maxOf(most, outstanding)
                    repeat(count.toInt()) { subscriber.onNext(next++) }
                    outstanding -= count
                }

                override fun cancel() {
                    isCancelled = true
                }
            },
        )
    }
}

private class Noted : Subscription {
    val calls = ArrayList<String>()

    override fun request(count: Long) {
        calls += "request $count"
    }

    override fun cancel() {
        calls += "cancel"
    }
}

private open class Asking(private val first: Long = 0) : Subscriber<Int> {
    val heard = ArrayList<String>()
    lateinit var subscription: Subscription
    var failure: Throwable? = null

    override fun onSubscribe(subscription: Subscription) {
        heard += "subscribed"
        this.subscription = subscription
        if (first > 0) subscription.request(first)
    }

    override fun onNext(item: Int) {
        heard += "$item"
    }

    override fun onError(failure: Throwable) {
        this.failure = failure
        heard += "error ${failure.message}"
    }

    override fun onComplete() {
        heard += "complete"
    }
}
