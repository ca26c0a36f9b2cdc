/** Programs that run the same load on Meerkat and on others, in turns, and print the comparison as a Markdown table. */
@NullMarked
package dev.meerkat.examples.benchmarks.versus;

import org.jspecify.annotations.NullMarked;
