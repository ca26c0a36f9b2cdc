package dev.meerkat.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContentTypesTest {
    @ParameterizedTest
    @CsvSource({
        "index.html,     text/html; charset=utf-8",
        "INDEX.HTM,      text/html; charset=utf-8",
        "a/b/main.css,   text/css; charset=utf-8",
        "app.mjs,        text/javascript; charset=utf-8",
        "data.json,      application/json",
        "photo.JPG,      image/jpeg",
        "archive.tar.gz, application/gzip",
        "module.wasm,    application/wasm",
        "font.woff2,     font/woff2",
        "README,         application/octet-stream",
        "strange.,       application/octet-stream",
        "what.ever,      application/octet-stream",
    })
    void theEndingOfTheNameTells(String name, String expected) {
        assertEquals(expected, ContentTypes.DEFAULT.of(name));
    }

    @Test
    void aProgramKnowsBetter() {
        ContentTypes types = ContentTypes.DEFAULT.with("EVER", "text/plain; charset=utf-16");
        assertEquals("text/plain; charset=utf-16", types.of("what.ever"));
        assertEquals("application/octet-stream", ContentTypes.DEFAULT.of("what.ever"));
        assertEquals("text/x", new ContentTypes(types.byEnding(), "text/x").of("README"));
    }

    @Test
    void everyTypeOfTheTableIsOne() {
        ContentTypes.DEFAULT.byEnding().values().forEach(MediaType::parse);
    }

    @Test
    void aTypeCannotSmuggleInAField() {
        assertThrows(IllegalArgumentException.class, () -> ContentTypes.DEFAULT.with("x", "text/x\r\nA: b"));
    }
}
