/**
 * Internal: the simulator. Below, a scheduler of virtual time ({@link dev.meerkat.testkit.internal.Scheduler}); on it a
 * network of hosts, routes and sockets; above it the drivers of event managers. Nothing here knows the public package.
 */
@NullMarked
package dev.meerkat.testkit.internal;

import org.jspecify.annotations.NullMarked;
