package dev.meerkat.internal.multipart;

import dev.meerkat.http.Headers;
import dev.meerkat.http.RequestHead;
import dev.meerkat.multipart.Completion;
import dev.meerkat.multipart.MultipartError;
import dev.meerkat.multipart.MultipartLimits;
import dev.meerkat.multipart.Part;
import dev.meerkat.multipart.PartEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a parser says of a body, a line each: slices of data are put together, and their bytes shown as ISO-8859-1.
 * Checks the grammar on the way, and overwrites what was borrowed.
 */
final class Heard implements PartSink {
    static final RequestHead HEAD = RequestHead.of("POST", "/upload", Headers.of("Host", "localhost"));
    static final String BOUNDARY = "b0undary";

    final List<String> lines = new ArrayList<>();
    final List<Part> parts = new ArrayList<>();
    final MultipartParser parser;
    int slices;
    private final StringBuilder data = new StringBuilder();
    private @Nullable Part open;
    private boolean ended;

    Heard(MultipartLimits limits) {
        this(BOUNDARY, limits);
    }

    Heard(String boundary, MultipartLimits limits) {
        parser = new MultipartParser(boundary, limits, this);
        try {
            parser.start(HEAD);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    /** Gives the body cut at each of the indexes, and its end. */
    static Heard cut(byte[] body, MultipartLimits limits, int... cuts) {
        Heard heard = new Heard(limits);
        int from = 0;
        for (int cut : cuts) {
            heard.take(Arrays.copyOfRange(body, from, cut));
            from = cut;
        }
        return heard.take(Arrays.copyOfRange(body, from, body.length)).finish();
    }

    static Heard byteByByte(byte[] body, MultipartLimits limits) {
        Heard heard = new Heard(limits);
        for (byte next : body) {
            heard.take(new byte[] {next});
        }
        return heard.finish();
    }

    Heard take(byte[] input) {
        ByteBuffer bytes = ByteBuffer.wrap(input);
        try {
            parser.take(bytes.asReadOnlyBuffer());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        Arrays.fill(input, (byte) 0xDB);
        return this;
    }

    Heard finish() {
        try {
            parser.finish();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        return this;
    }

    Heard abort(MultipartError error) {
        try {
            parser.abort(error);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        return this;
    }

    String last() {
        return lines.get(lines.size() - 1);
    }

    String text() {
        return String.join("\n", lines);
    }

    @Override
    public void accept(PartEvent event) {
        check(!ended, event);
        if (event instanceof PartEvent.MultipartStart start) {
            check(lines.isEmpty() && start.head() == HEAD, event);
            lines.add("start");
        } else if (event instanceof PartEvent.PartBegin begin) {
            check(open == null && !lines.isEmpty() && begin.part().index() == parts.size(), event);
            open = begin.part();
            parts.add(open);
            lines.add(
                    "begin " + open.name().orElse("-") + " " + open.fileName().orElse("-") + " " + open.contentType());
        } else if (event instanceof PartEvent.PartData slice) {
            check(
                    open == slice.part()
                            && slice.bytes().hasRemaining()
                            && slice.bytes().isReadOnly(),
                    event);
            data.append(StandardCharsets.ISO_8859_1.decode(slice.bytes()));
            slices++;
        } else if (event instanceof PartEvent.PartEnd end) {
            check(open == end.part(), event);
            open = null;
            lines.add("data " + data);
            data.setLength(0);
            lines.add("part " + shown(end.completion()));
        } else if (event instanceof PartEvent.MultipartEnd end) {
            check(open == null, event);
            ended = true;
            lines.add("end " + shown(end.completion()));
        }
    }

    private static String shown(Completion completion) {
        return completion instanceof Completion.Aborted aborted
                ? aborted.error().kind().toString()
                : "complete";
    }

    private void check(boolean holds, PartEvent event) {
        if (!holds) {
            throw new AssertionError(event + " is out of turn after " + lines);
        }
    }
}
