/**
 * A manager inside a loop that is not its own: a selector loop, an event loop of another library, the event thread of a
 * user interface. Nobody else needs this package.
 */
@NullMarked
package dev.meerkat.foreign;

import org.jspecify.annotations.NullMarked;
