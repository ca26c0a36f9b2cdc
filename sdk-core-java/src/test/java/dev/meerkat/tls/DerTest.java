package dev.meerkat.tls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.tls.Der.DerException;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DerTest {
    private static Der hex(String bytes) {
        return new Der(HexFormat.of().parseHex(bytes));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 127, 128, 255, 256, 65_535, 65_536, 1_000_000})
    void whatIsWrittenIsReadWhateverItsLength(int length) throws DerException {
        byte[] content = new byte[length];
        Arrays.fill(content, (byte) 7);
        byte[] element = Der.encode(Der.OCTET_STRING, content);
        Der read = new Der(element);
        assertArrayEquals(content, read.read(Der.OCTET_STRING, "bytes"));
        assertFalse(read.hasMore());
        assertArrayEquals(element, new Der(element).readWhole(Der.OCTET_STRING, "bytes"));
    }

    @ParameterizedTest
    @CsvSource({
        "'', 'found the end'",
        "04, 'is broken'",
        "0480, 'is broken'",
        "04840000000100, 'is broken'",
        "048201, 'is broken'",
        "0402FF, 'has 2 bytes, of which 1 are there'",
        "0483FFFFFF, 'has 16777215 bytes, of which 0 are there'",
        "0500, 'found tag 05'"
    })
    void aLengthThatIsNotThereIsRefused(String bytes, String said) {
        DerException refused = assertThrows(DerException.class, () -> hex(bytes).read(Der.OCTET_STRING, "bytes"));
        assertTrue(refused.getMessage().contains(said), refused::getMessage);
        assertTrue(refused.getMessage().contains("bytes"), refused::getMessage);
    }

    @Test
    void anElementMayNotReachBeyondItsParent() throws DerException {
        Der inside = hex("3003040201FFFF").enter(Der.SEQUENCE, "a sequence");
        assertThrows(DerException.class, () -> inside.read(Der.OCTET_STRING, "bytes"));
    }

    @ParameterizedTest
    @CsvSource({"020100, 0", "02017F, 127", "02020080, 128", "02047FFFFFFF, 2147483647", "0205007FFFFFFF, 2147483647"})
    void smallNumbersAreRead(String bytes, int number) throws DerException {
        assertEquals(number, hex(bytes).readNumber("a number"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0200", "0201FF", "02050080000000", "020600FFFFFFFFFF", "0204FFFFFFFF"})
    void otherNumbersAreRefused(String bytes) {
        assertThrows(DerException.class, () -> hex(bytes).readNumber("a number"));
    }

    @ParameterizedTest
    @CsvSource({"06032B6570, 1.3.101.112", "06092A864886F70D010101, 1.2.840.113549.1.1.1", "0603551D11, 2.5.29.17"})
    void objectIdentifiersAreRead(String bytes, String oid) throws DerException {
        assertEquals(oid, hex(bytes).readOid("an algorithm"));
    }

    @Test
    void brokenObjectIdentifiersAreRefused() {
        assertThrows(DerException.class, () -> hex("0600").readOid("an algorithm"));
        assertThrows(DerException.class, () -> hex("06022B80").readOid("an algorithm"));
        byte[] longest = new byte[32];
        Arrays.fill(longest, (byte) 1);
        assertTrue(
                readable(Der.encode(Der.OID, longest)) && !readable(Der.encode(Der.OID, Arrays.copyOf(longest, 33))));
    }

    private static boolean readable(byte[] oid) {
        try {
            return !new Der(oid).readOid("an algorithm").isEmpty();
        } catch (DerException refused) {
            return false;
        }
    }

    @Test
    void whatFollowsIsCounted() {
        DerException refused =
                assertThrows(DerException.class, () -> hex("0500").requireEnd("the key"));
        assertEquals("2 bytes too many behind the key", refused.getMessage());
    }
}
