package dev.meerkat.testkit.manager;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.Acceptor;
import dev.meerkat.Connection;
import dev.meerkat.event.Event;
import dev.meerkat.event.TcpEvent;
import dev.meerkat.http.HttpHandler;
import dev.meerkat.http.Request;
import dev.meerkat.http.Response;
import dev.meerkat.multipart.Completion;
import dev.meerkat.multipart.MultipartBody;
import dev.meerkat.multipart.MultipartError;
import dev.meerkat.multipart.MultipartError.Kind;
import dev.meerkat.multipart.MultipartForm;
import dev.meerkat.multipart.MultipartHandler;
import dev.meerkat.multipart.MultipartLimits;
import dev.meerkat.multipart.Part;
import dev.meerkat.multipart.PartEvent;
import dev.meerkat.multipart.PartHandler;
import dev.meerkat.multipart.StoredFile;
import dev.meerkat.multipart.Upload;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Multipart bodies of requests: event by event, into a directory, as forms; and bodies that we send. */
abstract class UploadRules extends ManagerRules {
    static final MultipartLimits LIMITS = MultipartLimits.defaults();

    @TempDir
    Path directory;

    // ---------------------------------------------------------------- who is told

    /** Notes what it is told, a line an event, checks the grammar, and answers with the number of its parts. */
    static class Told implements PartHandler {
        final List<String> lines = new ArrayList<>();
        final StringBuilder data = new StringBuilder();

        @Nullable
        Upload upload;

        private @Nullable Part open;
        private boolean running;
        private int parts;

        @Override
        public void onEvent(Upload on, PartEvent event) throws Exception {
            upload = on;
            if (event instanceof PartEvent.MultipartStart start) {
                check(!running, event);
                running = true;
                parts = 0;
                lines.add("start " + start.head().target());
            } else if (event instanceof PartEvent.PartBegin begin) {
                check(running && open == null, event);
                open = begin.part();
                data.setLength(0);
                lines.add("begin " + open.name().orElse("-") + " "
                        + open.fileName().orElse("-"));
            } else if (event instanceof PartEvent.PartData slice) {
                check(open == slice.part(), event);
                data.append(StandardCharsets.ISO_8859_1.decode(slice.bytes()));
            } else if (event instanceof PartEvent.PartEnd end) {
                check(open == end.part(), event);
                open = null;
                parts++;
                lines.add("part of " + data.length() + " " + shown(end.completion()));
            } else if (event instanceof PartEvent.MultipartEnd end) {
                check(running && open == null, event);
                running = false;
                lines.add("end " + shown(end.completion()));
                if (end.completion().isComplete()) {
                    on.respond(Response.text(parts + " parts"));
                }
            }
        }

        boolean isPaired() {
            return !running && open == null;
        }

        String last() {
            return lines.isEmpty() ? "" : lines.get(lines.size() - 1);
        }

        private static String shown(Completion completion) {
            return completion instanceof Completion.Aborted aborted
                    ? "aborted " + aborted.error().kind()
                    : "complete";
        }

        private void check(boolean holds, PartEvent event) {
            if (!holds) {
                throw new AssertionError(event + " is out of turn after " + lines);
            }
        }
    }

    // ---------------------------------------------------------------- what is sent

    static final String BODY = "--b\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nHolidays\r\n"
            + "--b\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.jpg\"\r\nContent-Type: image/jpeg\r\n\r\n"
            + "0123456789\r\n--b--\r\n";

    static final List<String> COMPLETE = List.of(
            "start /up",
            "begin title -",
            "part of 8 complete",
            "begin photo a.jpg",
            "part of 10 complete",
            "end complete");

    static String file(String name, String data) {
        return "--b\r\nContent-Disposition: form-data; name=\"f\"; filename=\"" + name + "\"\r\n\r\n" + data + "\r\n";
    }

    static String head(String type, String... fields) {
        return "POST /up HTTP/1.1\r\nHost: here\r\nContent-Type: " + type + "\r\n"
                + Stream.of(fields).map(field -> field + "\r\n").reduce("", String::concat) + "\r\n";
    }

    static String post(String body) {
        return head("multipart/form-data; boundary=b", "Content-Length: " + body.length()) + body;
    }

