package dev.meerkat.http.filter;

import dev.meerkat.event.Bytes;
import dev.meerkat.http.BodyProducer;
import dev.meerkat.http.Headers;
import dev.meerkat.http.HttpFilter;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.MalformedTextException;
import dev.meerkat.http.MediaType;
import dev.meerkat.http.Negotiation;
import dev.meerkat.http.Request;
import dev.meerkat.http.Response;
import dev.meerkat.http.ResponseBody;
import java.util.List;
import java.util.function.Supplier;

/**
 * Compresses answers for who takes that: {@code gzip} or {@code deflate} (RFC 9110 §8.4.1). Bodies that are made while
 * they are sent are compressed while they are made; what the producer has sent so far leaves when it has nothing more
 * for now.
 *
 * <pre>{@code
 * router.filter(Compression.create());
 * Compression.exempt(response)                    // one that holds a secret, see below
 * }</pre>
 *
 * <p>Left alone are answers below the threshold, of types that do not become smaller, without a body, of HEAD, 206,
 * with a {@code Content-Encoding} or {@code Cache-Control: no-transform}. {@code Vary} is set; an {@code ETag} becomes
 * weak (RFC 9110 §8.8.3.3), and {@code Accept-Ranges} goes, since ranges are of what was not compressed.
 *
 * <p><b>Secrets.</b> Who can have a browser send a guess that comes back beside a secret, and sees lengths, reads the
 * secret off them (BREACH). So a request that brings cookies or credentials from another site, as browsers say in
 * {@code Sec-Fetch-Site}, is not answered compressed; and {@link #exempt} says it of one answer.
 *
 * <p>A body that is being compressed holds about 256 KiB outside the heap. Streams of events are therefore not among
 * the types unless {@link #types} names them.
 */
public final class Compression implements HttpFilter {
    private static final int THRESHOLD_BYTES = 1_024;
    private static final int LEVEL = 6;

    private static final List<String> TYPES = List.of(
            "text/*",
            "application/json",
            "application/javascript",
            "application/xml",
            "application/*+json",
            "application/*+xml",
            "application/wasm",
            "application/manifest+json",
            "image/svg+xml");

    private final int threshold;
    private final int level;
    private final List<String> types;

    private Compression(int threshold, int level, List<String> types) {
        this.threshold = threshold;
        this.level = level;
        this.types = types;
    }

    /**
     * Compresses text, JSON, JavaScript, XML, SVG and WebAssembly from 1 KiB on, below which a packet less is rare, at
     * level 6, the usual one.
     *
     * @return a filter
     */
    public static Compression create() {
        return new Compression(THRESHOLD_BYTES, LEVEL, TYPES);
    }

    /**
     * The same with another threshold.
     *
     * @param bytes bodies whose length is known and below are left alone; from 0
     * @return a filter
     * @throws IllegalArgumentException if it is negative
     */
    public Compression threshold(int bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("expected a threshold from 0, found " + bytes);
        }
        return new Compression(bytes, level, types);
    }

    /**
     * The same at another level.
     *
     * @param other 1, the fastest, to 9
     * @return a filter
     * @throws IllegalArgumentException if it is another
     */
    public Compression level(int other) {
        if (other < 1 || other > 9) {
            throw new IllegalArgumentException("expected a level from 1 to 9, found " + other);
        }
        return new Compression(threshold, other, types);
    }

    /**
     * The same for other types.
     *
     * @param essences for instance {@code text/csv}, {@code text/*} or {@code application/*+json}, in lower case;
     *     {@code text/event-stream} counts only if it stands there itself
     * @return a filter
     */
    public Compression types(String... essences) {
        return new Compression(threshold, level, List.of(essences));
    }

    /**
     * Has an answer left alone by this filter: it says {@code Content-Encoding: identity}, which the filter takes off.
     *
     * @param response one that holds a secret beside what the peer has sent
     * @return the same, marked
     */
    public static Response exempt(Response response) {
        return response.withHeader("Content-Encoding", "identity");
    }

    @Override
    public Response filter(Request request, HttpHandler next) throws Exception {
        String coding = coding(request);
        return HttpFilter.answer(request, next, response -> compressed(response, coding));
    }

    /** The coding to use, {@code identity} for none. */
    private static String coding(Request request) {
        if (request.method().equals("HEAD") || isGuess(request)) {
            return "identity";
        }
        List<String> accepted = request.head().headers().elements("Accept-Encoding");
        return Negotiation.coding(accepted, List.of("gzip", "deflate")).orElse("identity");
    }

    /** Whether another site has caused a request in somebody's name. */
    private static boolean isGuess(Request request) {
        String site = request.header("Sec-Fetch-Site").orElse("none");
        boolean elsewhere = site.equals("cross-site") || site.equals("same-site");
        return elsewhere
                && (request.header("Cookie").isPresent()
                        || request.header("Authorization").isPresent());
    }

    private Response compressed(Response response, String coding) {
        Headers headers = response.headers();
        if (headers.containsToken("Content-Encoding", "identity")) {
            return response.withHeaders(
                    marked -> marked.toBuilder().remove("Content-Encoding").build());
        }
        if (response.status() == 206
                || headers.contains("Content-Encoding")
                || headers.contains("Content-Range")
                || headers.containsToken("Cache-Control", "no-transform")
                || !isCompressible(headers.first("Content-Type").orElse(""))) {
            return response;
        }
        ResponseBody body = response.body();
        if (body instanceof ResponseBody.Whole whole && whole.bytes().length() >= threshold) {
            return coding.equals("identity") ? response.withVary("Accept-Encoding") : whole(response, whole, coding);
        }
        if (body instanceof ResponseBody.Streamed streamed
                && (streamed.length() < 0 || streamed.length() >= threshold)) {
            return coding.equals("identity")
                    ? response.withVary("Accept-Encoding")
                    : encoded(response, coding).withBody(streamed(streamed.producer(), coding));
        }
        return response;
    }

    private boolean isCompressible(String contentType) {
        MediaType type;
        try {
            type = MediaType.parse(contentType);
        } catch (MalformedTextException unknown) {
            return false;
        }
        if (type.is("text/event-stream")) {
            return types.contains("text/event-stream");
        }
        for (String essence : types) {
            int star = essence.indexOf("*");
            String found = type.type() + "/" + type.subtype();
            if (star < 0
                    ? found.equals(essence)
                    : found.startsWith(essence.substring(0, star)) && found.endsWith(essence.substring(star + 1))) {
                return true;
            }
        }
        return false;
    }

    private Response whole(Response response, ResponseBody.Whole whole, String coding) {
        Bytes smaller = Deflating.all(whole.bytes(), coding.equals("gzip"), level);
        return smaller.length() < whole.bytes().length()
                ? encoded(response, coding).withBody(new ResponseBody.Whole(smaller))
                : response.withVary("Accept-Encoding");
    }

    private ResponseBody streamed(Supplier<? extends BodyProducer> producer, String coding) {
        return new ResponseBody.Streamed(
                -1, () -> new CompressedBody(producer.get(), new Deflating(coding.equals("gzip"), level)));
    }

    private static Response encoded(Response response, String coding) {
        return response.withVary("Accept-Encoding").withHeaders(headers -> {
            Headers.Builder changed =
                    headers.toBuilder().set("Content-Encoding", coding).remove("Accept-Ranges");
            headers.first("ETag")
                    .filter(tag -> !tag.startsWith("W/"))
                    .ifPresent(tag -> changed.set("ETag", "W/" + tag));
            return changed.build();
        });
    }
}
