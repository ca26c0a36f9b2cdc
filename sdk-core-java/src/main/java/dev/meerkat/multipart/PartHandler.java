package dev.meerkat.multipart;

/**
 * Reacts to the parts of multipart bodies, as they come; see {@link PartEvent} for their order. One handler serves any
 * number of bodies, connections and managers; what belongs to one body or one part is attached to it.
 *
 * <p>It is called on the loop thread and must not block. Bytes in an event are borrowed until it returns. If it throws,
 * the body is aborted, which it is told by the ends that are missing, and the request fails as that of any handler.
 */
@FunctionalInterface
public interface PartHandler {
    /**
     * Reacts to an event.
     *
     * @param upload which body
     * @param event what has arrived of it
     * @throws Exception if the handler fails; the body is aborted then
     */
    void onEvent(Upload upload, PartEvent event) throws Exception;
}
