package dev.meerkat.coroutines

import dev.meerkat.Connection
import dev.meerkat.ConnectionOptions
import dev.meerkat.Handler
import dev.meerkat.ListenOptions
import dev.meerkat.ManagerOptions
import dev.meerkat.event.Event
import dev.meerkat.event.TcpEvent
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.async
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext

/** A Java handler and a suspend function meet on one connection. */
class HandOverSpec :
    FunSpec({
        onBothArms("a handler gives a connection away in the midst of an event, and no byte is lost") {
            val received = CompletableDeferred<String>()
            val told = ArrayList<String>()
            val scope = this
            val handler = object : Handler {
                override fun onEvent(connection: Connection, event: Event) {
                    told += event.javaClass.simpleName
                    if (event is TcpEvent.Received) {
                        String(event.buffer().takeArray(6)) shouldBe "HELLO\n"
                        val suspending = connection.asSuspending()
                        scope.launch {
                            val text = StringBuilder()
                            while (true) text.append((suspending.receive() ?: break).decodeToString())
                            received.complete(text.toString())
                            suspending.close()
                        }
                    }
                }

                override fun onReplaced(connection: Connection) {
                    told += "replaced"
                }
            }
            val acceptor = manager.listen(ANY_PORT, handler)
            val near = connect("127.0.0.1:${acceptor.port()}")
            near.send("HELLO\nbehind it")
            delay(5)
            near.send(", and later")
            near.shutdownOutput()
            received.await() shouldBe "behind it, and later"
            near.receive().shouldBeNull()
            near.close()
            acceptor.close()
            told shouldContainExactly listOf("Opened", "Received", "replaced")
        }

        onBothArms("a coroutine gives a connection away, and the handler hears of every byte and of the end, once") {
            for (cut in 0..8) {
                val seen = Seen()
                val server = serve(ANY_PORT) { connection ->
                    connection.receiveExactly(cut)
                    connection.handOver(seen) shouldBe connection.connection
                    shouldThrow<IllegalStateException> { connection.receive() }
                    shouldThrow<IllegalStateException> { connection.awaitClose() }
                    shouldThrow<IllegalStateException> { connection.handOver(seen) }
                }
                val near = connect(server)
                near.send("12345678")
                delay(5)
                near.send("9")
                near.shutdownOutput()
                near.receive()?.decodeToString() shouldBe "bye"
                near.receive().shouldBeNull()
                near.close()
                server.close()
                server.job.join()
                while (manager.connections().isNotEmpty()) delay(1)
                seen.text.toString() shouldBe "123456789".drop(cut)
                seen.kinds.distinct() shouldContainExactly listOf("Received", "InputClosed", "Closed")
                seen.kinds.count { it != "Received" } shouldBe 2
            }
        }

        onBothArms("what was unread when the input ended is told, and the end") {
            val seen = Seen()
            val server = serve(ANY_PORT) { connection ->
                connection.receiveExactly(1)
                delay(20)
                connection.handOver(seen)
            }
            connect(server) { near ->
                near.send("123")
                near.shutdownOutput()
                near.receive()?.decodeToString() shouldBe "bye"
            }
            server.close()
            server.job.join()
            while (manager.connections().isNotEmpty()) delay(1)
            seen.text.toString() shouldBe "23"
            seen.kinds shouldContainExactly listOf("Received", "InputClosed", "Closed")
        }

        onBothArms("it goes to and fro, from any thread") {
            val received = CompletableDeferred<String>()
            val scope = this
            val server = serve(ANY_PORT) { connection ->
                withContext(elsewhere(manager)) {
                    connection.receiveExactly(1).decodeToString() shouldBe "1"
                    connection.handOver { on, event ->
                        if (event is TcpEvent.Received) {
                            String(event.buffer().takeArray(1)) shouldBe "2"
                            val again = on.asSuspending()
                            scope.launch {
                                received.complete(again.receiveLine() + again.receiveLine())
                                again.close()
                            }
                        }
                    }
                }
            }
            connect(server) { near ->
                near.send("123\n")
                delay(2)
                near.send("4\n")
                received.await() shouldBe "34"
            }
            server.close()
            server.job.join()
        }

        test("a handler that fails on what it is handed ends its connection, and a receiver that waits keeps it") {
            val reports = ArrayList<String?>()
            val options = ManagerOptions.builder().errorHook { _, _, failure -> reports += failure.message }.build()
            runEventManager(options) {
                val handed = CompletableDeferred<Unit>()
                val server = serve(ANY_PORT) { connection ->
                    val receiving = async(start = CoroutineStart.UNDISPATCHED) { connection.receiveExactly(1) }
                    shouldThrow<IllegalStateException> { connection.handOver { _, _ -> } }
                    receiving.await().decodeToString() shouldBe "1"
                    val closing = async(start = CoroutineStart.UNDISPATCHED) { runCatching { connection.awaitClose() } }
                    connection.handOver { _, event -> if (event is TcpEvent.Received) error("on purpose") }
                    closing.await().exceptionOrNull().shouldBeInstanceOf<IllegalStateException>()
                    handed.complete(Unit)
                }
                val near = connect(server)
                near.send("1")
                handed.await()
                near.send("2")
                shouldThrow<ConnectionFailedException> { near.receive() }
                server.close()
                server.job.join()
            }
            reports shouldContainExactly listOf("on purpose")
        }

        onBothArms("a suspend function is a handler") {
            val half = ListenOptions.builder().connection(ConnectionOptions.builder().halfClose(true).build()).build()
            val acceptor = manager.listen(
                ANY_PORT,
                half,
                asHandler { connection -> connection.send(checkNotNull(connection.receive())) },
            )
            val near = connect("127.0.0.1:${acceptor.port()}")
            near.send("1")
            near.receive()?.decodeToString() shouldBe "1"
            near.receive().shouldBeNull()
            near.close()
            acceptor.close()
            while (manager.connections().isNotEmpty()) delay(1)
            manager.connections().shouldBeEmpty()
        }

        onBothArms("a connection that is not open cannot be taken over") {
            pair { near, _ ->
                near.close()
                shouldThrow<IllegalStateException> { near.connection.asSuspending() }
            }
        }
    })

/** Notes what it hears, and answers the end. */
private class Seen : Handler {
    val text = StringBuilder()
    val kinds = ArrayList<String>()

    override fun onEvent(connection: Connection, event: Event) {
        kinds += event.javaClass.simpleName
        if (event is TcpEvent.Received) {
            text.append(event.takeText())
        } else if (event is TcpEvent.InputClosed) {
            connection.send("bye")
            connection.close()
        }
    }
}
