/**
 * The front door: make an {@link dev.meerkat.EventManager}, listen, connect, send, close.
 *
 * <p>Three nouns carry everything: a <em>manager</em> owns a loop and its connections, a <em>connection</em> is one
 * conversation with a peer, an <em>event</em> is what happened to it. One {@link dev.meerkat.Handler} receives them.
 */
@NullMarked
package dev.meerkat;

import org.jspecify.annotations.NullMarked;
