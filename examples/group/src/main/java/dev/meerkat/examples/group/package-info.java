/** A server that uses every processor: managers side by side behind one port. */
@NullMarked
package dev.meerkat.examples.group;

import org.jspecify.annotations.NullMarked;
