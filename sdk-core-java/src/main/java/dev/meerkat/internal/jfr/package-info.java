/**
 * Events of the JDK Flight Recorder. The only code that knows {@code jdk.jfr}, which a run-time image may lack: it is
 * reached through {@link dev.meerkat.internal.jfr.Flight#find}, which then finds nothing.
 */
@NullMarked
package dev.meerkat.internal.jfr;

import org.jspecify.annotations.NullMarked;
