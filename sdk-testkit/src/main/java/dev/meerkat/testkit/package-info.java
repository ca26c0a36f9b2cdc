/**
 * Time that a test moves by hand, sockets in memory, and a network that misbehaves on command; and in all of them the
 * very code that runs in production, from the event manager upwards.
 *
 * <table>
 *   <caption>What to take for which test</caption>
 *   <tr><th>to test</th><th>take</th><th>time</th></tr>
 *   <tr><td>one handler, over one connection</td><td>{@link dev.meerkat.testkit.SocketPair}</td>
 *       <td>its {@link dev.meerkat.testkit.FakeClock}, or one of yours</td></tr>
 *   <tr><td>several programs on several hosts, latency, loss, resets, partitions</td>
 *       <td>{@link dev.meerkat.testkit.SimWorld}</td><td>the world's</td></tr>
 *   <tr><td>the same in every order that could happen</td><td>the same, with many seeds</td><td>the world's</td></tr>
 *   <tr><td>TLS: good, expired, wrong certificates</td><td>{@link dev.meerkat.testkit.TestCa}</td><td>any</td></tr>
 *   <tr><td>WebSocket: right and wrong frames</td><td>{@link dev.meerkat.testkit.websocket.WebSocketEnd} on any of
 *       these</td><td>any</td></tr>
 *   <tr><td>a protocol that passes events on</td><td>{@link dev.meerkat.testkit.GrammarChecker} around its users</td>
 *       <td>any</td></tr>
 *   <tr><td>a transport of your own</td><td>{@link dev.meerkat.testkit.conformance.TransportConformance}</td>
 *       <td>any</td></tr>
 * </table>
 *
 * <p>A handler, in five lines:
 *
 * <pre>{@code
 * @Test void greetsAndHangsUpAfterThirtySeconds() {
 *     FakeClock clock = new FakeClock();
 *     SocketPair pair = SocketPair.stream(clock, new ChatHandler());
 *     pair.expectText("welcome\n");
 *     clock.advance(Duration.ofSeconds(30));
 *     pair.expectText("bye\n").expectEnd();
 * }
 * }</pre>
 *
 * <p>A network that misbehaves, a thousand times (with {@link dev.meerkat.testkit.junit.SimTest}; without a framework
 * it is {@link dev.meerkat.testkit.SimWorld#run(SimConfig, SimWorld.Body)}):
 *
 * <pre>{@code
 * @SimTest(seeds = 1_000)
 * void nobodyMissesAnAnswer(SimWorld world, @OnHost("srv") SimHost server, @OnHost("cli") SimHost client) {
 *     server.listen(7, new EchoHandler());
 *     world.link("cli", "srv").latency(Duration.ofMillis(5), Duration.ofMillis(80)).chunks(Chunks.random()).loss(0.1);
 *     client.stream("srv", 7).send("hello").expectText("hello");
 * }
 * }</pre>
 *
 * <p>Nothing here sleeps, starts a thread, keeps anything in a static field or reads the system's clock. What is waited
 * for is waited for in virtual time, and a day of it passes in a fraction of a second.
 *
 * <p>Where it differs from a real network: TCP's congestion control and TIME_WAIT are not modelled; a batch of bytes
 * travels as one event and not as segments. A file, a database or a thread of your own is real even in a virtual world,
 * and has to be replaced there.
 */
@NullMarked
package dev.meerkat.testkit;

import org.jspecify.annotations.NullMarked;
