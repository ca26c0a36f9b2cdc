package dev.meerkat.testkit

import kotlin.time.Duration
import kotlin.time.toJavaDuration

/**
 * Sets how long a packet takes one way.
 *
 * @param latency always the same
 * @return this link
 */
public fun Link.latency(latency: Duration): Link = latency(latency.toJavaDuration())

/**
 * Sets how long a packet takes one way: anything within a range, as the seed decides.
 *
 * @param latency the shortest and the longest, for instance `5.milliseconds..80.milliseconds`
 * @return this link
 */
public fun Link.latency(latency: ClosedRange<Duration>): Link =
    latency(latency.start.toJavaDuration(), latency.endInclusive.toJavaDuration())

/**
 * Lets everything happen that is due within a span of time, its end included.
 *
 * @param span how far
 */
public fun FakeClock.advance(span: Duration): Unit = advance(span.toJavaDuration())

/**
 * Lets everything happen that is due within a span of time, its end included.
 *
 * @param span how far
 */
public fun SimWorld.advance(span: Duration): Unit = advance(span.toJavaDuration())

/**
 * Plans something, a partition for instance.
 *
 * @param elapsed when, as the time since the world began
 * @param action what to do then
 */
public fun SimWorld.at(elapsed: Duration, action: () -> Unit): Unit = at(elapsed.toJavaDuration(), action)

/**
 * Sets how long the expectations that follow may take.
 *
 * @param limit in virtual time
 * @return this end
 */
public fun StreamEnd.within(limit: Duration): StreamEnd = within(limit.toJavaDuration())

/**
 * Lets a span of time pass, its end included, and fails if something arrives here.
 *
 * @param span how long
 * @return this end
 */
public fun StreamEnd.expectNothingFor(span: Duration): StreamEnd = expectNothingFor(span.toJavaDuration())
