package dev.meerkat.internal.multipart;

import dev.meerkat.multipart.PartEvent;

/** Takes the events of one body. */
@FunctionalInterface
public interface PartSink {
    /** Reacts to an event, whose bytes are borrowed. */
    void accept(PartEvent event) throws Exception;
}
