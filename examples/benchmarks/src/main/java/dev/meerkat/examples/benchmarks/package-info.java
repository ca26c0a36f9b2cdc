/** What Meerkat costs, measured with JMH and against Netty. */
@NullMarked
package dev.meerkat.examples.benchmarks;

import org.jspecify.annotations.NullMarked;