    final Peer peer(HttpHandler handler) {
        Acceptor acceptor = manager().listen("http://" + arm.listenAddress(), handler);
        return peer(acceptor);
    }

    final Peer peer(PartHandler handler) {
        return peer(MultipartHandler.streaming(LIMITS, handler));
    }

    /** How often a text stands in what a peer has received. */
    static int count(Peer peer, String text) {
        return (peer.text().length() - peer.text().replace(text, "").length()) / text.length();
    }

    final void untilAnswered(Peer peer, String start) {
        until(
                "the answer " + start,
                () -> peer.text().startsWith("HTTP/1.1 " + start) && peer.text().contains("\r\n\r\n"));
    }

    // ---------------------------------------------------------------- event by event

    @Test
    void partsAreToldAsTheyComeAndTheHandlerAnswers() {
        Told told = new Told();
        Peer peer = peer(told).send(post(BODY));
        until("the answer", () -> peer.text().endsWith("\r\n\r\n2 parts"));
        assertEquals(COMPLETE, told.lines);
    }

    @Test
    void aBodyThatDripsTellsTheSame() {
        Told told = new Told();
        Peer peer = peer(told);
        for (String each : post(BODY).split("")) {
            peer.send(each);
            until("a byte to leave", peer::hasSentAll);
        }
        until("the answer", () -> peer.text().endsWith("2 parts"));
        assertEquals(COMPLETE, told.lines);
    }

    @Test
    void aChunkedBodyTellsTheSame() {
        Told told = new Told();
        StringBuilder chunks = new StringBuilder();
        for (int from = 0; from < BODY.length(); from += 7) {
            String chunk = BODY.substring(from, Math.min(BODY.length(), from + 7));
            chunks.append(Integer.toHexString(chunk.length()))
                    .append("\r\n")
                    .append(chunk)
                    .append("\r\n");
        }
        Peer peer = peer(told)
                .send(head("multipart/form-data; boundary=\"b\"", "Transfer-Encoding: chunked") + chunks + "0\r\n\r\n");
        until("the answer", () -> peer.text().endsWith("2 parts"));
        assertEquals(COMPLETE, told.lines);
    }

    @Test
    void severalBodiesFollowEachOtherOnOneConnection() {
        Told told = new Told();
        Peer peer = peer(told).send(post(BODY) + post("--b--") + post(BODY));
        until(
                "three answers",
                () -> count(peer, "HTTP/1.1 200 ") == 3 && peer.text().endsWith("2 parts"));
        assertEquals(1, count(peer, "0 parts"));
        assertEquals(14, told.lines.size());
    }

    @Test
    void whoExpectsToBeToldToGoOnIsToldAndWhoIsRefusedIsNot() {
        Peer welcome = peer(new Told())
                .send(head(
                        "multipart/form-data; boundary=b", "Content-Length: " + BODY.length(), "Expect: 100-continue"));
        untilAnswered(welcome, "100 ");
        welcome.send(BODY);
        until("the answer", () -> welcome.text().endsWith("2 parts"));
        Peer refused =
                peer(new Told()).send(head("text/plain", "Content-Length: " + BODY.length(), "Expect: 100-continue"));
        untilAnswered(refused, "415 ");
    }

    @Test
    void whatCannotBeIsRefusedAtItsHead() {
        Told told = new Told();
        Peer plain = peer(told).send(head("text/plain", "Content-Length: 0"));
        untilAnswered(plain, "415 ");
        Peer missing = peer(told).send("POST /up HTTP/1.1\r\nHost: here\r\nContent-Length: 0\r\n\r\n");
        untilAnswered(missing, "415 ");
        Peer unbounded = peer(told).send(head("multipart/form-data", "Content-Length: 0"));
        untilAnswered(unbounded, "400 ");
        Peer wrong = peer(told).send(head("multipart/form-data; boundary=" + "b".repeat(71), "Content-Length: 0"));
        untilAnswered(wrong, "400 ");
        Peer twice = peer(told)
                .send(head("multipart/form-data; boundary=b", "Content-Type: text/plain", "Content-Length: 0"));
        untilAnswered(twice, "400 ");
        Peer longest = peer(told)
                .send(head("multipart/form-data; boundary=" + "b".repeat(70), "Content-Length: 74") + "--"
                        + "b".repeat(70) + "--");
        until("the answer", () -> longest.text().endsWith("0 parts"));
        assertEquals(List.of("start /up", "end complete"), told.lines);
    }

