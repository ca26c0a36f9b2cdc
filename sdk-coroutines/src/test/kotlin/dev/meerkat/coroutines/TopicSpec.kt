package dev.meerkat.coroutines

import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import io.kotest.matchers.string.shouldContain
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.channels.BufferOverflow
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.yield

class TopicSpec :
    FunSpec({
        onBothArms("everybody who subscribes receives what is published from then on, under one name") {
            val first = now { topic<String>("news").subscribe().take(3).toList() }
            topic<String>("news").publish("1")
            val second = now { topic<String>("news").subscribe().take(2).toList() }
            topic<String>("other").publish("x")
            topic<String>("news").publish("2")
            topic<String>("news").publish("3")
            first.await() shouldContainExactly listOf("1", "2", "3")
            second.await() shouldContainExactly listOf("2", "3")
        }

        onBothArms("what nobody subscribes to is gone") {
            val news = topic<Int>("news")
            repeat(1_000) { news.publish(it) }
            news.tryPublish(0) shouldBe true
            val late = now { news.subscribe().first() }
            news.publish(7)
            late.await() shouldBe 7
        }

        onBothArms("all subscribers see one order, whoever publishes and however slow they are") {
            val room = topic<String>("room", capacity = 2)
            val subscribers =
                List(5) { number ->
                    now {
                        val seen = ArrayList<String>()
                        room.subscribe().take(90).collect {
                            if (seen.size % (number + 2) == 0) delay(number.toLong())
                            seen += it
                        }
                        seen
                    }
                }
            List(3) { name ->
                launch {
                    repeat(30) {
                        room.publish("$name-$it")
                        if (it % 7 == name) yield()
                    }
                }
            }.joinAll()
            val seen = subscribers.map { it.await() }
            seen.distinct().size shouldBe 1
            for (name in 0..2) {
                seen.first().filter { it.startsWith("$name-") } shouldContainExactly List(30) { "$name-$it" }
            }
        }

        context("a full buffer") {
            onBothArms("makes publishers wait, and nothing is lost") {
                val room = topic<Int>("room", capacity = 3)
                val gate = CompletableDeferred<Unit>()
                val slow = collector(room, 10, gate)
                repeat(3) { room.tryPublish(it + 1) shouldBe true }
                room.tryPublish(4) shouldBe false
                val publishing = now { for (value in 4 until 10) room.publish(value) }
                publishing.isCompleted shouldBe false
                gate.complete(Unit)
                publishing.await()
                slow.await() shouldContainExactly (0 until 10).toList()
            }

            onBothArms("of one subscriber keeps the value from all until there is room") {
                val room = topic<Int>("room", capacity = 1)
                val gate = CompletableDeferred<Unit>()
                val slow = collector(room, 3, gate)
                val fast = ArrayList<Int>()
                val collecting = now { room.subscribe().collect { fast += it } }
                room.publish(1)
                val publishing = now { room.publish(2) }
                yield()
                fast shouldContainExactly listOf(1)
                gate.complete(Unit)
                publishing.await()
                slow.await() shouldContainExactly listOf(0, 1, 2)
                yield()
                fast shouldContainExactly listOf(1, 2)
                collecting.cancelAndJoin()
            }

            onBothArms("loses the oldest value where that is the policy, and holds nobody up") {
                val room = topic<Int>("room", capacity = 3, onOverflow = BufferOverflow.DROP_OLDEST)
                val gate = CompletableDeferred<Unit>()
                val slow = collector(room, 4, gate)
                repeat(10) { room.tryPublish(it) shouldBe true }
                gate.complete(Unit)
                slow.await() shouldContainExactly listOf(0, 7, 8, 9)
            }

            onBothArms("loses the newest value where that is the policy") {
                val room = topic<Int>("room", capacity = 3, onOverflow = BufferOverflow.DROP_LATEST)
                val gate = CompletableDeferred<Unit>()
                val slow = collector(room, 4, gate)
                repeat(10) { room.publish(it) }
                gate.complete(Unit)
                slow.await() shouldContainExactly listOf(0, 0, 1, 2)
            }

            onBothArms("that goes away lets the publishers go on") {
                val room = topic<Int>("room", capacity = 1)
                val slow = collector(room, 9, CompletableDeferred())
                room.publish(1)
                val publishing = now { room.publish(1) }
                publishing.isCompleted shouldBe false
                slow.cancelAndJoin()
                publishing.await()
            }

            onBothArms("a publisher that is cancelled while it waits has published nothing") {
                val room = topic<Int>("room", capacity = 1)
                val gate = CompletableDeferred<Unit>()
                val slow = collector(room, 3, gate)
                room.publish(1)
                val cancelled = now { room.publish(2) }
                val patient = now { room.publish(3) }
                cancelled.cancelAndJoin()
                gate.complete(Unit)
                patient.await()
                slow.await() shouldContainExactly listOf(0, 1, 3)
            }
        }

        onBothArms("a subscriber may publish: its answer comes after what it answers, for everybody") {
            val room = topic<String>("room")
            val answering =
                now { room.subscribe().collect { if (it.startsWith("ask")) room.publish("answer to $it") } }
            val seen = now { room.subscribe().take(4).toList() }
            room.publish("ask 1")
            room.publish("ask 2")
            seen.await().filter { "1" in it } shouldContainExactly listOf("ask 1", "answer to ask 1")
            answering.cancelAndJoin()
        }

        onBothArms("a name carries one type, as long as somebody subscribes") {
            val subscribed = now { topic<String>("room").subscribe().first() }
            shouldThrow<IllegalStateException> { topic<Int>("room").publish(1) }.message shouldContain
                "java.lang.String"
            shouldThrow<IllegalStateException> { topic<Int>("room").subscribe().first() }
            topic<String>("room").publish("1")
            subscribed.await()
            topic<Int>("room").publish(1)
        }

        test("subscribing and publishing work from other dispatchers") {
            runEventManager {
                val room = topic<Int>("room")
                val seen =
                    List(3) {
                        now { withContext(Dispatchers.Default) { room.subscribe().take(100).toList() } }
                    }
                while (room.subscriberCount < 3) delay(1)
                withContext(Dispatchers.Default) { repeat(100) { room.publish(it) } }
                seen.forEach { it.await() shouldContainExactly (0 until 100).toList() }
            }
        }

        onBothArms("who subscribes is counted, through whichever object") {
            val room = topic<Int>("room")
            room.subscriberCount shouldBe 0
            val subscribers = List(2) { now { topic<Int>("room").subscribe().first() } }
            room.subscriberCount shouldBe 2
            subscribers[0].cancelAndJoin()
            room.subscriberCount shouldBe 1
            room.publish(1)
            subscribers[1].await()
            room.subscriberCount shouldBe 0
        }

        onBothArms("a capacity below one is misuse") {
            shouldThrow<IllegalArgumentException> { topic<Int>("room", capacity = 0) }
            topic<Int>("room", capacity = 1).toString() shouldBe "topic room"
        }
    })

/** Subscribes, and has received a 0 that keeps it busy until it is let go on. */
private suspend fun CoroutineScope.collector(
    topic: Topic<Int>,
    count: Int,
    gate: CompletableDeferred<Unit>,
): Deferred<List<Int>> {
    val collecting =
        now {
            val seen = ArrayList<Int>()
            topic.subscribe().take(count).collect {
                gate.await()
                seen += it
            }
            seen
        }
    topic.publish(0)
    yield()
    return collecting
}
