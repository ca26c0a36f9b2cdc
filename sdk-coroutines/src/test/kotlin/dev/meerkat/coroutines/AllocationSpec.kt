package dev.meerkat.coroutines

import com.sun.management.ThreadMXBean
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.longs.shouldBeLessThan
import io.kotest.matchers.shouldBe
import java.lang.management.ManagementFactory
import kotlin.coroutines.Continuation
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.coroutines.startCoroutine

private const val WAITS = 20_000

private val THREADS = ManagementFactory.getThreadMXBean() as ThreadMXBean

private fun allocatedBytes() = THREADS.currentThreadAllocatedBytes

class AllocationSpec :
    FunSpec({
        test("to wait for input and to be resumed allocates nothing") {
            val slot = ReceiveSlot()
            val wanted = Demand { _, _ -> Unit }
            var resumed = 0
            val receiver: suspend () -> Unit = {
                while (true) {
                    slot.await<Unit>(wanted)
                    resumed++
                }
            }
            receiver.startCoroutine(Continuation(EmptyCoroutineContext) { it.getOrThrow() })
            slot.offer(Remainder.NONE, false) // loads what is loaded once
            val before = allocatedBytes()
            repeat(WAITS) { slot.offer(Remainder.NONE, false) }
            val allocated = allocatedBytes() - before
            resumed shouldBe 1 + WAITS
            allocated shouldBeLessThan WAITS.toLong() // not one byte a wait; the question itself may cost some
        }
    })