    @Test
    void anAnnouncedLengthAboveTheLimitIsRefusedAtItsHead() {
        HttpHandler handler = MultipartHandler.streaming(
                LIMITS.toBuilder().maxBytes(BODY.length()).build(), new Told());
        Peer fits = peer(handler).send(post(BODY));
        until("the answer", () -> fits.text().endsWith("2 parts"));
        Peer larger =
                peer(handler).send(head("multipart/form-data; boundary=b", "Content-Length: " + (BODY.length() + 1)));
        untilAnswered(larger, "413 ");
    }

    @Test
    void aBodyThatBreaksARuleIsAbortedAndAnswered() {
        Told told = new Told();
        Peer peer = peer(told).send(post(file("a", "data") + "--b\r\nno field\r\n\r\n"));
        untilAnswered(peer, "400 ");
        until("the end", peer::hasEnded);
        assertEquals(List.of("start /up", "begin f a", "part of 4 complete", "end aborted MALFORMED"), told.lines);
    }

    @Test
    void aMessageThatIsOverBeforeTheLastBoundaryIsAbortedAndAnswered() {
        Told told = new Told();
        Peer peer = peer(told).send(post(BODY.substring(0, BODY.length() - 10)));
        untilAnswered(peer, "400 ");
        assertEquals("end aborted TRUNCATED", told.last());
        assertEquals("part of 9 aborted TRUNCATED", told.lines.get(4).replace("of 10", "of 9"));
    }

    @Test
    void whoIsCutOffWithinAPartIsEndedTwiceInThisOrder() {
        Told told = new Told();
        Peer peer = peer(told).send(post(BODY).substring(0, post(BODY).length() - 14));
        until("the part", () -> told.data.length() > 0 && told.lines.size() == 4);
        peer.reset();
        until("the end", told::isPaired);
        assertEquals(
                List.of("part of " + told.data.length() + " aborted MESSAGE_FAILED", "end aborted MESSAGE_FAILED"),
                told.lines.subList(4, 6));
    }

    @Test
    void theEndsAreToldBeforeClosed() {
        Told told = new Told();
        HttpHandler uploads = MultipartHandler.streaming(LIMITS, told);
        Peer peer = peer(new HttpHandler() {
            @Override
            public Response handle(Request request) {
                throw new AssertionError("the body is not gathered");
            }

            @Override
            public Response onHead(Request request) throws Exception {
                return uploads.onHead(request);
            }

            @Override
            public void onEvent(Connection connection, Event event) throws Exception {
                HttpHandler.super.onEvent(connection, event);
                if (event instanceof TcpEvent.Closed) {
                    told.lines.add("closed");
                }
            }
        });
        peer.send(post(BODY).substring(0, post(BODY).length() - 14));
        until("the part", () -> told.lines.size() == 4);
        peer.reset();
        until("the end", () -> told.last().equals("closed"));
        assertEquals("end aborted MESSAGE_FAILED", told.lines.get(5));
        assertEquals(7, told.lines.size());
    }

    @Test
    void whoIsCutOffBetweenPartsIsEndedOnce() {
        Told told = new Told();
        Peer peer = peer(told)
                .send(post(BODY).split("--b\r\nContent-Disposition: form-data; name=\"photo\"")[0] + "--b\r\n");
        until("the part", () -> told.lines.size() == 3);
        peer.shutdownOutput();
        until("the end", told::isPaired);
        assertEquals(List.of("part of 8 complete", "end aborted MESSAGE_FAILED"), told.lines.subList(2, 4));
    }

    @Test
    void aManagerThatClosesEndsWhatHasBegun() {
        Told told = new Told();
        peer(told).send(post(BODY).substring(0, post(BODY).length() - 14));
        until("the part", () -> told.lines.size() == 4);
        manager().close();
        assertTrue(told.isPaired());
        assertEquals("end aborted MESSAGE_FAILED", told.last());
    }

