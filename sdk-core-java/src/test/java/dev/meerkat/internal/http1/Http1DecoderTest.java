package dev.meerkat.internal.http1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.http.HttpLimits;
import dev.meerkat.http.HttpRule;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is accepted. Each sample runs whole, cut at every place, byte by byte, and cut off at every place. */
class Http1DecoderTest {
    @Test
    void aRequestWithoutBody() {
        requests(
                "GET /a?b HTTP/1.1\r\nHost: h\r\nX:  y \t\r\n\r\n",
                "GET /a?b HTTP/1.1 [Host: h, X: y]",
                "end",
                "closed");
    }

    @Test
    void aBodyOfKnownLength() {
        requests(
                "POST / HTTP/1.1\r\nHost: h\r\ncontent-length: 05\r\n\r\nhello",
                "POST / HTTP/1.1 [Host: h, content-length: 05]",
                "body hello",
                "end",
                "closed");
    }

    @Test
    void aBodyOfLengthZeroIsNone() {
        requests(
                "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n",
                "POST / HTTP/1.1 [Host: h, Content-Length: 0]",
                "end",
                "closed");
    }

    @Test
    void chunksWithExtensionsAndTrailers() {
        requests(
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: Chunked\r\n\r\n"
                        + "3\r\none\r\n0003;a;b=c ; d = \"e;\\\"\r\"\r\ntwo\r\n5 ;x\r\nthree\r\n0;end\r\nDigest: z\r\nA: b\r\n\r\n"
                                .replace("\r\"", "\""),
                "POST / HTTP/1.1 [Host: h, Transfer-Encoding: Chunked]",
                "body onetwothree",
                "end [Digest: z, A: b]",
                "closed");
    }

    /** So none is looked at more than twice, however few come at a time; it is a CR that waits for its LF. */
    @Test
    void atMostOneByteOfABodyIsLeftForTheNextTime() {
        Http1Decoder decoder = new Http1Decoder(Http1Decoder.Role.SERVER, HttpLimits.DEFAULT);
        ByteBuffer head =
                ByteBuffer.wrap(Wire.bytes("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"));
        assertEquals(Signal.HEAD, decoder.decode(head));
        byte[] body = Wire.bytes("0003;a;b=c ; d = \"e;\\\"x\"\r\ntwo\r\n00a;name\r\n0123456789\r\n0;last=1\r\n");
        int taken = 0;
        for (int come = 1; come <= body.length; come++) {
            ByteBuffer in = ByteBuffer.wrap(body, taken, come - taken);
            Signal signal = decoder.decode(in);
            assertTrue(signal == Signal.NEED_DATA || signal == Signal.BODY, signal + " at " + come);
            assertTrue(in.remaining() <= 1, in.remaining() + " left at " + come);
            taken = in.position();
        }
        assertEquals(body.length, taken);
    }

    @Test
    void anEmptyChunkedBody() {
        requests(
                "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "POST / HTTP/1.1 [Host: h, Transfer-Encoding: chunked]",
                "end",
                "closed");
    }

    @Test
    void severalRequestsOneBehindTheOther() {
        requests(
                "GET /1 HTTP/1.1\r\nHost: h\r\n\r\nPOST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\nabGET /3 HTTP/1.1\r\n"
                        + "Host: h\r\n\r\n",
                "GET /1 HTTP/1.1 [Host: h]",
                "end",
                "POST /2 HTTP/1.1 [Host: h, Content-Length: 2]",
                "body ab",
                "end",
                "GET /3 HTTP/1.1 [Host: h]",
                "end",
                "closed");
    }

    @Test
    void oneEmptyLineMayComeBeforeARequest() {
        requests(
                "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
                "GET / HTTP/1.1 [Host: h]",
                "end",
                "GET / HTTP/1.1 [Host: h]",
                "end",
                "closed");
    }

    @Test
    void whatFollowsTheLastRequestIsNotRead() {
        requests(
                "GET / HTTP/1.1\r\nHost: h\r\nConnection: foo, Close\r\n\r\nrubbish",
                "GET / HTTP/1.1 [Host: h, Connection: foo, Close] last",
                "end",
                "paused 7");
    }

