package dev.meerkat.multipart;

import dev.meerkat.http.Request;
import dev.meerkat.http.Response;
import org.jspecify.annotations.Nullable;

/**
 * One multipart body on its way in: the request that carries it, its flow, its end, its answer. A {@link PartHandler}
 * gets the same object with all events of a body. Loop thread, but for {@link #respond}; not for implementing.
 */
public interface Upload {
    /**
     * The request whose body this is. Answer it by {@link #respond}.
     *
     * @return the request
     */
    Request request();

    /**
     * Holds the sender back: no event comes until {@link #resume}, not even one that has arrived already. Of a body
     * that is aborted meanwhile the end is told all the same.
     */
    void pause();

    /** Goes on, in this turn of the loop or the next; nothing that arrived meanwhile is lost. */
    void resume();

    /**
     * Tells whether {@link #pause} holds.
     *
     * @return true until {@link #resume}
     */
    boolean isPaused();

    /**
     * Ends the body before it is complete: {@code PartEnd}, if a part has begun, and {@code MultipartEnd} are told
     * before this returns, {@link Completion.Aborted} with this error; what still comes is thrown away. Unless it has
     * been answered, the request is, with the status and the message of the error, and the connection closes. Nothing
     * happens if the body has ended.
     *
     * @param error why; {@link MultipartError.Kind#REFUSED} for reasons of the program's own
     */
    void refuse(MultipartError error);

    /**
     * May be called from any thread. Answers the request; whoever answers first is heard, others are not. The answer
     * may be given before the body has ended, which goes on.
     *
     * @param response the answer
     * @return whether it is the first
     */
    boolean respond(Response response);

    /**
     * Keeps an object of the program's with this body.
     *
     * @param object the object, or null for none
     */
    void attach(@Nullable Object object);

    /**
     * Returns the attached object.
     *
     * @param type its class
     * @param <T> its type
     * @return the object, or null if there is none
     * @throws ClassCastException if the object is of another class
     */
    <T> @Nullable T attachment(Class<T> type);
}