    @Test
    void whoRefusesIsToldTheEndAndThePeerTheReason() {
        Told told = new Told() {
            @Override
            public void onEvent(Upload on, PartEvent event) throws Exception {
                super.onEvent(on, event);
                if (event instanceof PartEvent.PartData) {
                    on.refuse(MultipartError.of(Kind.REFUSED, "not today"));
                    on.refuse(MultipartError.of(Kind.REFUSED, "not twice"));
                }
            }
        };
        Peer peer = peer(told).send(post(BODY));
        until("the answer", () -> peer.text().endsWith("not today"));
        assertTrue(peer.text().startsWith("HTTP/1.1 400 "));
        until("the end", peer::hasEnded);
        assertEquals("part of 8 aborted REFUSED", told.lines.get(2).replaceAll("of \\d+", "of 8"));
        assertEquals(List.of("end aborted REFUSED"), told.lines.subList(3, told.lines.size()));
    }

    @Test
    void aHandlerThatThrowsIsReportedOnceAndToldTheEnds() {
        IllegalStateException broken = new IllegalStateException("broken handler");
        Told told = new Told() {
            @Override
            public void onEvent(Upload on, PartEvent event) throws Exception {
                super.onEvent(on, event);
                if (event instanceof PartEvent.PartData) {
                    throw broken;
                }
            }
        };
        Peer peer = peer(told).send(post(BODY));
        untilAnswered(peer, "500 ");
        assertEquals("end aborted HANDLER_FAILED", told.last());
        assertTrue(told.isPaired());
        assertEquals(broken, takeFailure().thrown());
    }

    @Test
    void anAnswerMayComeBeforeTheEndAndOnlyTheFirstIsHeard() {
        List<Boolean> heard = new ArrayList<>();
        PartHandler handler = (upload, event) -> {
            if (event instanceof PartEvent.PartEnd || event instanceof PartEvent.MultipartEnd) {
                heard.add(upload.respond(Response.text("answer " + heard.size())));
            }
        };
        Peer peer = peer(handler).send(post(BODY));
        until("all events", () -> heard.size() == 3);
        untilAnswered(peer, "200 ");
        settle();
        assertTrue(peer.text().endsWith("answer 0"));
        assertEquals(List.of(true, false, false), heard);
    }

    // ---------------------------------------------------------------- flow

    @Test
    void whoPausesIsToldNothingAndThePeerIsHeldBack() {
        Told told = new Told() {
            @Override
            public void onEvent(Upload on, PartEvent event) throws Exception {
                super.onEvent(on, event);
                if (event instanceof PartEvent.PartData) {
                    on.pause();
                }
            }
        };
        byte[] file = pattern(MORE_THAN_FITS);
        String text = new String(file, StandardCharsets.ISO_8859_1);
        Peer peer = peer(
                manager().listen("http://" + arm.listenAddress(), MultipartHandler.streaming(LIMITS, told)),
                SMALL_PEER);
        peer.send(post(file("large", text) + "--b--").getBytes(StandardCharsets.ISO_8859_1));
        until("the pause", () -> told.data.length() > 0);
        settle();
        int first = told.data.length();
        settle();
        assertEquals(first, told.data.length());
        assertFalse(peer.hasSentAll());
        Upload upload = told.upload;
        until("the rest", () -> {
            if (upload != null && upload.isPaused()) {
                inTurnOf(upload);
            }
            return peer.text().endsWith("1 parts");
        });
        assertEquals(text, told.data.toString());
    }

    private void inTurnOf(Upload upload) {
        manager().post(upload::resume);
    }

    @Test
    void whoIsCutOffWhilePausedIsToldTheEnds() {
        Told told = new Told() {
            @Override
            public void onEvent(Upload on, PartEvent event) throws Exception {
                super.onEvent(on, event);
                if (event instanceof PartEvent.PartBegin) {
                    on.pause();
                }
            }
        };
        peer(told).send(post(BODY));
        until("the pause", () -> told.lines.size() == 2);
        manager().close();
        assertTrue(told.isPaired());
        assertEquals("end aborted MESSAGE_FAILED", told.last());
    }

    // ---------------------------------------------------------------- to a directory

