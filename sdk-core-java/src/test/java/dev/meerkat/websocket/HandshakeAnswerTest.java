package dev.meerkat.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.meerkat.http.Headers;
import dev.meerkat.http.Response;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HandshakeAnswerTest {
    private static final HandshakeAnswer.Accept YES = new HandshakeAnswer.Accept(Optional.empty(), Headers.EMPTY);
    private static final HandshakeAnswer.Refuse NO = new HandshakeAnswer.Refuse(Response.error(403, "no"));

    @ParameterizedTest
    @ValueSource(strings = {"Sec-WebSocket-Accept", "sec-websocket-protocol", "Upgrade", "connection"})
    void theFieldsOfTheHandshakeAreNotForPrograms(String name) {
        for (HandshakeAnswer answer : List.of(YES, NO, HandshakeAnswer.later(CompletableFuture.completedFuture(NO)))) {
            assertThrows(IllegalArgumentException.class, () -> answer.withHeader(name, "x"));
        }
        assertThrows(
                IllegalArgumentException.class,
                () -> new HandshakeAnswer.Accept(Optional.empty(), Headers.of(name, "x")));
    }

    @Test
    void otherFieldsAreAddedInWhateverWayItIsAnswered() {
        HandshakeAnswer.Accept accept =
                (HandshakeAnswer.Accept) YES.withHeader("Set-Cookie", "a=1").withHeader("Set-Cookie", "b=2");
        assertEquals(List.of("a=1", "b=2"), accept.headers().all("Set-Cookie"));
        HandshakeAnswer.Refuse refuse = (HandshakeAnswer.Refuse) NO.withHeader("Retry-After", "3");
        assertEquals(Optional.of("3"), refuse.response().headers().first("Retry-After"));
        CompletableFuture<HandshakeAnswer> unknown = new CompletableFuture<>();
        HandshakeAnswer.Later later =
                (HandshakeAnswer.Later) HandshakeAnswer.later(unknown).withHeader("X-Late", "1");
        unknown.complete(YES);
        assertEquals(
                Headers.of("X-Late", "1"),
                ((HandshakeAnswer.Accept) later.answer().toCompletableFuture().join()).headers());
    }

    @Test
    void anUpgradeIsNoRefusal() {
        assertThrows(IllegalArgumentException.class, () -> new HandshakeAnswer.Refuse(Response.text("welcome")));
        assertEquals(
                300,
                new HandshakeAnswer.Refuse(Response.text("elsewhere").withStatus(300))
                        .response()
                        .status());
    }
}
