package dev.meerkat.coroutines

import dev.meerkat.event.ConnectionError.Kind
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext

class ListeningSpec :
    FunSpec({
        onBothArms("connections are taken one by one, in order, with what their peers have sent") {
            listen(ANY_PORT).use { listener ->
                val accepting = now { listener.accept() }
                val first = connect("127.0.0.1:${listener.port}")
                val second = connect("127.0.0.1:${listener.port}")
                first.send("first")
                second.send("second")
                checkNotNull(accepting.await()).use { it.receiveExactly(5).decodeToString() shouldBe "first" }
                checkNotNull(listener.accept()).use { it.receiveExactly(6).decodeToString() shouldBe "second" }
                first.receive().shouldBeNull()
                first.close()
                second.close()
                listener.refused shouldBe 0
            }
        }

        onBothArms("the flow of connections ends with the listener, and so does who waits") {
            val listener = listen(ANY_PORT)
            val collecting = now { listener.connections.toList() }
            val near = connect("127.0.0.1:${listener.port}")
            near.send("x")
            near.shutdownOutput()
            while (listener.acceptor.connectionCount() == 0) delay(1)
            listener.close()
            listener.close()
            collecting.await().single().use { it.receiveExactly(1).size shouldBe 1 }
            near.receive().shouldBeNull()
            near.close()
            listener.accept().shouldBeNull()
        }

        onBothArms("as many connections wait as the capacity, one more is reset and counted") {
            listen(ANY_PORT, capacity = 2).use { listener ->
                val waiting = List(2) { connect("127.0.0.1:${listener.port}") }
                shouldThrow<ConnectionFailedException> { connect("127.0.0.1:${listener.port}").receive() }
                    .error.kind() shouldBe Kind.RESET // perhaps before it is told that it is connected
                listener.refused shouldBe 1
                listener.accept()!!.close()
                waiting.first().receive().shouldBeNull()
                val next = connect("127.0.0.1:${listener.port}")
                listener.accept()!!.close()
                next.send("taken")
                listener.accept()!!.use { it.receiveExactly(5).decodeToString() shouldBe "taken" }
                (waiting + next).forEach { it.close() }
            }
            shouldThrow<IllegalArgumentException> { listen(ANY_PORT, capacity = 0) }
        }

        onBothArms("what nobody took is reset when the listener is closed") {
            val listener = listen(ANY_PORT)
            val near = connect("127.0.0.1:${listener.port}")
            near.send("x")
            while (listener.acceptor.connectionCount() == 0) delay(1)
            listener.close()
            shouldThrow<ConnectionFailedException> { near.receive() }.error.kind() shouldBe Kind.RESET
        }

        onBothArms("who is cancelled while waiting takes nothing") {
            listen(ANY_PORT).use { listener ->
                val accepting = launch { listener.accept() }
                accepting.cancelAndJoin()
                val near = connect("127.0.0.1:${listener.port}")
                val far = withContext(elsewhere(manager)) { listener.accept() }
                near.send("hello")
                checkNotNull(far).use { it.receiveExactly(5).decodeToString() shouldBe "hello" }
                near.close()
            }
        }

        test("the listener ends with its manager") {
            var listener: Listener? = null
            runEventManager { listener = listen(ANY_PORT) }
            checkNotNull(listener).accept().shouldBeNull()
        }
    })
