package dev.meerkat.coroutines

import dev.meerkat.ConnectOptions
import dev.meerkat.ConnectionClosedException
import dev.meerkat.ListenOptions
import dev.meerkat.event.ConnectionError.Kind
import dev.meerkat.testkit.TestCa
import dev.meerkat.tls.ClientAuth
import dev.meerkat.tls.TlsOptions
import dev.meerkat.tls.TlsRole
import io.kotest.assertions.throwables.shouldThrow
import io.kotest.core.spec.style.FunSpec
import io.kotest.matchers.collections.shouldBeEmpty
import io.kotest.matchers.nulls.shouldBeNull
import io.kotest.matchers.shouldBe
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext

private const val ANY_TLS_PORT = "tls://127.0.0.1:0"

class TlsSpec :
    FunSpec({
        context("tls://") {
            onBothArms("is served and connected to, and both ends see what was agreed on") {
                val party = Party(this)
                val seen = CompletableDeferred<String>()
                val mutual =
                    TlsOptions.server(party.ca.server("db.internal").identity()).toBuilder()
                        .trust(party.ca.trust())
                        .clientAuth(ClientAuth.REQUIRED)
                        .applicationProtocols("smtp", "h2")
                        .build()
                val server =
                    serve(ANY_TLS_PORT, ListenOptions.builder().tls(mutual).build()) { connection ->
                        val session = checkNotNull(connection.tlsSession)
                        seen.complete(session.peerSubject() + " " + session.applicationProtocol().orElse(""))
                        connection.send(checkNotNull(connection.receive()))
                    }
                val client =
                    TlsOptions.client(party.ca.trust()).toBuilder()
                        .identity(party.ca.client("me").identity())
                        .serverName("db.internal")
                        .applicationProtocols("h2")
                        .build()
                val answer =
                    connect("tls://127.0.0.1:${server.port}", ConnectOptions.builder().tls(client).build()) { near ->
                        near.connection.isSecured shouldBe true
                        checkNotNull(near.tlsSession).applicationProtocol().get() shouldBe "h2"
                        near.send("secret")
                        near.receiveExactly(6).decodeToString()
                    }
                answer shouldBe "secret"
                seen.await() shouldBe "CN=me h2"
                server.close()
                server.job.join()
            }

            onBothArms("a certificate of another name is a typed failure, and serves nobody") {
                val party = Party(this)
                val server = serve(ANY_TLS_PORT, party.listen) { error("served") }
                val wrong = TlsOptions.client(party.ca.trust()).toBuilder().serverName("other.internal").build()
                val options = ConnectOptions.builder().tls(wrong).build()
                shouldThrow<ConnectionFailedException> { connect("tls://127.0.0.1:${server.port}", options) }
                    .error.kind() shouldBe Kind.CERTIFICATE_WRONG_HOST
                server.close()
                server.job.join()
                while (manager.connections().isNotEmpty()) delay(1)
            }

            onBothArms("an end without close_notify is a failure, not the end of input") {
                val party = Party(this)
                val outcome = CompletableDeferred<Kind>()
                val server =
                    serve(ANY_TLS_PORT, party.listen) { connection ->
                        connection.receiveExactly(4).decodeToString() shouldBe "half"
                        outcome.complete(
                            shouldThrow<ConnectionFailedException> { connection.receive() }.error.kind(),
                        )
                    }
                val cut = CompletableDeferred<Unit>()
                val relay =
                    serve(ANY_PORT) { outer ->
                        connect(server) { inner ->
                            launch { outer.copyTo(inner) }
                            launch { runCatching { inner.copyTo(outer) } }
                            cut.await()
                            inner.shutdownOutput()
                            outcome.await()
                        }
                    }
                val near = connect("tls://127.0.0.1:${relay.port}", party.connect)
                near.send("half")
                delay(20)
                cut.complete(Unit)
                outcome.await() shouldBe Kind.TLS_TRUNCATED
                near.abort()
                server.close()
                relay.close()
            }
        }

        context("startTls") {
            onBothArms("encrypts a conversation that began in clear") {
                val party = Party(this)
                val server =
                    serve(ANY_PORT) { connection ->
                        connection.send("220 ready\r\n")
                        while (true) {
                            val command = connection.receiveLine() ?: break
                            val isSecured = connection.connection.isSecured
                            when (command) {
                                "STARTTLS" -> {
                                    connection.send("220 go ahead\r\n")
                                    connection.startTls(party.server)
                                }

                                else -> connection.send("250 $command${if (isSecured) ", in secret" else ""}\r\n")
                            }
                        }
                    }
                connect(server) { near ->
                    near.receiveLine() shouldBe "220 ready"
                    near.send("EHLO me\r\n")
                    near.receiveLine() shouldBe "250 EHLO me"
                    near.tlsSession.shouldBeNull()
                    near.send("STARTTLS\r\n")
                    near.receiveLine() shouldBe "220 go ahead"
                    near.startTls(party.client).peerSubject() shouldBe "CN=tls.test"
                    near.send("EHLO again\r\n")
                    near.receiveLine() shouldBe "250 EHLO again, in secret"
                }
                server.close()
                server.job.join()
            }

            onBothArms("may be called from any thread, by either role") {
                val party = Party(this)
                pair { near, far ->
                    val accepting = now { far.startTls(party.client, TlsRole.CLIENT) }
                    withContext(elsewhere(manager)) { near.startTls(party.server, TlsRole.SERVER) }
                    accepting.await().peerSubject() shouldBe "CN=tls.test"
                    near.send("1")
                    far.receive()?.decodeToString() shouldBe "1"
                }
            }

            onBothArms("what was smuggled in behind the agreement is never received") {
                val party = Party(this)
                val kind = CompletableDeferred<Kind>()
                val server =
                    serve(ANY_PORT) { connection ->
                        connection.receiveLine() shouldBe "STARTTLS"
                        connection.send("go ahead\n")
                        kind.complete(
                            shouldThrow<ConnectionFailedException> { connection.startTls(party.server) }.error.kind(),
                        )
                        isActive shouldBe true
                    }
                val near = connect(server)
                near.send("STARTTLS\nDELETE everything\n")
                kind.await() shouldBe Kind.NOT_TLS
                near.abort()
                server.close()
                server.job.join()
            }

            onBothArms("that fails throws what failed it, on both ends, and its block may go on") {
                val party = Party(this)
                val went = CompletableDeferred<Boolean>()
                val server =
                    serve(ANY_PORT) { connection ->
                        shouldThrow<ConnectionFailedException> { connection.startTls(party.server) }
                            .error.kind() shouldBe Kind.TLS_ALERT
                        delay(5)
                        went.complete(isActive)
                    }
                val stranger = TlsOptions.client(TestCa.create(manager.wallTime()).trust())
                val near = connect(server)
                shouldThrow<ConnectionFailedException> {
                    near.startTls(stranger.toBuilder().serverName("tls.test").build())
                }.error.kind() shouldBe Kind.CERTIFICATE_UNTRUSTED
                near.closeReason?.isClean shouldBe false
                went.await() shouldBe true
                server.close()
                server.job.join()
                manager.connections().shouldBeEmpty()
            }

            onBothArms("that is cancelled aborts the connection") {
                val party = Party(this)
                pair { near, far ->
                    val securing = now { near.startTls(party.client) }
                    securing.cancelAndJoin()
                    near.awaitClose().error().get().kind() shouldBe Kind.ABORTED
                    shouldThrow<ConnectionFailedException> {
                        far.receive()
                        far.receive()
                    }
                }
            }

            onBothArms("on a connection that is closed, or that somebody receives from, is misuse") {
                val party = Party(this)
                pair { near, far ->
                    val receiving = now { far.receive() }
                    shouldThrow<IllegalStateException> { far.startTls(party.server) }
                    near.close()
                    shouldThrow<ConnectionClosedException> { near.startTls(party.client) }
                    receiving.await().shouldBeNull()
                }
            }

            onBothArms("waits for the handshake's time-out and no longer") {
                val party = Party(this)
                pair { near, _ ->
                    val patience = party.client.toBuilder().handshakeTimeout(java.time.Duration.ofMillis(50)).build()
                    shouldThrow<ConnectionFailedException> { near.startTls(patience) }.error.kind() shouldBe
                        Kind.TLS_HANDSHAKE_TIMEOUT
                }
            }
        }
    })

/** A server and clients that trust it. */
private class Party(scope: EventManagerScope) {
    val ca: TestCa = TestCa.create(scope.manager.wallTime())
    val server: TlsOptions = TlsOptions.server(ca.server("tls.test").identity())
    val client: TlsOptions = TlsOptions.client(ca.trust()).toBuilder().serverName("tls.test").build()
    val listen: ListenOptions = ListenOptions.builder().tls(server).build()
    val connect: ConnectOptions = ConnectOptions.builder().tls(client).build()
}

private fun dev.meerkat.tls.TlsSession.peerSubject(): String = peerCertificates().first().subjectX500Principal.name
