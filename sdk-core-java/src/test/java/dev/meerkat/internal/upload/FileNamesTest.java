package dev.meerkat.internal.upload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FileNamesTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "a.txt",
                "Übersicht 2.pdf",
                "日本.png",
                "\uD83D\uDC3E",
                "a.b.c",
                "con-tract.txt",
                "CONTRACT",
                "COM",
                "COM10.txt",
                "nul_.txt",
                "a'b",
                "~x",
                "-rf",
                "a;b&c",
                "%2e%2e%2f"
            })
    void ordinaryNamesAreTaken(String name) {
        assertEquals(Optional.empty(), FileNames.problem(name));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ".",
                "..",
                ".htaccess",
                "...",
                "../x",
                "a/b",
                "/etc/passwd",
                "a\\b",
                "C:\\x",
                "C:x",
                "x:stream",
                "a\0.txt",
                "a\nb",
                "a\rb",
                "a\tb",
                "\u007f",
                "\u0085",
                "a\u202egpj.exe",
                "\u200bx",
                "\u2028",
                "\uD83D",
                "x\uDC3E",
                " a",
                "a ",
                "a.",
                "a..",
                "a<",
                "a>",
                "a\"",
                "a|",
                "a?",
                "a*",
                "CON",
                "con",
                "Con.txt",
                "nul",
                "NUL.tar.gz",
                "aux.",
                "prn",
                "COM1",
                "com9.log",
                "lpt0",
                "LPT\u00b9.x",
                "conin$",
                "CONOUT$",
                "con .txt",
                "clock$"
            })
    void namesThatAreMoreThanNamesAreNot(String name) {
        assertTrue(FileNames.problem(name).isPresent());
    }

    @Test
    void theLengthIsCountedInBytes() {
        assertEquals(Optional.empty(), FileNames.problem("a".repeat(255)));
        assertTrue(FileNames.problem("a".repeat(256)).isPresent());
        assertEquals(Optional.empty(), FileNames.problem("a" + "\u00e9".repeat(127)));
        assertTrue(FileNames.problem("\u00e9".repeat(128)).isPresent());
    }
}
