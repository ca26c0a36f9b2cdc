/** Time that a test moves by hand, sockets in memory, and a network that misbehaves on command. */
@NullMarked
package dev.meerkat.testkit;

import org.jspecify.annotations.NullMarked;
