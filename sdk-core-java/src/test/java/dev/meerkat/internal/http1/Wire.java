package dev.meerkat.internal.http1;

import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpLimits;
import dev.meerkat.http.HttpRule;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Feeds a decoder with pieces of a byte stream, as a connection would, and keeps a log of what it signals. */
final class Wire {
    private final Http1Decoder decoder;
    private final String[] methods;
    private final List<String> log = new ArrayList<>();
    private final StringBuilder body = new StringBuilder();
    private byte[] held = {};
    private int exchanges;
    private boolean inBody;

    private Wire(Http1Decoder decoder, String... methods) {
        this.decoder = decoder;
        this.methods = methods;
        expectNext();
    }

    /** The log of requests, one answered as soon as it is complete; the stream ends with the bytes. */
    static List<String> requests(HttpLimits limits, byte[] stream, int... cuts) {
        return new Wire(new Http1Decoder(Http1Decoder.Role.SERVER, limits)).run(stream, true, cuts);
    }

    static List<String> requests(String stream) {
        return requests(HttpLimits.DEFAULT, bytes(stream));
    }

    /** The log of responses to requests with these methods; one that begins with ^ asks for an upgrade. */
    static List<String> responses(HttpLimits limits, byte[] stream, String[] methods, int... cuts) {
        return new Wire(new Http1Decoder(Http1Decoder.Role.CLIENT, limits), methods).run(stream, true, cuts);
    }

    static List<String> responses(String stream, String... methods) {
        return responses(HttpLimits.DEFAULT, bytes(stream), methods);
    }

    /** The rule that a request breaks; the stream does not end, so that nothing is broken by its end. */
    static HttpRule brokenBy(HttpLimits limits, String stream, int... cuts) {
        Http1Decoder decoder = new Http1Decoder(Http1Decoder.Role.SERVER, limits);
        new Wire(decoder).run(bytes(stream), false, cuts);
        return decoder.error().rule();
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** After every byte. */
    static int[] everyByte(int length) {
        int[] cuts = new int[Math.max(0, length - 1)];
        Arrays.setAll(cuts, i -> i + 1);
        return cuts;
    }

    private void expectNext() {
        if (methods.length > exchanges) {
            String method = methods[exchanges];
            decoder.expect(method.replace("^", ""), method.startsWith("^"));
        }
        exchanges++;
    }

    private List<String> run(byte[] stream, boolean ends, int... cuts) {
        int from = 0;
        for (int i = 0; i <= cuts.length; i++) {
            int to = i == cuts.length ? stream.length : cuts[i];
            if (ends && i == cuts.length) {
                decoder.endOfInput();
            }
            feed(Arrays.copyOfRange(stream, from, to), i % 2 == 0);
            from = to;
        }
        return log;
    }

    /** What was not taken comes again in front of the piece, in a buffer of one kind or the other. */
    private void feed(byte[] piece, boolean direct) {
        int length = held.length + piece.length;
        ByteBuffer in = direct ? ByteBuffer.allocateDirect(length + 3) : ByteBuffer.allocate(length + 3);
        in.position(3); // a decoder must not believe that a buffer begins at 0
        in.put(held).put(piece).flip().position(3);
        Signal signal = decoder.decode(in);
        while (signal != Signal.NEED_DATA && handle(signal, in)) {
            signal = decoder.decode(in);
        }
        held = new byte[in.remaining()];
        in.get(held);
    }

    /** False if that was the last word. */
    private boolean handle(Signal signal, ByteBuffer in) {
        if (signal == Signal.BODY) {
            for (int i = 0; i < decoder.bodyLength(); i++) {
                body.append((char) (in.get(decoder.bodyStart() + i) & 0xff));
            }
            inBody = true;
            return true;
        }
        if (inBody) {
            log.add("body " + body);
            body.setLength(0);
            inBody = false;
        }
        return switch (signal) {
            case HEAD -> {
                log.add(headLine());
                yield true;
            }
            case END -> {
                log.add("end" + (decoder.trailers().isEmpty() ? "" : " " + fields(decoder.trailers())));
                if (decoder.isPersistent()) {
                    expectNext();
                }
                yield true;
            }
            case PAUSED -> {
                boolean server = methods.length == 0;
                if (server && decoder.isPersistent()) {
                    decoder.next();
                    yield true;
                }
                remember("paused ", "" + in.remaining());
                yield false;
            }
            case SWITCHED -> {
                byte[] rest = new byte[in.remaining()];
                in.duplicate().get(rest);
                remember("switched ", new String(rest, StandardCharsets.ISO_8859_1));
                yield false;
            }
            case CLOSED -> {
                remember("closed", "");
                yield false;
            }
            case FAILED -> {
                remember("failed ", decoder.error().rule().name());
                yield false;
            }
            case NEED_DATA, BODY -> throw new AssertionError(signal);
        };
    }

    /** The last line, of which only the newest is kept. */
    private void remember(String word, String rest) {
        String last = log.isEmpty() ? "" : log.get(log.size() - 1);
        if (last.startsWith(word) || last.startsWith("paused ")) {
            log.remove(log.size() - 1);
        }
        log.add(word + rest);
    }

    private String headLine() {
        if (methods.length == 0) {
            var head = decoder.requestHead();
            return head.method() + " " + head.target() + " " + head.version() + " " + fields(head.headers())
                    + (decoder.expectsContinue() ? " expects" : "") + (decoder.isPersistent() ? "" : " last");
        }
        var head = decoder.responseHead();
        return head.version() + " " + head.status() + " " + head.reason() + " " + fields(head.headers())
                + (decoder.isPersistent() || head.isInformational() ? "" : " last");
    }

    private static String fields(Headers headers) {
        return headers.toString();
    }
}
