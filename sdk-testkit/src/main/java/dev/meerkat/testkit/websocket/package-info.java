/**
 * A WebSocket peer in the hands of a test, which keeps the rules or breaks them, frame by frame (RFC 6455); and frames
 * in readable lines.
 *
 * <p>A handler of WebSockets, in five lines and without a world:
 *
 * <pre>{@code
 * @Test void echoesAndCatchesMistakes() {
 *     FakeClock clock = new FakeClock();
 *     WebSocketEnd chat = WebSocketEnd.client(SocketPair.stream(clock, HttpServer.handler(server)), "/chat");
 *     chat.sendText("hello").expectText("hello");
 *     chat.send(WireFrame.text("Hello").reserved(2)).expectClose(1002);
 * }
 * }</pre>
 *
 * <p>In a world, where everything may happen on the way:
 *
 * <pre>{@code
 * @SimTest(seeds = 1_000)
 * void everybodyIsHeard(SimWorld world, @OnHost("srv") SimHost srv, @OnHost("cli") SimHost cli) {
 *     srv.listen(80, HttpServer.handler(server));
 *     world.link("cli", "srv").latency(Duration.ofMillis(5), Duration.ofMillis(80)).chunks(Chunks.random());
 *     world.traceWebSockets();
 *     WebSocketEnd.connect(cli, "ws://srv/chat").sendText("hello").expectText("hello");
 * }
 * }</pre>
 *
 * <p>A client of production code runs in a world as it is: {@code WebSocketClient.connect(cli.manager(), …)}.
 */
@NullMarked
package dev.meerkat.testkit.websocket;

import org.jspecify.annotations.NullMarked;
