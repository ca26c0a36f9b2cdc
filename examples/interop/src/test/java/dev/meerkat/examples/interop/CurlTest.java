package dev.meerkat.examples.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** curl, as the machine has it. */
class CurlTest extends ClientRules {
    private int calls;

    @Override
    void startClient(RunningServer running) throws Exception {
        Files.writeString(folder().resolve("ca.pem"), running.ca().pem());
    }

    @Override
    void stopClient() {}

    @Override
    Answer call(String method, String url, Map<String, String> headers, byte @Nullable [] body, Framing framing)
            throws Exception {
        List<String> arguments = new ArrayList<>();
        if (method.equals("HEAD")) {
            arguments.add("--head");
        } else {
            arguments.addAll(List.of("-X", method));
        }
        headers.forEach((name, value) -> arguments.addAll(List.of("-H", name + ": " + value)));
        arguments.addAll(List.of("-H", framing == Framing.AFTER_100 ? "Expect: 100-continue" : "Expect:"));
        if (body != null) {
            Path file = Files.write(folder().resolve("body-" + calls), body);
            arguments.addAll(List.of("--data-binary", "@" + file));
            if (framing == Framing.CHUNKED) {
                arguments.addAll(List.of("-H", "Transfer-Encoding: chunked"));
            }
        }
        arguments.add(url);
        return curl(arguments);
    }

    private Answer curl(List<String> arguments) throws Exception {
        Path head = folder().resolve("head-" + calls);
        Path body = folder().resolve("answer-" + calls);
        Files.write(body, new byte[0]);
        calls++;
        List<String> command =
                new ArrayList<>(List.of("curl", "-sS", "--http1.1", "--max-time", "30", "--noproxy", "*"));
        command.addAll(List.of("--cacert", folder().resolve("ca.pem").toString()));
        // The port is in the URL, so the name has to be resolved for it alone.
        command.addAll(List.of("-D", head.toString(), "-o", body.toString()));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(40, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue(), said);
        return answer(Files.readString(head, StandardCharsets.ISO_8859_1), Files.readAllBytes(body), arguments);
    }

    /** The last head is the final one. */
    private static Answer answer(String heads, byte[] body, List<String> arguments) {
        String[] each = heads.strip().split("\r\n\r\n");
        String[] lines = each[each.length - 1].split("\r\n");
        Map<String, String> headers = new HashMap<>();
        for (int i = 1; i < lines.length; i++) {
            String[] field = lines[i].split(": ?", 2);
            headers.put(field[0], field[1]);
        }
        int status = Integer.parseInt(lines[0].split(" ")[1]);
        return new Answer(status, headers, arguments.contains("--head") ? new byte[0] : body);
    }

    @Test
    void aDownloadIsResumed() throws Exception {
        byte[] whole = get("/file").body();
        Path part = Files.write(folder().resolve("part"), Arrays.copyOf(whole, 1_234_567));
        Process process = new ProcessBuilder(
                        "curl",
                        "-sS",
                        "--max-time",
                        "30",
                        "--noproxy",
                        "*",
                        "-C",
                        "-",
                        "-o",
                        part.toString(),
                        server().url("/file"))
                .inheritIO()
                .start();
        assertTrue(process.waitFor(40, TimeUnit.SECONDS));
        assertEquals(0, process.exitValue());
        org.junit.jupiter.api.Assertions.assertArrayEquals(whole, Files.readAllBytes(part));
    }

    @Test
    void severalRangesArriveAsParts() throws Exception {
        Answer answer = get("/file", "Range", "bytes=0-9,1000-1009");
        assertEquals(206, answer.status());
        assertTrue(answer.header("Content-Type").startsWith("multipart/byteranges; boundary="));
    }

    @Test
    void aPasswordIsProvedWithoutBeingSent() throws Exception {
        Answer answer = curl(List.of("--digest", "-u", "user:pass word", server().url("/secret")));
        assertEquals("user", answer.text());
        Answer wrong = curl(List.of("--digest", "-u", "user:password", server().url("/secret")));
        assertEquals(401, wrong.status());
    }

    @Test
    void aBodyOverTheLimitIsRefused() throws Exception {
        // To be asked first is the way to learn of a refusal: who sends at once may be cut off while sending. The JDK's
        // client of 17 would wait for ever for 100 after it was refused, so the rule is proved by this one.
        byte[] more = new byte[(16 << 20) + 1];
        assertEquals(
                413,
                call("POST", server().url("/echo"), Map.of(), more, Framing.AFTER_100)
                        .status());
    }

    @Test
    void aFormWithFilesIsTakenApart() throws Exception {
        Path file = Files.writeString(folder().resolve("note.txt"), "a note");
        Answer answer = curl(
                List.of("-F", "title=hello", "-F", "file=@" + file + ";type=text/plain", server().url("/multipart")));
        assertEquals(200, answer.status());
        assertEquals(
                "[{\"name\":\"title\",\"filename\":null,\"contentType\":\"text/plain\",\"size\":5,\"sha256\":\""
                        + "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\",\"status\":\"ok\"},"
                        + "{\"name\":\"file\",\"filename\":\"note.txt\",\"contentType\":\"text/plain\",\"size\":6,"
                        + "\"sha256\":\"f63e34a034f19a24438f2d74b242bc96682abd843ecc4ea63fefed4006d860a3\",\"status\":\"ok\"}]",
                answer.text());
    }

    @Test
    void whoDoesNotAskProperlyForAWebSocketIsToldWhatIsMissing() throws Exception {
        Answer plain = get("/ws");
        assertEquals(426, plain.status());
        assertEquals("websocket", plain.header("Upgrade"));
        String[] fields = {
            "Connection", "Upgrade", "Upgrade", "websocket", "Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="
        };
        String[] old = Arrays.copyOf(fields, 8);
        old[6] = "Sec-WebSocket-Version";
        old[7] = "12";
        Answer version = get("/ws", old);
        assertEquals(426, version.status());
        assertEquals("13", version.header("Sec-WebSocket-Version"));
        old[5] = "too short";
        old[7] = "13";
        assertEquals(400, get("/ws", old).status());
    }
}
