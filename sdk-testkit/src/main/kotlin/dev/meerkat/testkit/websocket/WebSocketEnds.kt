package dev.meerkat.testkit.websocket

import dev.meerkat.testkit.SimHost
import kotlin.time.Duration
import kotlin.time.toJavaDuration

/**
 * Connects from this host, and does the handshake of a client by hand: an end that says and expects frames.
 *
 * @param uri for instance `ws://server/chat`, where the host is one of the world
 * @param fields further lines of the request, for instance `Origin: https://example.com`
 * @return an open end
 */
public fun SimHost.webSocket(uri: String, vararg fields: String): WebSocketEnd =
    WebSocketEnd.connect(this, uri, *fields)

/**
 * Sets how long the expectations that follow may take.
 *
 * @param limit in virtual time
 * @return this end
 */
public fun WebSocketEnd.within(limit: Duration): WebSocketEnd = within(limit.toJavaDuration())

/**
 * Lets a span of time pass, its end included, and fails if something arrives here.
 *
 * @param span how long
 * @return this end
 */
public fun WebSocketEnd.expectNothingFor(span: Duration): WebSocketEnd = expectNothingFor(span.toJavaDuration())

/**
 * Lets everything happen that is due until an instant, that instant included, and fails if something arrives here.
 *
 * @param elapsed the instant, as the time since the clock or the world began
 * @return this end
 */
public fun WebSocketEnd.expectNothingUntil(elapsed: Duration): WebSocketEnd =
    expectNothingUntil(elapsed.toJavaDuration())
