/**
 * Topics of several processes on <a href="https://nats.io">NATS</a>: {@link dev.meerkat.nats.NatsTopicBus} is a
 * {@link dev.meerkat.topic.TopicBus} on its official Java client.
 */
@NullMarked
package dev.meerkat.nats;

import org.jspecify.annotations.NullMarked;
