/**
 * What Meerkat costs. Package {@code versus} compares it with others in one run; package {@code jmh} holds
 * microbenchmarks of its parts. How to run them, and what they said: docs/performance.md.
 */
@NullMarked
package dev.meerkat.examples.benchmarks;

import org.jspecify.annotations.NullMarked;
