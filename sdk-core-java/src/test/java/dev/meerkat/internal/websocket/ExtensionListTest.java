package dev.meerkat.internal.websocket;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.meerkat.http.Headers;
import dev.meerkat.http.MalformedHeadException;
import dev.meerkat.websocket.HandshakeRule;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExtensionListTest {
    private static List<Extension> read(String... values) throws HandshakeException {
        Headers.Builder headers = Headers.builder().add("Host", "h");
        for (String value : values) {
            headers.add("sec-websocket-extensions", value);
        }
        return ExtensionList.read(headers.build(), HandshakeRule.MALFORMED_EXTENSIONS);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "foo | foo",
                "foo;bar | foo; bar",
                "foo ; bar = baz;x=1 | foo; bar=baz; x=1",
                "foo;bar=\"baz\" | foo; bar=baz",
                "foo;bar=\"b\\az\" | foo; bar=baz",
                "foo, bar;a ,foo;b | foo, bar; a, foo; b",
                "permessage-deflate; client_max_window_bits, permessage-deflate; server_max_window_bits=10 "
                        + "| permessage-deflate; client_max_window_bits, permessage-deflate; server_max_window_bits=10",
                "a;p;p=1;p | a; p; p=1; p",
                ",, a ,\t, b, | a, b"
            })
    void aListIsReadAndWritten(String value, String expected) throws HandshakeException {
        List<Extension> read = read(value);
        assertEquals(expected, ExtensionList.format(read));
        assertEquals(read, read(expected));
    }

    @Test
    void severalFieldsAreOneList() throws HandshakeException {
        assertEquals(List.of(Extension.of("a", "x=1"), Extension.of("b"), Extension.of("a")), read("a;x=1", "b, a"));
        assertEquals(List.of(), read());
    }

    @Test
    void aParameterHasAValueOrNone() throws HandshakeException {
        List<Extension.Parameter> parameters =
                read("e; with=\"10\"; without").get(0).parameters();
        assertEquals("10", parameters.get(0).value());
        assertEquals(null, parameters.get(1).value());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ",",
                "foo;",
                "foo;;a",
                ";a",
                "foo bar",
                "foo;a=",
                "foo;a=,b",
                "foo;=a",
                "foo;a b",
                "foo;a=b c",
                "foo;a=\"",
                "foo;a=\"b",
                "foo;a=\"\"",
                "foo;a=\"b c\"",
                "foo;a=\"b,c\"",
                "foo;a=\"b\\",
                "foo;a=\"b\\\"c\"",
                "foo;a=\"b\"c",
                "foo=1",
                "f\u00f6\u00f6",
                "\"foo\"",
                "foo/1",
                "a, (b)"
            })
    void whatKeepsNotToTheGrammarIsRefused(String value) {
        HandshakeException broken = assertThrows(HandshakeException.class, () -> read(value));
        assertEquals(HandshakeRule.MALFORMED_EXTENSIONS, broken.error().rule());
        assertEquals(0, broken.getStackTrace().length);
    }

    @Test
    void oneMalformedFieldAmongOthersIsRefused() {
        assertThrows(HandshakeException.class, () -> read("foo", "bar;a=\"x", "y\""));
    }

    @Test
    void whatIsNoTokenIsNotMade() {
        assertThrows(MalformedHeadException.class, () -> Extension.of("a b"));
        assertThrows(MalformedHeadException.class, () -> Extension.of(""));
        assertThrows(MalformedHeadException.class, () -> Extension.of("a", "b=c d"));
        assertThrows(MalformedHeadException.class, () -> Extension.of("a", "=c"));
        assertThrows(MalformedHeadException.class, () -> Extension.of("a", "b="));
    }
}
