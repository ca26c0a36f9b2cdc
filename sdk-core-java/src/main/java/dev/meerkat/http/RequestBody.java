package dev.meerkat.http;

/**
 * The body of a request as it comes. Nothing is read beyond one buffer until somebody asks; a peer that expects
 * {@code 100-continue} is told to go on when somebody does. What a reader of it throws is answered with 500 if that is
 * possible still; the connection is closed. Loop thread.
 */
public interface RequestBody extends BodyInput {}
