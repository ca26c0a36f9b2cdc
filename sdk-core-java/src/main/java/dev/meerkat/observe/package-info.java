/**
 * Ready-made taps: a {@linkplain dev.meerkat.observe.HexDump hex dump} and a {@linkplain dev.meerkat.observe.PcapWriter
 * packet capture} of what passes the connections of a manager. Metrics come from a {@link dev.meerkat.ManagerObserver};
 * JDK Flight Recorder events need nothing but a recording.
 */
@NullMarked
package dev.meerkat.observe;

import org.jspecify.annotations.NullMarked;
