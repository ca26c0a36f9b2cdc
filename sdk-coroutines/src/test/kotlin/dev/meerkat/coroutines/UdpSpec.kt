package dev.meerkat.coroutines

import dev.meerkat.ConnectionClosedException
import dev.meerkat.DatagramTooLongException
import dev.meerkat.EventManager
import dev.meerkat.ListenException
import dev.meerkat.MalformedAddressException
import dev.meerkat.UdpOptions
import dev.meerkat.event.CloseReason
import dev.meerkat.event.ConnectionError.Kind
import dev.meerkat.event.UdpEvent
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.collections.shouldContainExactly
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import io.kotest.matchers.types.shouldBeInstanceOf
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.channels.BufferOverflow
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull
import java.net.InetAddress
import java.net.InetSocketAddress
import java.nio.ByteBuffer

private const val ANY_UDP_PORT = "udp://127.0.0.1:0"

class UdpSpec :
    FunSpec({
        context("datagrams") {
            onBothArms("arrive whole, in their order, with their sender") {
                listenUdp(ANY_UDP_PORT).use { server ->
                    connectTo(server).use { client ->
                        client.send("one")
                        client.send("")
                        client.send(byteArrayOf('3'.code.toByte()))
                        client.send(ByteBuffer.wrap("four".encodeToByteArray()))
                        val received = List(4) { checkNotNull(server.receive()) }
                        received.map { it.text } shouldContainExactly listOf("one", "", "3", "four")
                        received.forEach {
                            it.sender.port shouldBe client.port
                            it.isTruncated shouldBe false
                        }
                        server.sendTo(received[0].sender, "answer")
                        val answer = checkNotNull(client.receive())
                        answer.text shouldBe "answer"
                        answer.sender.port shouldBe server.port
                        client.remoteAddress?.port shouldBe server.port
                        server.remoteAddress.shouldBeNull()
                    }
                }
            }

            onBothArms("that are longer than the limit are cut, and say so") {
                val options = UdpOptions.builder().datagramLimit(4).build()
                listenUdp(ANY_UDP_PORT, options).use { server ->
                    connectTo(server).use { client ->
                        client.send("1234")
                        client.send("12345")
                        val exact = checkNotNull(server.receive())
                        (exact.text to exact.isTruncated) shouldBe ("1234" to false)
                        val longer = checkNotNull(server.receive())
                        (longer.text to longer.isTruncated) shouldBe ("1234" to true)
                    }
                }
            }

            onBothArms("are a flow, which ends when the socket is closed") {
                listenUdp(ANY_UDP_PORT).use { server ->
                    connectTo(server).use { client ->
                        repeat(5) { client.send("$it") }
                        server.datagrams.take(2).map { it.text }.toList() shouldContainExactly listOf("0", "1")
                        val rest = now { server.datagrams.map { it.text }.toList() }
                        while (server.socket.lastIo() < client.socket.lastIo()) delay(1)
                        delay(20)
                        server.close()
                        rest.await() shouldContainExactly listOf("2", "3", "4")
                    }
                }
            }

            onBothArms("are received and sent by coroutines of any dispatcher") {
                listenUdp(ANY_UDP_PORT).use { server ->
                    val echo = launch {
                        server.datagrams.collect { server.sendTo(it.sender, it.payload) }
                    }
                    withContext(elsewhere(manager)) {
                        manager.awaitConnectUdp("127.0.0.1:${server.port}").use { client ->
                            client.send("1")
                            client.receive()?.text shouldBe "1"
                            client.send("2")
                            client.receive()?.text shouldBe "2"
                        }
                    }
                    server.close()
                    echo.join()
                }
            }

            onBothArms("go to receivers in the order in which those wait") {
                listenUdp(ANY_UDP_PORT).use { server ->
                    connectTo(server).use { client ->
                        val receivers = List(3) { now { server.receive()?.text } }
                        repeat(3) { client.send("$it") }
                        receivers.map { it.await() } shouldContainExactly listOf("0", "1", "2")
                    }
                }
            }
        }

        context("a datagram for a receiver that is cancelled") {
            onBothArms("is for the next one") {
                listenUdp(ANY_UDP_PORT).use { server ->
                    connectTo(server).use { client ->
                        val waiting = now { server.receive() }
                        waiting.cancelAndJoin()
                        withTimeoutOrNull(2) { server.receive() }.shouldBeNull()
                        client.send("1")
                        server.receive()?.text shouldBe "1"
                    }
                }
            }

            test("is for the next one though it was handed over already, in front of what came later") {
                virtually { _ ->
                    val slow = Held()
                    val server = listenUdp(ANY_UDP_PORT)
                    val client = connectTo(server)
                    val receiver = launch(slow) { server.receive() }
                    slow.release()
                    delay(1)
                    client.send("1")
                    client.send("2")
                    delay(10)
                    receiver.cancel()
                    slow.release()
                    receiver.join()
                    server.receive()?.text shouldBe "1"
                    server.receive()?.text shouldBe "2"
                    server.dropped shouldBe 0
                    listOf(server, client).forEach { it.close() }
                }
            }
        }

        context("a queue that is full") {
            suspend fun EventManagerScope.left(sent: Int, policy: BufferOverflow): Pair<List<String>, Long> {
                val server = listenUdp(ANY_UDP_PORT, capacity = 3, onOverflow = policy)
                val client = connectTo(server)
                repeat(sent) { client.send("$it") }
                delay(20)
                client.close()
                val left = ArrayList<String>()
                while (true) {
                    left += withTimeoutOrNull(20) { server.receive() }?.text ?: break
                }
                server.close()
                return left to server.dropped
            }

            test("loses the oldest by default, and counts") {
                virtually { _ ->
                    left(3, BufferOverflow.DROP_OLDEST) shouldBe (listOf("0", "1", "2") to 0L)
                    left(4, BufferOverflow.DROP_OLDEST) shouldBe (listOf("1", "2", "3") to 1L)
                    left(7, BufferOverflow.DROP_OLDEST) shouldBe (listOf("4", "5", "6") to 4L)
                }
            }

            test("loses the newest if told so, and counts") {
                virtually { _ ->
                    left(3, BufferOverflow.DROP_LATEST) shouldBe (listOf("0", "1", "2") to 0L)
                    left(4, BufferOverflow.DROP_LATEST) shouldBe (listOf("0", "1", "2") to 1L)
                }
            }

            onBothArms("leaves the rest to the system if told so, and loses none") {
                left(3, BufferOverflow.SUSPEND) shouldBe (listOf("0", "1", "2") to 0L)
                left(7, BufferOverflow.SUSPEND) shouldBe (List(7) { "$it" } to 0L)
            }

            onBothArms("has room for one at least") {
                shouldThrow<IllegalArgumentException> { listenUdp(ANY_UDP_PORT, capacity = 0) }
                shouldThrow<IllegalArgumentException> { connectUdp("127.0.0.1:1", capacity = 0) }
                manager.udpSockets().shouldBeEmpty()
            }
        }

        context("a failure") {
            onBothArms("of a port that nobody listens on is typed, and the socket goes on") {
                val server = listenUdp(ANY_UDP_PORT)
                val client = connectTo(server)
                server.close()
                server.awaitClose().isClean shouldBe true
                val told = now { client.failures.first() }
                client.send("anybody?")
                val failure = shouldThrow<DatagramFailedException> { client.receive() }
                failure.error.kind() shouldBe Kind.REFUSED
                failure.event shouldBe UdpEvent.PortUnreachable(server.localAddress)
                told.await() shouldBe failure.event
                val again = listenUdp("127.0.0.1:${server.port}")
                client.send("and now?")
                again.receive()?.text shouldBe "and now?"
                again.close()
                client.close()
            }

            onBothArms("of one peer does not disturb a socket that hears everybody") {
                listenUdp(ANY_UDP_PORT).use { server ->
                    val told = now { server.failures.first() }
                    val receiving = now { server.receive() }
                    server.sendTo(InetSocketAddress("255.255.255.255", 9), "not permitted")
                    told.await().shouldBeInstanceOf<UdpEvent.SendFailed>()
                    connectTo(server).use { client ->
                        client.send("1")
                        receiving.await()?.text shouldBe "1"
                    }
                }
            }

            onBothArms("to bind or to connect is thrown") {
                shouldThrow<MalformedAddressException> { listenUdp("tcp://127.0.0.1:0") }
                shouldThrow<MalformedAddressException> { connectUdp("nowhere") }
                val server = listenUdp(ANY_UDP_PORT)
                shouldThrow<ListenException> { listenUdp("127.0.0.1:${server.port}") }
                server.close()
            }

            test("of a name that means nothing is an unknown host") {
                virtually { _ ->
                    shouldThrow<ConnectionFailedException> { connectUdp("nowhere:1") }.error.kind() shouldBe
                        Kind.UNKNOWN_HOST
                }
            }

            onBothArms("to use it rightly is misuse") {
                val server = listenUdp(ANY_UDP_PORT)
                val client = connectTo(server)
                shouldThrow<DatagramTooLongException> { client.send(ByteArray(65_536)) }
                shouldThrow<IllegalStateException> { server.send("to nobody") }
                shouldThrow<IllegalStateException> { client.sendTo(server.localAddress, "I have a peer") }
                server.close()
                client.close()
            }
        }

        context("sending") {
            test("waits while the system takes nothing, and goes on in order") {
                virtually { _ ->
                    val options = UdpOptions.builder().highWaterMark(8).lowWaterMark(0).build()
                    val server = listenUdp(ANY_UDP_PORT, capacity = 4096)
                    val client = connectUdp("127.0.0.1:${server.port}", options)
                    val senders = List(3) { name ->
                        now {
                            repeat(200) { client.send("$name:$it" + ".".repeat(1000)) }
                        }
                    }
                    senders.forEach { it.await() }
                    delay(100)
                    val seen = ArrayList<String>()
                    while (true) seen += (server.receiveOrNull() ?: break).text.substringBefore('.')
                    for (name in 0..2) {
                        seen.filter { it.startsWith("$name:") }.map { it.substringAfter(':').toInt() }.let {
                            it shouldBe it.sorted()
                        }
                    }
                    client.close()
                    server.close()
                }
            }
        }

        context("the end") {
            onBothArms("by closing: what waits can be received, then nothing") {
                val server = listenUdp(ANY_UDP_PORT)
                val client = connectTo(server)
                client.send("1")
                server.datagrams.first().text shouldBe "1"
                val receiving = now { server.receive() }
                server.close()
                receiving.await().shouldBeNull()
                server.receive().shouldBeNull()
                server.awaitClose() shouldBe CloseReason.clean(CloseReason.Initiator.LOCAL)
                server.closeReason?.isClean shouldBe true
                shouldThrow<ConnectionClosedException> { server.sendTo(client.localAddress, "late") }
                shouldThrow<ConnectionClosedException> {
                    server.join(InetAddress.getByAddress(byteArrayOf(-24, 0, 0, 9)))
                }
                client.close()
            }

            onBothArms("by aborting fails who waits, and who comes later") {
                val server = listenUdp(ANY_UDP_PORT)
                val receiving = now { runCatching { server.receive() }.exceptionOrNull() }
                server.abort()
                (receiving.await() as ConnectionFailedException).error.kind() shouldBe Kind.ABORTED
                shouldThrow<ConnectionFailedException> { server.receive() }.error.kind() shouldBe Kind.ABORTED
                shouldThrow<ConnectionFailedException> { server.sendTo(server.localAddress, "late") }
            }

            test("of the manager fails who waits, on any thread") {
                val manager = EventManager.create().start()
                val server = kotlinx.coroutines.runBlocking { manager.awaitListenUdp(ANY_UDP_PORT) }
                val receiving = CoroutineScope(Dispatchers.IO).now {
                    runCatching { server.receive() }.exceptionOrNull()
                }
                manager.submit { }.get()
                manager.close()
                kotlinx.coroutines.runBlocking {
                    (receiving.await() as ConnectionFailedException).error.kind() shouldBe Kind.MANAGER_CLOSED
                    shouldThrow<ConnectionFailedException> { server.receive() }.error.kind() shouldBe
                        Kind.MANAGER_CLOSED
                    server.awaitClose().initiator() shouldBe CloseReason.Initiator.MANAGER
                }
            }

            onBothArms("of who waits for a socket leaves none behind") {
                val binding = now { listenUdp(ANY_UDP_PORT) }
                val connecting = now { connectUdp("127.0.0.1:9") }
                binding.cancelAndJoin()
                connecting.cancelAndJoin()
                while (manager.udpSockets().isNotEmpty()) delay(1)
            }

            test("of who waits for a socket that is bound already leaves none behind") {
                virtually { _ ->
                    val slow = Held()
                    val caller = launch(slow) { listenUdp(ANY_UDP_PORT) }
                    slow.release()
                    while (manager.udpSockets().none { it.isOpen }) delay(1)
                    caller.cancel()
                    slow.release()
                    caller.join()
                    while (manager.udpSockets().isNotEmpty()) delay(1)
                }
            }
        }

        test("a group is joined and left") {
            virtually { _ ->
                val group = InetAddress.getByAddress(byteArrayOf(-17, 1, 2, 3))
                val member = listenUdp("udp://:0")
                member.join(group)
                val sender = listenUdp("udp://:0")
                sender.sendTo(InetSocketAddress(group, member.port), "to all")
                member.receive()?.text shouldBe "to all"
                member.leave(group)
                sender.sendTo(InetSocketAddress(group, member.port), "to nobody")
                withTimeoutOrNull(1000) { member.receive() }.shouldBeNull()
                member.close()
                sender.close()
            }
        }

        onBothArms("a socket is taken over from its Java handler") {
            var taken: SuspendingUdpSocket? = null
            val socket = manager.listenUdp(ANY_UDP_PORT) { socket, event ->
                if (event is UdpEvent.Received && event.takeText() == "over to you") taken = socket.asSuspending()
            }
            connectUdp("127.0.0.1:${socket.port()}").use { client ->
                client.send("1")
                client.send("over to you")
                client.send("2")
                client.send("3")
                while (taken == null) delay(1)
                val server = checkNotNull(taken)
                server.receive()?.text shouldBe "2"
                server.receive()?.text shouldBe "3"
                server.close()
                server.awaitClose()
                shouldThrow<IllegalStateException> { socket.asSuspending() }
            }
        }
    })

private suspend fun EventManagerScope.connectTo(server: SuspendingUdpSocket): SuspendingUdpSocket =
    connectUdp("127.0.0.1:${server.port}")
