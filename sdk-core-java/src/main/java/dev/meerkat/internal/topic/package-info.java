/**
 * Topics: the order of what is published, who gets it on which loop, what waits for the slow, and the line to the bus.
 * Everything but {@code ManagerLoop} and {@code WebSocketOutlet} knows no manager and no connection.
 */
@NullMarked
package dev.meerkat.internal.topic;

import org.jspecify.annotations.NullMarked;
