/**
 * JUnit 5: a test in a virtual world is a method with {@link dev.meerkat.testkit.junit.SimTest} in the place of
 * {@code @Test}.
 *
 * <pre>{@code
 * @SimTest(seeds = 1_000)
 * void everybodyIsAnswered(SimWorld world, @OnHost("srv") SimHost server, @OnHost("cli") SimHost client) {
 *     server.listen(7, new EchoHandler());
 *     world.link("cli", "srv").latency(Duration.ofMillis(5), Duration.ofMillis(80)).chunks(Chunks.random());
 *     client.stream("srv", 7).send("hello").expectText("hello");
 * }
 * }</pre>
 *
 * <p>A failure bears the seed and the command that runs it again: {@code -Dmeerkat.sim.seed=0x1f} runs this one seed.
 */
@NullMarked
package dev.meerkat.testkit.junit;

import org.jspecify.annotations.NullMarked;
