/**
 * Bytes ↔ WebSocket frames and messages, and the rules of the opening handshake, for both roles (RFC 6455); pure: no
 * socket, no clock, no thread, no random number.
 *
 * <ul>
 *   <li>{@link dev.meerkat.internal.websocket.FrameDecoder} is given the buffer of unread bytes and answers one
 *       {@link dev.meerkat.internal.websocket.Signal} after the other. A message that is whole in the buffer is one
 *       signal, its payload unmasked and checked in place; of others the rules are kept here (what continues what, how
 *       much so far, is it UTF-8), and the bytes by the caller. A breach is a signal with a
 *       {@link dev.meerkat.websocket.WebSocketError}.
 *   <li>{@link dev.meerkat.internal.websocket.FrameEncoder} writes headers, masked payloads and what is in close
 *       frames.
 *   <li>{@link dev.meerkat.internal.websocket.OpeningHandshake} reads a request into an
 *       {@link dev.meerkat.internal.websocket.Offer}, and a response into an
 *       {@link dev.meerkat.internal.websocket.Agreement}, or throws with the rule that was broken; and it makes the
 *       fields of both. {@link dev.meerkat.internal.websocket.ExtensionList} is the grammar of extensions.
 *   <li>{@link dev.meerkat.internal.websocket.Masking} and {@link dev.meerkat.internal.websocket.Utf8Check} are the two
 *       things that touch every byte, eight at a time.
 *   <li>permessage-deflate (RFC 7692): {@link dev.meerkat.internal.websocket.DeflateNegotiation} agrees on
 *       {@link dev.meerkat.internal.websocket.DeflateTerms}, with which a
 *       {@link dev.meerkat.internal.websocket.MessageDeflater} and a
 *       {@link dev.meerkat.internal.websocket.MessageInflater} work for one connection. Their native memory is lent and
 *       counted by the loop's {@link dev.meerkat.internal.websocket.DeflatePool}, which compresses once for many as
 *       well.
 * </ul>
 */
@NullMarked
package dev.meerkat.internal.websocket;

import org.jspecify.annotations.NullMarked;
