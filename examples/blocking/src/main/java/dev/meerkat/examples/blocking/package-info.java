/** A server in plain blocking code: one thread for each connection, and no other connection notices. */
@NullMarked
package dev.meerkat.examples.blocking;

import org.jspecify.annotations.NullMarked;
