package dev.meerkat.internal.httpclient;

import dev.meerkat.http.RequestHead;
import dev.meerkat.http.client.ClientBody;
import dev.meerkat.http.client.ClientRequest;
import org.jspecify.annotations.Nullable;

/**
 * A request as it goes onto a connection.
 *
 * @param head with everything but what is said of framing, of the connection, and of expectations
 * @param body the body
 * @param expectsContinue whether the body waits for 100
 * @param upgrade another protocol, or null
 */
record Outgoing(RequestHead head, ClientBody body, boolean expectsContinue, ClientRequest.@Nullable Upgrade upgrade) {}
