/** UDP on one screen: a clock that answers, and requests that get through a bad network. */
@NullMarked
package dev.meerkat.examples.datagrams;

import org.jspecify.annotations.NullMarked;
