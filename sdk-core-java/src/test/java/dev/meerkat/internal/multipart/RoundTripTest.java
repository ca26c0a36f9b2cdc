package dev.meerkat.internal.multipart;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.event.Bytes;
import dev.meerkat.http.BodyOutput;
import dev.meerkat.http.MalformedHeadException;
import dev.meerkat.multipart.MultipartBody;
import dev.meerkat.multipart.MultipartLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What we send is what we read; parts that are read while they are sent have rules of their own in the testkit. */
class RoundTripTest {
    private static final RandomGenerator RANDOM = new Random(1);

    private static Heard heard(MultipartBody body) throws Exception {
        Collected sent = new Collected();
        body.producer().produce(sent.output);
        assertTrue(sent.ended);
        assertEquals(body.length(), sent.bytes.size());
        assertEquals(body.boundary(), Boundary.read(body.contentType()).value());
        return new Heard(body.boundary(), MultipartLimits.defaults())
                .take(sent.bytes.toByteArray())
                .finish();
    }

    @Test
    void partsArriveAsTheyWereAdded() throws Exception {
        MultipartBody body = MultipartBody.builder()
                .field("title", "Erdm\u00e4nnchen")
                .part("data", "a.bin", "application/x-thing", Bytes.copyOf(new byte[] {0, '\r', '\n', '-', '-', -1}))
                .field("", "")
                .build(RANDOM);
        assertEquals(
                "start\nbegin title - text/plain\ndata Erdm\u00c3\u00a4nnchen\npart complete\n"
                        + "begin data a.bin application/x-thing\ndata \0\r\n--\u00ff\npart complete\n"
                        + "begin  - text/plain\ndata \npart complete\nend complete",
                heard(body).text());
    }

    @Test
    void aBodyMayHaveNoParts() throws Exception {
        assertEquals(
                "start\nend complete",
                heard(MultipartBody.builder().build(RANDOM)).text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"quoted\"", "two\r\nlines", "\u65e5\u672c", "a;b=c", "100%", " a ", "\uD83D\uDC3E", "'"})
    void namesArriveAsTheyAre(String name) throws Exception {
        var part = heard(MultipartBody.builder()
                        .part(name, name, "text/plain", Bytes.EMPTY)
                        .build(RANDOM))
                .parts
                .get(0);
        assertEquals(name, part.name().orElseThrow());
        assertEquals(name, part.fileName().orElseThrow());
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\\", "\\", "a\0", "\u0001", "a\tb", "\u007f"})
    void namesThatReadersTakeForDifferentThingsAreRefusedAtOnce(String name) {
        assertThrows(
                IllegalArgumentException.class, () -> MultipartBody.builder().field(name, ""));
        assertThrows(
                IllegalArgumentException.class,
                () -> MultipartBody.builder().part("a", name, "text/plain", Bytes.EMPTY));
    }

    @Test
    void aTypeCannotSmuggleAField() {
        assertThrows(
                MalformedHeadException.class,
                () -> MultipartBody.builder().part("a", "b", "text/plain\r\nX: y", Bytes.EMPTY));
        assertThrows(
                IllegalArgumentException.class,
                () -> MultipartBody.builder().part("a", "b", "text/plain", -2, InputStreamless::open));
    }

    private static final class InputStreamless {
        static InputStream open() {
            throw new AssertionError("not before it is sent");
        }
    }

    @Test
    void boundariesComeFromTheGivenChanceAlone() {
        String first = MultipartBody.builder().build(new Random(7)).boundary();
        assertEquals(first, MultipartBody.builder().build(new Random(7)).boundary());
        assertNotEquals(first, MultipartBody.builder().build(new Random(8)).boundary());
        assertTrue(first.matches("meerkat-[0-9A-Za-z]{22}"), first);
    }

    @Test
    void theLengthIsKnownIfThatOfEachPartIs(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("a.txt"), "12345");
        long empty = MultipartBody.builder()
                .part("f", "a.txt", "application/octet-stream", Bytes.EMPTY)
                .build(RANDOM)
                .length();
        assertEquals(
                empty + 5, MultipartBody.builder().file("f", file).build(RANDOM).length());
        assertEquals(
                -1,
                MultipartBody.builder()
                        .part("f", "a", "a/b", -1, InputStreamless::open)
                        .field("x", "y")
                        .build(RANDOM)
                        .length());
        assertThrows(IOException.class, () -> MultipartBody.builder().file("f", directory.resolve("missing")));
    }

    /** Takes bytes and the end, and nothing else. */
    private static final class Collected {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private boolean ended;

        private final BodyOutput output = (BodyOutput) Proxy.newProxyInstance(
                BodyOutput.class.getClassLoader(), new Class<?>[] {BodyOutput.class}, (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "isWritable" -> {
                            return true;
                        }
                        case "send" -> bytes.writeBytes(((Bytes) arguments[0]).toByteArray());
                        case "end" -> ended = true;
                        default -> throw new AssertionError(method);
                    }
                    return proxy;
                });
    }
}
