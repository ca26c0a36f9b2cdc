/** A manager inside a selector loop, inside Netty's event loop, and on the event thread of a user interface. */
@NullMarked
package dev.meerkat.examples.foreign;

import org.jspecify.annotations.NullMarked;
