/**
 * Topics: what is published to one reaches everybody who subscribes, in one order, on any number of managers and, over
 * a {@link dev.meerkat.topic.TopicBus}, in any number of processes.
 *
 * <p>{@link dev.meerkat.topic.Topic} says how; {@link dev.meerkat.topic.SubscriptionOptions} what becomes of slow
 * receivers; {@link dev.meerkat.topic.InProcessBus} is the bus for several topics of one process, and for tests.
 */
@NullMarked
package dev.meerkat.topic;

import org.jspecify.annotations.NullMarked;
