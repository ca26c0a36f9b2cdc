package dev.meerkat.coroutines.websocket

import dev.meerkat.coroutines.SlowCollectorException
import dev.meerkat.coroutines.members
import dev.meerkat.coroutines.messages
import dev.meerkat.coroutines.now
import dev.meerkat.coroutines.onBothArms
import dev.meerkat.topic.SubscriptionOptions
import dev.meerkat.topic.Topic
import dev.meerkat.topic.TopicOptions
import dev.meerkat.topic.WhenFull
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelChildren
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.stateIn
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.withContext

class SubscribingSpec :
    FunSpec({
        onBothArms("a session that subscribes is sent what anybody publishes, the replay first, until it ends") {
            val room = Topic.named("room", TopicOptions.builder().replay(1, 1_000).build())
            room.publish("before")
            served({
                subscribe(room, SubscriptionOptions.builder().member(found<String>()).build())
                for (message in incoming) room.publish(message)
            }, onHandshake = { it.accept().withSession(it.request().path()) }) { server ->
                webSocket("${server.uri}/anna") {
                    val anna = this
                    incoming.receive().text() shouldBe "before"
                    webSocket("${server.uri}/ben") {
                        incoming.receive().text() shouldBe "before"
                        send("hello")
                        incoming.receive().text() shouldBe "hello"
                        anna.incoming.receive().text() shouldBe "hello"
                        room.members(manager).first().map { it.name } shouldContainExactly listOf("/anna", "/ben")
                    }
                    room.members(manager).first { it.size == 1 }.single().name shouldBe "/anna"
                }
                room.members(manager).first { it.isEmpty() }
                server.failures.shouldBeEmpty()
            }
        }

        test("a session subscribes from any thread, and not when it is over") {
            dev.meerkat.coroutines.runEventManager {
                val room = Topic.named("room")
                served({
                    withContext(Dispatchers.Default) { subscribe(room) }
                    incoming.receiveCatching()
                }) { server ->
                    webSocket(server.uri) {
                        while (room.statistics().subscriptions() == 0) delay(1)
                        room.publish("1")
                        incoming.receive().text() shouldBe "1"
                        close()
                        awaitClose()
                        shouldThrow<WebSocketClosedException> { subscribe(room) }.code shouldBe 1000
                    }
                }
            }
        }

        onBothArms("who is here is a state: the present list, and each that a collector is ready for") {
            val room = Topic.named("room")
            val named = { name: String -> SubscriptionOptions.builder().member(name).build() }
            coroutineScope {
                val members = room.members(manager).map { list -> list.map { it.name } }
                val seen = now { members.take(3).toList() }
                val state = members.stateIn(this)
                state.value.shouldBeEmpty()
                val anna = room.subscribe(manager, named("anna")) { _, _ -> }
                state.first { it == listOf("anna") }
                val ben = room.subscribe(manager, named("ben")) { _, _ -> }
                state.first { it == listOf("anna", "ben") }
                anna.unsubscribe()
                state.first { it == listOf("ben") }
                ben.unsubscribe()
                state.first { it.isEmpty() }
                seen.await() shouldContainExactly listOf(listOf(), listOf("anna"), listOf("anna", "ben"))
                coroutineContext.cancelChildren()
            }
            room.statistics().subscriptions() shouldBe 0
        }

        onBothArms("a collector that was too slow for a policy that closes is told so; one that may lose is not") {
            val room = Topic.named("room")
            val few = SubscriptionOptions.builder().waiting(2, 1_000)
            val closing = now {
                shouldThrow<SlowCollectorException> { room.messages(manager, few.build()).collect { delay(10) } }
            }
            val losing = now {
                room.messages(manager, few.whenFull(WhenFull.DROP_OLDEST).build()).map { it.text() }.first {
                    delay(10)
                    it == "9"
                }
            }
            for (number in 1..9) {
                room.publish("$number")
                delay(1)
            }
            closing.await()
            losing.await() shouldBe "9"
        }
    })
