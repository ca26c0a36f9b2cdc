package dev.meerkat.testkit.capture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;

/** Leaves captures in {@code target/captures}, with what an analyser has to find: {@code .ci/captures} asks tshark. */
public final class Captures {
    private static final Path FOLDER = Path.of("target", "captures");

    private Captures() {}

    /** A file for a capture of this name. */
    public static Path file(String name) {
        try {
            return Files.createDirectories(FOLDER).resolve(name + ".pcapng");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Reads a capture, and writes down beside it what is in its streams, one line for each direction, and what is in
     * its datagrams, one line each.
     */
    public static Capture read(Path file) {
        Capture capture = Capture.read(file);
        StringBuilder expected = new StringBuilder();
        for (Stream stream : capture.streams()) {
            expected.append(HexFormat.of().formatHex(stream.fromClient())).append('\n');
            expected.append(HexFormat.of().formatHex(stream.fromServer())).append('\n');
        }
        StringBuilder datagrams = new StringBuilder();
        for (Capture.Datagram each : capture.datagrams()) {
            byte[] payload = each.payload().getBytes(StandardCharsets.ISO_8859_1);
            datagrams.append(HexFormat.of().formatHex(payload)).append('\n');
        }
        try {
            Files.writeString(
                    Path.of(file.toString().replace(".pcapng", ".streams")), expected, StandardCharsets.US_ASCII);
            Files.writeString(
                    Path.of(file.toString().replace(".pcapng", ".datagrams")), datagrams, StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return capture;
    }
}
