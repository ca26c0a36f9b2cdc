/** A server on a privileged port that never has a privilege. */
@NullMarked
package dev.meerkat.examples.activation;

import org.jspecify.annotations.NullMarked;