    final List<String> names() {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Peer store(String body) {
        return peer(MultipartHandler.toDirectory(directory, LIMITS)).send(post(body));
    }

    @Test
    void filesAreStoredUnderTheirNames() throws IOException {
        String body = file("a.txt", "first") + file("an overview.txt", "") + BODY;
        int length = body.getBytes(StandardCharsets.UTF_8).length;
        Peer peer = peer(MultipartHandler.toDirectory(directory, LIMITS))
                .send(head("multipart/form-data; boundary=b", "Content-Length: " + length) + body);
        untilAnswered(peer, "201 ");
        assertEquals(List.of("a.jpg", "a.txt", "an overview.txt"), names());
        assertEquals("first", Files.readString(directory.resolve("a.txt")));
        assertEquals("0123456789", Files.readString(directory.resolve("a.jpg")));
    }

    @Test
    void aLargeFileIsStoredByteForByte() throws IOException {
        byte[] data = new byte[1_500_000];
        new Random(1).nextBytes(data);
        String text = new String(data, StandardCharsets.ISO_8859_1);
        Peer peer = peer(MultipartHandler.toDirectory(directory, LIMITS));
        peer.send(post(file("large.bin", text) + file("small.bin", "small") + "--b--")
                .getBytes(StandardCharsets.ISO_8859_1));
        until("the answer", () -> peer.text().endsWith("large.bin\nsmall.bin\n"));
        assertEquals(-1, Arrays.mismatch(data, Files.readAllBytes(directory.resolve("large.bin"))));
        assertEquals("small", Files.readString(directory.resolve("small.bin")));
    }

    @Test
    void aBodyWithoutFilesStoresNothing() {
        Peer peer = store("--b\r\nContent-Disposition: form-data; name=\"f\"\r\n\r\nx\r\n" + file("", "") + "--b--");
        untilAnswered(peer, "400 ");
        assertEquals(List.of(), names());
    }

    @Test
    void nothingIsOverwrittenAndAllFilesAreStoredOrNone() throws IOException {
        Files.writeString(directory.resolve("b"), "older");
        Peer peer = store(file("a", "1") + file("b", "2") + file("c", "3") + "--b--");
        untilAnswered(peer, "409 ");
        until("what was begun to be removed", () -> names().equals(List.of("b")));
        assertEquals("older", Files.readString(directory.resolve("b")));
        Peer twice = store(file("d", "1") + file("d", "2") + "--b--");
        untilAnswered(twice, "409 ");
        until("what was begun to be removed", () -> names().equals(List.of("b")));
    }

    @Test
    void anUnsafeNameIsRefused() {
        for (String name : List.of("../x", "a/b", "C:\\\\x", ".hidden", "NUL.txt", "a%0Ab", "n".repeat(256))) {
            Peer peer = store(file("fine", "1") + file(name, "2") + "--b--");
            untilAnswered(peer, "400 ");
            until("what was begun to be removed", () -> names().isEmpty());
        }
        Peer longest = store(file("n".repeat(255), "2") + "--b--");
        untilAnswered(longest, "201 ");
    }

    @Test
    void theProgramMayGiveTheNames() {
        HttpHandler handler = MultipartHandler.toDirectory(
                directory,
                LIMITS,
                part -> part.fileName().get().equals("skip") ? "" : "file-" + part.index(),
                files -> Response.text(files.size() + " of " + files.get(0).size()));
        Peer peer = peer(handler).send(post(file("../../x", "123") + file("skip", "4") + "--b--"));
        until("the answer", () -> peer.text().endsWith("1 of 3"));
        assertEquals(List.of("file-0"), names());
    }

    @Test
    void whatIsCutOffLeavesNothingBehind() {
        Peer peer = peer(MultipartHandler.toDirectory(directory, LIMITS));
        peer.send(
                post(file("a", "1") + file("b", "x".repeat(100_000)) + "--b--").substring(0, 100_000));
        until("a file that has begun", () -> names().size() == 2);
        assertTrue(names().stream().allMatch(name -> name.startsWith(".upload-")), () -> names().toString());
        peer.reset();
        until("nothing to be left", () -> names().isEmpty());
    }

    @Test
    void whatALimitEndsLeavesNothingBehind() {
        HttpHandler handler = MultipartHandler.toDirectory(
                directory, LIMITS.toBuilder().maxPartBytes(5).build());
        Peer fits = peer(handler).send(post(file("a", "12345") + "--b--"));
        untilAnswered(fits, "201 ");
        Peer larger = peer(handler).send(post(file("b", "123456") + "--b--"));
        untilAnswered(larger, "413 ");
        until("nothing else to be left", () -> names().equals(List.of("a")));
    }

    @Test
    void aManagerThatClosesLeavesNothingBehind() {
        Peer peer = peer(MultipartHandler.toDirectory(directory, LIMITS));
        peer.send(
                post(file("a", "1") + file("b", "x".repeat(100_000)) + "--b--").substring(0, 100_000));
        until("a file that has begun", () -> names().size() == 2);
        manager().close();
        until("nothing to be left", () -> names().isEmpty());
    }

    @Test
    void aDirectoryThatIsNotThereIsTheServersFaultAndReported() {
        Peer peer = peer(MultipartHandler.toDirectory(directory.resolve("missing"), LIMITS))
                .send(post(file("a", "1") + "--b--"));
        untilAnswered(peer, "500 ");
        until("the report", this::hasFailed);
        Throwable reported = takeFailure().thrown();
        assertTrue(reported.getMessage().startsWith("an upload was not stored"), reported::toString);
        assertFalse(peer.text().contains("missing"));
    }

    @Test
    void whereNothingMayBeWrittenThePeerIsToldNoPath() {
        Path image = Path.of(URI.create("jrt:/java.base")); // the one file system that nobody writes to, not even root
        Peer peer = peer(MultipartHandler.toDirectory(image, LIMITS)).send(post(file("a", "1") + "--b--"));
        untilAnswered(peer, "500 ");
        until("the report", this::hasFailed);
        Throwable reported = takeFailure().thrown();
        assertTrue(reported.toString().contains("could not be stored"), reported::toString);
        assertFalse(peer.text().contains("java.base"));
    }

    @Test
    void ifEveryWorkerIsBusyThePeerMayComeAgain() {
        use(options -> {}, runtime -> BusyWorkers.full(runtime).in(runtime));
        Peer peer = peer(MultipartHandler.toDirectory(directory, LIMITS)).send(post(file("a", "1") + "--b--"));
        untilAnswered(peer, "503 ");
        assertEquals(List.of(), names());
    }

    @Test
    void aSlowDiskHoldsThePeerBackAndTakesNoMoreMemoryThanItsMark() {
        HeldWorkers[] held = new HeldWorkers[1];
        use(options -> {}, runtime -> {
            held[0] = new HeldWorkers(runtime);
            return held[0].in();
        });
        byte[] data = pattern(MORE_THAN_FITS);
        Peer peer = peer(
                manager().listen("http://" + arm.listenAddress(), MultipartHandler.toDirectory(directory, LIMITS)),
                SMALL_PEER);
        peer.send(post(file("large", new String(data, StandardCharsets.ISO_8859_1)) + "--b--")
                .getBytes(StandardCharsets.ISO_8859_1));
        until("a task", () -> held[0].count() == 1);
        settle();
        long received = manager().statistics().bytesReceived();
        int read = manager().options().readBytes();
        assertTrue(received >= 262_144 && received <= 262_144 + 3L * read, () -> received + " bytes, read by " + read);
        settle();
        assertEquals(received, manager().statistics().bytesReceived());
        assertFalse(peer.hasSentAll());
        until("the answer", () -> {
            held[0].runAll();
            return peer.text().endsWith("large\n");
        });
        assertEquals(List.of("large"), names());
    }

    // ---------------------------------------------------------------- forms

    @Test
    void aFormHasItsFieldsAndItsFilesUntilItIsAnswered() throws IOException {
        List<String> during = new ArrayList<>();
        HttpHandler handler = MultipartHandler.toFieldsAndFiles(directory, LIMITS, (request, form) -> {
            StoredFile photo = form.file("photo").orElseThrow();
            during.addAll(names());
            return Response.text(form.field("title").orElseThrow() + ", " + Files.readString(photo.path()) + ", "
                    + photo.size() + ", " + form.files().size());
        });
        Peer peer = peer(handler).send(post(file("", "") + BODY));
        until("the answer", () -> peer.text().endsWith("Holidays, 0123456789, 10, 1"));
        assertEquals(1, during.size());
        until("the file to be removed", () -> names().isEmpty());
    }

    @Test
    void theFieldsOfAFormAreBounded() {
        String body = "--b\r\nContent-Disposition: form-data; name=\"ab\"\r\n\r\n123\r\n"
                + "--b\r\nContent-Disposition: form-data; name=\"c\"\r\n\r\n4\r\n--b--";
        MultipartForm[] forms = new MultipartForm[1];
        for (int most : new int[] {7, 6}) {
            HttpHandler handler = MultipartHandler.toFieldsAndFiles(
                    directory, LIMITS.toBuilder().maxFieldBytes(most).build(), (request, form) -> {
                        forms[0] = form;
                        return Response.text("taken");
                    });
            Peer peer = peer(handler).send(post(body));
            untilAnswered(peer, most == 7 ? "200 " : "413 ");
        }
        assertEquals("123", forms[0].field("ab").orElseThrow());
    }

    @Test
    void aFormRefusesWhatIsNoFieldOfIt() {
        HttpHandler handler =
                MultipartHandler.toFieldsAndFiles(directory, LIMITS, (request, form) -> Response.text("taken"));
        Peer nameless = peer(handler).send(post("--b\r\n\r\nx\r\n--b--"));
        untilAnswered(nameless, "400 ");
        Peer wrong = peer(handler);
        wrong.send(post("--b\r\nContent-Disposition: form-data; name=a\r\n\r\n\u00e9\r\n--b--")
                .getBytes(StandardCharsets.ISO_8859_1));
        untilAnswered(wrong, "400 ");
    }

    @Test
    void aFormHandlerThatThrowsLeavesNothingBehind() {
        IllegalStateException broken = new IllegalStateException("broken handler");
        HttpHandler handler = MultipartHandler.toFieldsAndFiles(directory, LIMITS, (request, form) -> {
            throw broken;
        });
        Peer peer = peer(handler).send(post(BODY));
        untilAnswered(peer, "500 ");
        until("the file to be removed", () -> names().isEmpty());
        assertEquals(broken, takeFailure().thrown());
    }

    // ---------------------------------------------------------------- what we send

    @Test
    void aBodyOfPartsIsSentWithFilesThatAreReadMeanwhile() throws IOException {
        byte[] data = pattern(1_000_000);
        Path file = Files.write(directory.resolve("data.bin"), data);
        MultipartBody body = MultipartBody.builder()
                .field("title", "Holidays")
                .file("file", file)
                .field("last", "one")
                .build(new Random(1));
        HttpHandler handler =
                HttpHandler.of(request -> Response.stream(body.contentType(), body.length(), body::producer));
        Peer peer = peer(handler).send("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
        until("all of it", () -> peer.text().endsWith(body.boundary() + "--\r\n"));
        String received = new String(peer.received(), StandardCharsets.ISO_8859_1);
        String content = received.substring(received.indexOf("\r\n\r\n") + 4);
        assertEquals(body.length(), content.length());
        assertTrue(content.contains(new String(data, StandardCharsets.ISO_8859_1)));

        Told told = new Told();
        Peer back = peer(told);
        back.send((head(body.contentType(), "Content-Length: " + body.length()) + content)
                .getBytes(StandardCharsets.ISO_8859_1));
        until("the answer", () -> back.text().endsWith("3 parts"));
        assertEquals("part of 1000000 complete", told.lines.get(4));
    }

    @Test
    void aPartOfUnknownLengthMakesTheBodyChunked() {
        MultipartBody body = MultipartBody.builder()
                .part("f", "f", "text/plain", -1, () -> new ByteArrayInputStream(pattern(100_000)))
                .build(new Random(1));
        HttpHandler handler =
                HttpHandler.of(request -> Response.stream(body.contentType(), body.length(), body::producer));
        Peer peer = peer(handler).send("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
        until("all of it", () -> peer.text().endsWith("\r\n0\r\n\r\n"));
        assertTrue(peer.text().contains("Transfer-Encoding: chunked"));
    }

    @Test
    void aFileThatBecameShorterAbortsTheBody() {
        MultipartBody body = MultipartBody.builder()
                .part("f", "f", "text/plain", 10, () -> new ByteArrayInputStream(pattern(9)))
                .build(new Random(1));
        HttpHandler handler =
                HttpHandler.of(request -> Response.stream(body.contentType(), body.length(), body::producer));
        Peer peer = peer(handler).send("GET / HTTP/1.1\r\nHost: here\r\n\r\n");
        untilAborted(peer);
        takeFailures();
    }
}
