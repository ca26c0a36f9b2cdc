package dev.meerkat.http;

/**
 * The body of a request as it comes. Nothing is read beyond one buffer until somebody asks; a peer that expects
 * {@code 100-continue} is told to go on when somebody does. What a reader of it throws is answered with 500 if that is
 * possible still; the connection is closed. Loop thread.
 */
public interface RequestBody extends BodyInput {
    /**
     * Gives up the rest: whoever reads is told nothing more, not even the end, and nobody can read after it. What is
     * still to come is treated as that of a body which nobody has asked for: thrown away behind the answer, within
     * bounds, or else the connection closes. Does nothing to a body that has ended or is being gathered.
     */
    void giveUp();
}
