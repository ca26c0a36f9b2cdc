package dev.meerkat.coroutines

import dev.meerkat.ConnectionClosedException
import dev.meerkat.tls.TlsOptions
import dev.meerkat.tls.TlsRole
import dev.meerkat.tls.TlsSession
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withContext
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException

/**
 * What the TLS handshake agreed on (version, cipher suite, application protocol) and the certificates that the peer has
 * shown; made anew on each call. Null if the connection is not secured.
 *
 * **Thread** the loop.
 */
public val SuspendingConnection.tlsSession: TlsSession?
    get() = connection.tlsSession().orElse(null)

/**
 * Begins TLS on a connection that is open, as SMTP, IMAP and others do after STARTTLS, and waits until both directions
 * are encrypted. What was sent before leaves in clear, in front of the handshake. What has arrived and was not received
 * is taken for the beginning of the handshake: nobody between the two can smuggle in words in clear that would be
 * received as if they had come encrypted.
 *
 * **Suspends** until the handshake is done or has failed.
 *
 * **Cancellation** aborts the connection: what is encrypted by half cannot go on in clear.
 *
 * **Thread** any.
 *
 * @param options how to encrypt; a server needs a certificate in them, a client of a name verifies that name
 * @param role which side of the handshake to play; by default an accepted connection is the server, one that was made
 *     here the client
 * @return what was agreed on
 * @throws ConnectionFailedException if the handshake failed, with an error whose kind tells why; the connection is
 *     closed then
 * @throws ConnectionClosedException if this end closed the connection, or one of its directions has ended
 * @throws IllegalStateException if TLS was started already, if a file waits to leave in clear, or if a coroutine is
 *     receiving, who would not know whether what it gets is encrypted
 * @throws IllegalArgumentException if the options cannot serve in this role
 */
public suspend fun SuspendingConnection.startTls(options: TlsOptions, role: TlsRole? = null): TlsSession =
    if (connection.manager().inLoop()) secure(options, role) else withContext(dispatcher) { secure(options, role) }

private suspend fun SuspendingConnection.secure(options: TlsOptions, role: TlsRole?): TlsSession {
    requireNoReceiver()
    connection.startTls(options, role ?: if (connection.acceptor().isPresent) TlsRole.SERVER else TlsRole.CLIENT)
    try {
        suspendCancellableCoroutine { caller ->
            securing = Securing(caller)
            caller.invokeOnCancellation { abort() }
        }
    } finally {
        securing = null
    }
    return checkNotNull(tlsSession) { "$this is secured and has no session" }
}

/** The one who waits for a handshake. */
internal class Securing(private val caller: CancellableContinuation<Unit>) {
    fun secured() {
        caller.resume(Unit)
    }

    fun failed(failure: ConnectionFailedException?) {
        caller.resumeWithException(
            failure ?: ConnectionClosedException("the connection was closed before TLS was agreed on"),
        )
    }
}