    @Test
    void http10EndsAfterOneRequestUnlessItSaysKeepAlive() {
        requests("GET / HTTP/1.0\r\n\r\n", "GET / HTTP/1.0 [] last", "end", "paused 0");
        requests(
                "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET / HTTP/1.0\r\n\r\n",
                "GET / HTTP/1.0 [Connection: keep-alive]",
                "end",
                "GET / HTTP/1.0 [] last",
                "end",
                "paused 0");
        requests(
                "GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n",
                "GET / HTTP/1.0 [Connection: keep-alive, close] last",
                "end",
                "paused 0");
    }

    @Test
    void aHigherMinorVersionIsReadAsTheHighestKnown() {
        requests("GET / HTTP/1.9\r\nHost: h\r\n\r\n", "GET / HTTP/1.1 [Host: h]", "end", "closed");
    }

    @Test
    void whoExpectsAWordBeforeTheBodyIsNoticed() {
        requests(
                "PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nContent-Length: 1\r\n\r\nx",
                "PUT / HTTP/1.1 [Host: h, Expect: 100-Continue, Content-Length: 1] expects",
                "body x",
                "end",
                "closed");
        requests(
                "PUT / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n\r\n",
                "PUT / HTTP/1.1 [Host: h, Expect: 100-continue]",
                "end",
                "closed");
        requests(
                "PUT / HTTP/1.0\r\nExpect: rubbish\r\nContent-Length: 1\r\n\r\nx",
                "PUT / HTTP/1.0 [Expect: rubbish, Content-Length: 1] last",
                "body x",
                "end",
                "paused 0");
    }

    @Test
    void allFourFormsOfATarget() {
        requests(
                "GET http://a/b HTTP/1.1\r\nHost: other\r\n\r\nOPTIONS * HTTP/1.1\r\nHost:\r\n\r\nCONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n"
                        + "\r\n",
                "GET http://a/b HTTP/1.1 [Host: other]",
                "end",
                "OPTIONS * HTTP/1.1 [Host: ]",
                "end",
                "CONNECT a:1 HTTP/1.1 [Host: a:1]",
                "end",
                "closed");
    }

    @Test
    void bytesBeyondAsciiInAValueAreKept() {
        requests(
                "GET / HTTP/1.1\r\nHost: h\r\nX: \u00e4\u00ff\r\n\r\n",
                "GET / HTTP/1.1 [Host: h, X: \u00e4\u00ff]",
                "end",
                "closed");
    }

    @Test
    void aServerThatSwitchesLeavesTheRestAlone() {
        Http1Decoder decoder = new Http1Decoder(Http1Decoder.Role.SERVER, HttpLimits.DEFAULT);
        ByteBuffer in = ByteBuffer.wrap(Wire.bytes("GET / HTTP/1.1\r\nHost: h\r\nUpgrade: x\r\n\r\nearly"));
        assertEquals(Signal.HEAD, decoder.decode(in));
        assertThrows(IllegalStateException.class, decoder::switchProtocol);
        assertEquals(Signal.END, decoder.decode(in));
        assertEquals(Signal.PAUSED, decoder.decode(in));
        decoder.switchProtocol();
        assertEquals(Signal.SWITCHED, decoder.decode(in));
        assertEquals(5, in.remaining());
        assertThrows(IllegalStateException.class, decoder::next);
    }

    @Test
    void theLimitOfABodyCanBeSetOnceItsHeadIsKnown() {
        for (String body :
                List.of("Content-Length: 4\r\n\r\nabcd", "Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n")) {
            assertEquals(Signal.FAILED, afterLimit(3, body));
            assertEquals(Signal.BODY, afterLimit(4, body));
        }
    }

    private static Signal afterLimit(int limit, String rest) {
        HttpLimits none = HttpLimits.builder().bodyBytes(0).build();
        Http1Decoder decoder = new Http1Decoder(Http1Decoder.Role.SERVER, none);
        ByteBuffer in = ByteBuffer.wrap(Wire.bytes("PUT / HTTP/1.1\r\nHost: h\r\n" + rest));
        assertEquals(Signal.HEAD, decoder.decode(in));
        decoder.limitBody(limit);
        return decoder.decode(in);
    }

    @Test
    void aTimeOutKnowsWhetherAMessageHasBegun() {
        Http1Decoder decoder = new Http1Decoder(Http1Decoder.Role.SERVER, HttpLimits.DEFAULT);
        assertFalse(decoder.isInMessage());
        assertEquals(Signal.NEED_DATA, decoder.decode(ByteBuffer.wrap(Wire.bytes("G"))));
        assertTrue(decoder.isInMessage());
        ByteBuffer in = ByteBuffer.wrap(Wire.bytes("GET / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\n"));
        assertEquals(Signal.HEAD, decoder.decode(in));
        assertEquals(1, decoder.declaredLength());
        assertTrue(decoder.isInMessage());
        assertEquals(Signal.BODY, decoder.decode(ByteBuffer.wrap(Wire.bytes("x"))));
        assertEquals(Signal.END, decoder.decode(in));
        assertFalse(decoder.isInMessage());
    }

