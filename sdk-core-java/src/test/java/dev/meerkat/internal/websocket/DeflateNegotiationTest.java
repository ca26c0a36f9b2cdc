package dev.meerkat.internal.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.http.Headers;
import dev.meerkat.websocket.CompressionOptions;
import dev.meerkat.websocket.HandshakeRule;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DeflateNegotiationTest {
    private static final String SNC = "server_no_context_takeover";
    private static final String CNC = "client_no_context_takeover";

    private static CompressionOptions keeping(String which) {
        return CompressionOptions.builder()
                .keepOwnContext(which.contains("own"))
                .keepPeerContext(which.contains("peer"))
                .build();
    }

    private static List<Extension> read(String field) throws HandshakeException {
        return ExtensionList.read(Headers.of(ExtensionList.FIELD, field), HandshakeRule.MALFORMED_EXTENSIONS);
    }

    /** What a server answers, with its terms; or nothing. Short names stand for the long ones. */
    private static String answer(String offers, CompressionOptions options, boolean room) throws HandshakeException {
        return DeflateNegotiation.accept(read(longNames(offers)), options, room)
                .map(accepted -> shortNames(accepted.answer().toString()) + " -> " + shown(accepted.terms()))
                .orElse("");
    }

    private static String shown(DeflateTerms terms) {
        return (terms.ownContext() ? "own " : "") + terms.ownWindowBits() + (terms.peerContext() ? " peer" : "");
    }

    private static String longNames(String text) {
        return text.replace("pmd", DeflateNegotiation.NAME)
                .replace("smwb", "server_max_window_bits")
                .replace("cmwb", "client_max_window_bits")
                .replace("snc", SNC)
                .replace("cnc", CNC);
    }

    private static String shortNames(String text) {
        return text.replace(DeflateNegotiation.NAME, "pmd")
                .replace("server_max_window_bits", "smwb")
                .replace("client_max_window_bits", "cmwb")
                .replace(SNC, "snc")
                .replace(CNC, "cnc");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // nothing kept, the default
                "pmd                             | none     | pmd; snc; cnc -> 15",
                "pmd; snc                        | none     | pmd; snc; cnc -> 15",
                "pmd; cnc                        | none     | pmd; snc; cnc -> 15",
                "pmd; snc; cnc                   | none     | pmd; snc; cnc -> 15",
                // kept as far as the client permits
                "pmd                             | own peer | pmd -> own 15 peer",
                "pmd; snc                        | own peer | pmd; snc -> 15 peer",
                "pmd; cnc                        | own peer | pmd; cnc -> own 15",
                "pmd; cnc; snc                   | own peer | pmd; snc; cnc -> 15",
                "pmd                             | own      | pmd; cnc -> own 15",
                "pmd                             | peer     | pmd; snc -> 15 peer",
                // our window, as it is asked for
                "pmd; smwb=8                     | own peer | pmd; smwb=8 -> own 8 peer",
                "pmd; smwb=9                     | none     | pmd; snc; cnc; smwb=9 -> 9",
                "pmd; smwb=10                    | own peer | pmd; smwb=10 -> own 10 peer",
                "pmd; smwb=15                    | own peer | pmd; smwb=15 -> own 15 peer",
                "pmd; smwb=\"12\"                | own peer | pmd; smwb=12 -> own 12 peer",
                // the client's window is its own affair
                "pmd; cmwb                       | own peer | pmd -> own 15 peer",
                "pmd; cmwb=8                     | own peer | pmd -> own 15 peer",
                "pmd; cmwb=15                    | own peer | pmd -> own 15 peer",
                "pmd; cmwb; smwb=11; snc; cnc    | own peer | pmd; snc; cnc; smwb=11 -> 11",
                // the first that keeps the rules
                "pmd; snc, pmd                   | own peer | pmd; snc -> 15 peer",
                "pmd, pmd; snc                   | own peer | pmd -> own 15 peer",
                "pmd; smwb=7, pmd; smwb=9, pmd   | own peer | pmd; smwb=9 -> own 9 peer",
                "pmd; foo, other, pmd; cnc       | own peer | pmd; cnc -> own 15",
                "x-webkit-deflate-frame, pmd     | own peer | pmd -> own 15 peer",
            })
    void theFirstOfferThatKeepsTheRulesIsAccepted(String offers, String keep, String expected) throws Exception {
        assertEquals(expected, answer(offers, keeping(keep), true));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "other",
                "Permessage-Deflate",
                "x-webkit-deflate-frame; no_context_takeover",
                "pmd; foo",
                "pmd; foo=1",
                "pmd; SNC",
                "pmd; snc; snc",
                "pmd; cnc; snc; cnc",
                "pmd; snc=1",
                "pmd; snc=true",
                "pmd; cnc=0",
                "pmd; smwb",
                "pmd; smwb=7",
                "pmd; smwb=16",
                "pmd; smwb=08",
                "pmd; smwb=+9",
                "pmd; smwb=-9",
                "pmd; smwb=9.0",
                "pmd; smwb=0x9",
                "pmd; smwb=100",
                "pmd; smwb=99999999999999999999",
                "pmd; smwb=9; smwb=9",
                "pmd; smwb=9; smwb=10",
                "pmd; cmwb=7",
                "pmd; cmwb=16",
                "pmd; cmwb=010",
                "pmd; cmwb=ten",
                "pmd; cmwb; cmwb",
                "pmd; cmwb; cmwb=10",
                "pmd; cmwb=10; cmwb",
                "pmd; cmwb=10; foo, pmd; snc=1",
            })
    void anOfferThatBreaksARuleIsDeclined(String offers) throws Exception {
        assertEquals("", answer(offers, keeping("own peer"), true));
    }

    @Test
    void withoutRoomThePeersContextIsNotKept() throws Exception {
        assertEquals("pmd; cnc -> own 15", answer("pmd", keeping("own peer"), false));
        assertEquals(
                "permessage-deflate; server_no_context_takeover; client_max_window_bits",
                DeflateNegotiation.offer(keeping("own peer"), false).toString());
    }

    @Test
    void whoWantsNoCompressionAcceptsNone() throws Exception {
        assertEquals("", answer("pmd", CompressionOptions.OFF, true));
        assertEquals("pmd; snc; cnc -> 15", answer("pmd", CompressionOptions.DEFAULT, true));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "none     | pmd; snc; cnc; cmwb",
                "own      | pmd; snc; cmwb",
                "peer     | pmd; cnc; cmwb",
                "own peer | pmd; cmwb"
            })
    void aClientOffersWhatItWants(String keep, String expected) {
        assertEquals(
                expected,
                shortNames(DeflateNegotiation.offer(keeping(keep), true).toString()));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pmd                         | own peer | own 15 peer",
                "pmd; snc                    | own peer | own 15",
                "pmd; cnc                    | own peer | 15 peer",
                "pmd; snc; cnc               | own peer | 15",
                "pmd; snc; cnc               | none     | 15",
                "pmd; snc                    | none     | 15",
                "pmd                         | none     | 15 peer", // it was asked, and does not say so
                "pmd; cmwb=8                 | own peer | own 8 peer",
                "pmd; cmwb=9; snc            | own peer | own 9",
                "pmd; cmwb=15                | own peer | own 15 peer",
                "pmd; smwb=8                 | own peer | own 15 peer", // makes no difference to us
                "pmd; smwb=15; cmwb=10; cnc  | own peer | 10 peer",
            })
    void anAnswerIsAgreedTo(String answer, String keep, String expected) throws Exception {
        assertEquals(
                expected, shown(DeflateNegotiation.agree(read(longNames(answer)).get(0), keeping(keep))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pmd; foo",
                "pmd; snc; snc",
                "pmd; snc=1",
                "pmd; cnc=1",
                "pmd; cnc; cnc",
                "pmd; cmwb",
                "pmd; cmwb=7",
                "pmd; cmwb=16",
                "pmd; cmwb=08",
                "pmd; cmwb=9; cmwb=9",
                "pmd; smwb",
                "pmd; smwb=7",
                "pmd; smwb=16",
                "pmd; smwb=015",
                "pmd; smwb=9; smwb=10",
            })
    void anAnswerThatBreaksARuleFailsTheHandshake(String answer) {
        HandshakeException e = assertThrows(
                HandshakeException.class,
                () -> DeflateNegotiation.agree(read(longNames(answer)).get(0), keeping("own peer")));
        assertEquals(HandshakeRule.WRONG_EXTENSION_PARAMETERS, e.error().rule());
        assertTrue(e.getMessage().contains("permessage-deflate"), e::getMessage);
    }

    @Test
    void bothSidesComeToTheSameTerms() throws Exception {
        for (String client : new String[] {"none", "own", "peer", "own peer"}) {
            for (String server : new String[] {"none", "own", "peer", "own peer"}) {
                Extension offer = DeflateNegotiation.offer(keeping(client), true);
                DeflateNegotiation.Accepted accepted = DeflateNegotiation.accept(List.of(offer), keeping(server), true)
                        .orElseThrow();
                DeflateTerms ours = accepted.terms();
                DeflateTerms theirs = DeflateNegotiation.agree(accepted.answer(), keeping(client));
                assertEquals(server.contains("own") && client.contains("peer"), ours.ownContext());
                assertEquals(ours.ownContext(), theirs.peerContext());
                assertEquals(server.contains("peer") && client.contains("own"), theirs.ownContext());
                assertTrue(!theirs.ownContext() || ours.peerContext());
            }
        }
    }

    @Test
    void windowsOutsideOfTheRangeAreNoTerms() {
        new DeflateTerms(true, 8, true);
        new DeflateTerms(true, 15, true);
        assertThrows(IllegalArgumentException.class, () -> new DeflateTerms(true, 7, true));
        assertThrows(IllegalArgumentException.class, () -> new DeflateTerms(true, 16, true));
    }
}
