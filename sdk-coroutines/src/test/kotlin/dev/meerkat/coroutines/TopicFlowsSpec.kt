package dev.meerkat.coroutines

import dev.meerkat.topic.SubscriptionOptions
import dev.meerkat.topic.TopicEvent
import dev.meerkat.topic.TopicOptions
import dev.meerkat.topic.WhenFull
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import dev.meerkat.topic.Topic as SharedTopic

class TopicFlowsSpec :
    FunSpec({
        onBothArms("a flow of a topic begins with the replay and goes on without gap, for each collector") {
            val room = SharedTopic.named("room", TopicOptions.builder().replay(1, 1_000).build())
            room.publish("0")
            val first = now { room.messages(manager).map { it.text() }.take(4).toList() }
            room.publish("1")
            val second = now { room.messages(manager).map { it.text() }.take(3).toList() }
            for (number in 2..9) room.publish("$number")
            first.await() shouldContainExactly listOf("0", "1", "2", "3")
            second.await() shouldContainExactly listOf("1", "2", "3")
            room.statistics().subscriptions() shouldBe 0
        }

        onBothArms("a busy collector is told what its policy has taken, and holds nobody up") {
            val room = SharedTopic.named("room")
            val gate = CompletableDeferred<Unit>()
            val options = SubscriptionOptions.builder().waiting(2, 1_000).whenFull(WhenFull.DROP_OLDEST).build()
            val collecting = now {
                val told = ArrayList<String>()
                room.events(manager, options).take(5).collect { event ->
                    when (event) {
                        is TopicEvent.Published -> told += event.text()
                        is TopicEvent.Missed -> told += "missed ${event.count}"
                        else -> told += event.javaClass.simpleName
                    }
                    if (told.size == 2) gate.await()
                }
                told
            }
            room.publish("1")
            val quick = now { room.messages(manager).map { it.text() }.first { it == "9" } }
            for (number in 2..9) room.publish("$number")
            quick.await()
            gate.complete(Unit)
            val told = collecting.await()
            told.take(2) shouldContainExactly listOf("Subscribed", "1")
            told.takeLast(2) shouldContainExactly listOf("8", "9")
        }

        onBothArms("cancelling the collector ends the subscription") {
            val room = SharedTopic.named("room")
            val collecting = now { room.messages(manager).toList() }
            room.statistics().subscriptions() shouldBe 1
            collecting.cancelAndJoin()
            room.statistics().subscriptions() shouldBe 0
        }

        onBothArms("the end of the topic is the end of the flow") {
            val room = SharedTopic.named("room")
            val collecting = now { room.events(manager).toList() }
            room.publish("1")
            room.close()
            collecting.await().last() shouldBe TopicEvent.Ended(TopicEvent.Ended.Reason.TOPIC_CLOSED)
        }
    })
