package dev.meerkat.testkit.coroutines

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.flow.emptyFlow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.flow.flowOf
import kotlinx.coroutines.launch
import kotlin.time.Duration
import kotlin.time.Duration.Companion.days
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

private fun <T> later(span: Duration, vararg items: T): Flow<T> = flow {
    for (item in items) {
        delay(span)
        emit(item)
    }
}

private fun failing(): Flow<Int> = flow {
    emit(1)
    error("no more")
}

/** With assertions on, coroutines wrap a failure once more for each stack it crosses; the original is beneath. */
private fun AssertionError.original(): AssertionError =
    generateSequence<Throwable>(this) { it.cause }.filterIsInstance<AssertionError>().last()

class FlowTestsSpec :
    FunSpec({
        simTest("items, silence and the end are awaited in their order") {
            later(3.seconds, "one", "two").test {
                expectNoEvents()
                awaitItem() shouldBe "one"
                elapsed shouldBe 3.seconds
                expectSilence(3.seconds - 1.milliseconds)
                awaitItem() shouldBe "two"
                awaitComplete()
            }
            elapsed shouldBe 6.seconds
        }

        simTest("an await gives up after its time-out, at the very instant, and takes what comes just before") {
            later(1.minutes - 1.milliseconds, 1).test {
                awaitItem() shouldBe 1
                awaitComplete()
            }
            val began = elapsed
            shouldThrow<AssertionError> { later(1.minutes + 1.milliseconds, 1).test { awaitItem() } }
                .message shouldBe "expected an item of the flow within 1m, nothing has come"
            elapsed - began shouldBe 1.minutes
        }

        simTest("each await has a time-out of its own, as long as is said") {
            later(2.days, 1, 2, 3).test(timeout = 3.days) {
                skipItems(3)
                awaitComplete()
            }
            elapsed shouldBe 6.days
        }

        simTest("a failure is awaited, and said if it was not") {
            failing().test {
                awaitItem() shouldBe 1
                awaitError().message shouldBe "no more"
            }
            val failure = shouldThrow<AssertionError> { failing().test(name = "numbers") { skipItems(2) } }
            failure.message shouldBe
                "expected an item of numbers, found failure java.lang.IllegalStateException: no more"
            failure.original().cause?.message shouldBe "no more"
        }

        simTest("a failure that the block has not seen stands beside the one it has") {
            val failure = shouldThrow<AssertionError> { failing().test { awaitComplete() } }
            failure.message shouldBe "expected completion of the flow, found item 1"
            failure.original().suppressed.single().message shouldBe "no more"
        }

        simTest("the wrong thing fails the test at once") {
            shouldThrow<AssertionError> { flowOf(1).test { awaitError() } }
                .message shouldBe "expected a failure of the flow, found item 1"
            shouldThrow<AssertionError> { emptyFlow<Int>().test { awaitItem() } }
                .message shouldBe "expected an item of the flow, found completion"
            shouldThrow<AssertionError> { flowOf(1).test { expectNoEvents() } }
                .message shouldBe "expected nothing of the flow, found item 1"
            shouldThrow<AssertionError> { later(1.seconds, 1).test { expectSilence(1.days) } }
                .message shouldBe "expected nothing for 1d of the flow, found item 1"
            elapsed shouldBe 1.seconds
        }

        simTest("what is left fails the test unless it is of no interest") {
            shouldThrow<AssertionError> { flowOf(1, 2).test { awaitItem() } }
                .message shouldBe "the flow has left what nobody asked for: item 2, completion"
            flowOf(1, 2).test {
                awaitItem()
                ignoreRemainingEvents()
            }
        }

        simTest("the most recent item stands for all that has come") {
            val numbers = MutableSharedFlow<Int>(extraBufferCapacity = 3)
            numbers.test {
                shouldThrow<AssertionError> { expectMostRecentItem() }
                repeat(3) { numbers.emit(it) }
                delay(1.seconds)
                expectMostRecentItem() shouldBe 2
                numbers.emit(3)
                awaitItem() shouldBe 3
            }
        }

        simTest("as many items may wait as is said, and one more fails the test") {
            flowOf(1, 2).test(capacity = 2) {
                skipItems(2)
                awaitComplete()
            }
            shouldThrow<AssertionError> {
                flowOf(1, 2, 3).test(capacity = 2) {
                    skipItems(3)
                }
            }.message shouldContain "found failure java.lang.AssertionError: the flow has emitted more than 2 items"
        }

        simTest("collecting ends with the block, and with whoever cancels the test") {
            var collecting = false
            val endless =
                flow<Int> {
                    collecting = true
                    try {
                        awaitCancellation()
                    } finally {
                        collecting = false
                    }
                }
            endless.test { collecting shouldBe true }
            collecting shouldBe false
            val test = launch { endless.test { awaitItem() } }
            delay(1.seconds)
            collecting shouldBe true
            test.cancel()
            test.join()
            collecting shouldBe false
        }
    })