    @Test
    void eachRoleHasItsOwnCalls() {
        Http1Decoder server = new Http1Decoder(Http1Decoder.Role.SERVER, HttpLimits.DEFAULT);
        assertThrows(IllegalStateException.class, () -> server.expect("GET", false));
        assertThrows(IllegalStateException.class, server::next);
        assertThrows(IllegalStateException.class, server::requestHead);
        assertThrows(IllegalStateException.class, server::error);
        Http1Decoder client = new Http1Decoder(Http1Decoder.Role.CLIENT, HttpLimits.DEFAULT);
        assertThrows(IllegalStateException.class, client::next);
        assertThrows(IllegalStateException.class, client::switchProtocol);
        assertThrows(IllegalStateException.class, client::responseHead);
        client.expect("GET", false);
        assertThrows(IllegalStateException.class, () -> client.expect("GET", false));
    }

    @Test
    void whereNothingMoreComesEachStateSaysSo() {
        assertEquals(Signal.CLOSED, ended(""));
        assertEquals(Signal.FAILED, ended("GET"));
        assertEquals(Signal.PAUSED, ended("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
        assertEquals(Signal.FAILED, ended("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\na"));
        String chunked = "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
        for (String body : List.of("", "1", "1;a=\"", "2\r\na", "1\r\na", "1\r\na\r", "0\r\n", "0\r\nA: b\r\n")) {
            assertEquals(Signal.FAILED, ended(chunked + body), body);
        }
        assertEquals(Signal.PAUSED, ended(chunked + "0\r\n\r\n"));
    }

    /** The first signal behind heads, bodies and ends, if nothing comes behind the stream. */
    private static Signal ended(String stream) {
        Http1Decoder decoder = new Http1Decoder(Http1Decoder.Role.SERVER, HttpLimits.DEFAULT);
        ByteBuffer in = ByteBuffer.wrap(Wire.bytes(stream));
        decoder.endOfInput();
        Signal signal = decoder.decode(in);
        while (signal == Signal.HEAD || signal == Signal.BODY || signal == Signal.END) {
            signal = decoder.decode(in);
        }
        return signal;
    }

    @Test
    void whatIsBrokenStaysBroken() {
        Http1Decoder decoder = new Http1Decoder(Http1Decoder.Role.SERVER, HttpLimits.DEFAULT);
        assertEquals(Signal.FAILED, decoder.decode(ByteBuffer.wrap(Wire.bytes("\n"))));
        assertEquals(HttpRule.BARE_LF, decoder.error().rule());
        ByteBuffer good = ByteBuffer.wrap(Wire.bytes("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
        assertEquals(Signal.FAILED, decoder.decode(good));
        assertEquals(0, good.position());
    }

    private static void requests(String stream, String... log) {
        Splits.check(List.of(log), stream, cuts -> Wire.requests(HttpLimits.DEFAULT, Wire.bytes(stream), cuts));
        Splits.checkTruncated(stream, bytes -> Wire.requests(HttpLimits.DEFAULT, bytes));
    }

    @Test
    void mayServeAnotherConnectionWhileNothingOfTheNextRequestHasCome() {
        Http1Decoder decoder = new Http1Decoder(Http1Decoder.Role.SERVER, HttpLimits.DEFAULT);
        assertTrue(decoder.isFresh());
        ByteBuffer in = ByteBuffer.wrap(Wire.bytes("\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n"));
        assertEquals(Signal.NEED_DATA, decoder.decode(in.limit(2)));
        assertFalse(decoder.isFresh(), "an empty line was skipped, which is allowed once");
        assertEquals(Signal.HEAD, decoder.decode(in.limit(in.capacity())));
        assertFalse(decoder.isFresh(), "a request is there");
        assertEquals(Signal.END, decoder.decode(in));
        assertFalse(decoder.isFresh(), "it was not answered");
        decoder.next();
        assertTrue(decoder.isFresh());
        decoder.endOfInput();
        assertFalse(decoder.isFresh(), "the end of one connection is not that of another");
    }
}
