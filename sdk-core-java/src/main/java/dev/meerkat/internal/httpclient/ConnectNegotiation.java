package dev.meerkat.internal.httpclient;

import dev.meerkat.event.Bytes;
import dev.meerkat.event.ReceiveBuffer;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpException;
import dev.meerkat.http.RequestHead;
import dev.meerkat.http.ResponseHead;
import dev.meerkat.http.client.ClientProxy;
import dev.meerkat.http.client.HttpClientOptions;
import dev.meerkat.internal.http1.Http1Decoder;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Asks an HTTP proxy for a tunnel to a server (RFC 9110 §9.3.6). */
final class ConnectNegotiation implements Tunnel.Negotiation {
    private static final String METHOD = "CONNECT";

    private final RequestHead head;
    private final Http1Decoder decoder;
    private boolean done;

    ConnectNegotiation(Origin origin, ClientProxy proxy, HttpClientOptions options) {
        Headers.Builder headers = Headers.builder().add("Host", origin.hostAndPort());
        Preparing.addCredentials(headers, proxy);
        head = RequestHead.of(METHOD, origin.hostAndPort(), headers.build());
        decoder = new Http1Decoder(Http1Decoder.Role.CLIENT, options.limits());
        decoder.expect(METHOD, false);
    }

    @Override
    public Bytes greeting() {
        ByteBuffer out = ByteBuffer.allocate(head.encodedLength());
        head.writeTo(out);
        return Bytes.copyOf(out.flip());
    }

    @Override
    public Bytes received(ReceiveBuffer answer) throws IOException {
        ByteBuffer view = answer.view();
        boolean more = true;
        while (more) {
            switch (decoder.decode(view)) {
                case HEAD -> requireSuccess(decoder.responseHead());
                case END -> done = true;
                case FAILED -> throw new HttpException(decoder.error());
                default -> more = false;
            }
        }
        answer.discard(view.position());
        return Bytes.EMPTY;
    }

    private static void requireSuccess(ResponseHead response) throws IOException {
        if (!response.isInformational() && response.status() / 100 != 2) {
            throw new IOException("it answers " + response.status() + " " + response.reason());
        }
    }

    @Override
    public boolean isDone() {
        return done;
    }
}
