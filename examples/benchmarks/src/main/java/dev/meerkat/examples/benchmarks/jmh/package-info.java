/** JMH benchmarks of single parts: {@code java -jar target/benchmarks.jar}. */
@NullMarked
package dev.meerkat.examples.benchmarks.jmh;

import org.jspecify.annotations.NullMarked;
