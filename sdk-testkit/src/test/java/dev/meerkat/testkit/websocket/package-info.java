/** WebSocket frames by hand, right and wrong ones (RFC 6455 §5.2). */
@NullMarked
package dev.meerkat.testkit.websocket;

import org.jspecify.annotations.NullMarked;
