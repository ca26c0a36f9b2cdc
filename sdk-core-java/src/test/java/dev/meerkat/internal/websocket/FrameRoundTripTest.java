package dev.meerkat.internal.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.internal.websocket.FrameDecoder.Role;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written is what is read, and one stream of bytes has one reading; by seeds. */
class FrameRoundTripTest {
    private static final String[] PIECES = {"a", "text ", "é", "€", "𝒳", "日本", "0123456789abcdef", ""};

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void whatIsWrittenIsWhatIsRead(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        ByteBuffer out = ByteBuffer.allocate(1 << 20);
        for (int round = 0; round < 100; round++) {
            boolean masked = random.nextBoolean();
            out.clear();
            List<String> written = new ArrayList<>();
            for (int i = random.nextInt(1, 8); i > 0; i--) {
                write(random, masked, out, written);
            }
            byte[] stream = Arrays.copyOf(out.array(), out.position());
            Role role = masked ? Role.SERVER : Role.CLIENT;
            for (int i = 0; i < 3; i++) {
                int[] cuts = random.ints(random.nextInt(0, 6), 0, stream.length)
                        .sorted()
                        .toArray();
                assertEquals(
                        written,
                        Wire.read(new FrameDecoder(role, 1 << 20, true), stream, cuts),
                        () -> "seed " + seed + " cut " + Arrays.toString(cuts));
            }
        }
    }

    private static void write(SplittableRandom random, boolean masked, ByteBuffer out, List<String> written) {
        boolean text = random.nextBoolean();
        boolean compressed = random.nextInt(4) == 0;
        byte[] payload = text ? text(random) : new byte[length(random)];
        if (!text) {
            random.nextBytes(payload);
        }
        StringBuilder logged = new StringBuilder((compressed ? "compressed " : "") + (text ? "text " : "binary "));
        int at = 0;
        for (int frames = random.nextInt(4) > 0 ? 1 : random.nextInt(1, 5); frames > 0; frames--) {
            int length = frames == 1 ? payload.length - at : random.nextInt(payload.length - at + 1);
            Opcode opcode =
                    at > 0 || logged.indexOf("|") >= 0 ? Opcode.CONTINUATION : text ? Opcode.TEXT : Opcode.BINARY;
            boolean first = opcode != Opcode.CONTINUATION;
            frame(
                    random,
                    masked,
                    FrameEncoder.head(opcode, frames == 1, compressed && first),
                    Arrays.copyOfRange(payload, at, at + length),
                    out);
            logged.append(new String(payload, at, length, StandardCharsets.ISO_8859_1));
            if (frames > 1) {
                logged.append('|');
                ping(random, masked, out, written);
            }
            at += length;
        }
        written.add(logged.toString());
    }

    private static void ping(SplittableRandom random, boolean masked, ByteBuffer out, List<String> written) {
        if (random.nextBoolean()) {
            String payload = "p".repeat(random.nextInt(126));
            frame(random, masked, FrameEncoder.head(Opcode.PING, true, false), Wire.bytes(payload), out);
            written.add("ping " + payload);
        }
    }

    private static void frame(SplittableRandom random, boolean masked, int head, byte[] payload, ByteBuffer out) {
        if (masked) {
            FrameEncoder.maskedFrame(head, ByteBuffer.wrap(payload), random.nextInt(), out);
        } else {
            FrameEncoder.header(head, payload.length, out);
            out.put(payload);
        }
    }

    private static int length(SplittableRandom random) {
        return switch (random.nextInt(10)) {
            case 0 -> random.nextInt(65_530, 65_545);
            case 1, 2 -> random.nextInt(120, 135);
            case 3 -> random.nextInt(2000);
            default -> random.nextInt(30);
        };
    }

    private static byte[] text(SplittableRandom random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(50); i > 0; i--) {
            text.append(PIECES[random.nextInt(PIECES.length)]);
        }
        return Wire.utf8(text.toString());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void theSameBytesInOtherPiecesAreTheSameMessages(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 300; round++) {
            Role role = random.nextBoolean() ? Role.SERVER : Role.CLIENT;
            boolean compression = random.nextBoolean();
            byte[] stream = mutated(random, role == Role.SERVER);
            List<String> whole = read(role, compression, stream);
            String what =
                    "seed " + seed + " round " + round + ": " + HexFormat.of().formatHex(stream);
            assertEquals(whole, read(role, compression, stream, Wire.everyByte(stream.length)), what);
            FrameDecoder inPieces = new FrameDecoder(role, 300, compression);
            inPieces.begin(300, random.nextInt(1, 20), compression, 0);
            assertEquals(whole, Wire.read(inPieces, stream), what);
            for (int i = 0; i < 3; i++) {
                int[] cuts = random.ints(random.nextInt(1, 6), 0, stream.length)
                        .sorted()
                        .toArray();
                assertEquals(whole, read(role, compression, stream, cuts), () -> what + Arrays.toString(cuts));
            }
        }
    }

    private static List<String> read(Role role, boolean compression, byte[] stream, int... cuts) {
        return Wire.read(new FrameDecoder(role, 300, compression), stream, cuts);
    }

    /** Frames that are mostly right, with bytes that are not. */
    private static byte[] mutated(SplittableRandom random, boolean masked) {
        int[] heads = {0x81, 0x82, 0x01, 0x02, 0x00, 0x80, 0x80, 0x89, 0x8a, 0x88, 0xc1, 0x41, 0x83};
        ByteBuffer out = ByteBuffer.allocate(10_000);
        for (int i = random.nextInt(1, 7); i > 0; i--) {
            int head = random.nextInt(3) == 0 ? 0x81 : heads[random.nextInt(heads.length)];
            byte[] payload = random.nextInt(6) == 0 ? new byte[random.nextInt(200)] : text(random);
            if (head == 0x88) {
                payload = FrameEncoder.closePayload(1000, "bye");
            }
            frame(random, masked, head, Arrays.copyOf(payload, Math.min(payload.length, 130)), out);
        }
        byte[] stream = Arrays.copyOf(out.array(), out.position());
        for (int i = random.nextInt(3); i > 0; i--) {
            stream[random.nextInt(stream.length)] = (byte) random.nextInt(256);
        }
        return stream;
    }
}
