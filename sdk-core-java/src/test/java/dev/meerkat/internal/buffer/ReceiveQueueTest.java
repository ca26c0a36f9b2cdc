package dev.meerkat.internal.buffer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.meerkat.event.Bytes;
import dev.meerkat.event.ReceiveBuffer;
import java.nio.ByteBuffer;
import java.nio.ReadOnlyBufferException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReceiveQueueTest {
    private static final Bytes CRLF = Bytes.utf8("\r\n");

    /** A scratch buffer with other bytes around those that are lent. */
    private final ByteBuffer scratch = ByteBuffer.allocate(64);

    private final ReceiveQueue lent = new ReceiveQueue();

    @Nested
    class Lent {
        @Test
        void bytesAreNotCopied() {
            lend("hello");
            scratch.put(10, (byte) 'J');
            assertEquals("Jello", lent.takeText());
        }

        @Test
        void regionStartsAtThePositionAndEndsAtTheLimit() {
            lend("hello");
            assertEquals(5, lent.size());
            assertEquals('h', lent.get(0));
            assertEquals('o', lent.get(4));
            assertThrows(IndexOutOfBoundsException.class, () -> lent.get(5));
            assertThrows(IndexOutOfBoundsException.class, () -> lent.get(-1));
        }

        @Test
        void queueMayBeLentAgainAfterReclaimAndNotBefore() {
            lend("one");
            assertThrows(IllegalStateException.class, () -> lend("two"));
            lent.reclaim(false);
            assertTrue(lent.isEmpty());
            assertEquals(-1, lent.indexOf((byte) 'o'));
            lend("three");
            assertEquals("three", lent.takeText());
        }

        @Test
        void searchDoesNotReachIntoTheNextLoan() {
            lend("abc\r");
            assertEquals(-1, lent.indexOf(CRLF));
            lent.reclaim(false);
            lend("abcd\n");
            assertEquals(-1, lent.indexOf(CRLF));
        }

        @Test
        void reclaimWithPoisonOverwritesTheWholeRegionAndNothingElse() {
            lend("hello");
            ByteBuffer retained = lent.view();
            lent.discard(3);
            lent.reclaim(true);
            for (int i = 0; i < 5; i++) {
                assertEquals(ReceiveQueue.POISON, retained.get(i));
            }
            assertEquals(0, scratch.get(9));
            assertEquals(0, scratch.get(15));
        }

        @Test
        void reclaimWithoutPoisonChangesNoByte() {
            lend("hello");
            lent.reclaim(false);
            assertEquals('h', scratch.get(10));
        }

        @Test
        void onlyLentBytesAreKeptAndOnlyKeptOnesAppended() {
            assertThrows(IllegalStateException.class, () -> lent.keep(10));
            assertThrows(IllegalStateException.class, () -> lent.reclaim(false));
            lend("hello");
            assertThrows(IllegalStateException.class, () -> lent.append(ByteBuffer.allocate(1)));
            ReceiveQueue kept = lent.keep(10);
            assertThrows(IllegalStateException.class, () -> kept.keep(10));
            assertThrows(IllegalStateException.class, () -> kept.lend(ByteBuffer.allocate(1)));
        }
    }

    @Nested
    class Kept {
        @Test
        void holdsOnlyTheUnreadBytesAndNoMoreStorageThanThat() {
            lend("hello world");
            lent.discard(6);
            ReceiveQueue kept = lent.keep(100);
            lent.reclaim(true);
            assertEquals(5, kept.storageBytes());
            assertEquals("world", kept.takeText());
        }

        @Test
        void appendConsumesItsSource() {
            ReceiveQueue kept = kept("hello ", 100);
            ByteBuffer source = ByteBuffer.wrap("[world]".getBytes(StandardCharsets.UTF_8))
                    .position(1)
                    .limit(6);
            kept.append(source);
            assertEquals(6, source.position());
            source.array()[1] = 'W';
            assertEquals("hello world", kept.takeText());
        }

        @Test
        void takesWhatTheLimitAllowsAndNotOneByteMore() {
            ReceiveQueue kept = kept("abc", 5);
            assertEquals(2, kept.room());
            ByteBuffer three = ByteBuffer.wrap(new byte[3]);
            assertThrows(IllegalStateException.class, () -> kept.append(three));
            assertEquals(0, three.position());
            kept.append(ByteBuffer.wrap(new byte[2]));
            assertEquals(0, kept.room());
            kept.discard(1);
            assertEquals(1, kept.room());
        }

        @Test
        void limitMayFallBelowWhatIsThere() {
            ReceiveQueue kept = kept("abcdef", 10);
            kept.limit(3);
            assertEquals(0, kept.room());
            kept.discard(5);
            assertEquals(2, kept.room());
            assertEquals("f", kept.takeText());
        }

        @Test
        void storageGrowsGeometricallyUpToTheLimit() {
            ReceiveQueue kept = kept("a", 1000);
            int moves = 0;
            int before = kept.storageBytes();
            while (kept.room() > 0) {
                kept.append(ByteBuffer.wrap(new byte[1]));
                if (kept.storageBytes() != before) {
                    before = kept.storageBytes();
                    moves++;
                }
            }
            assertEquals(1000, kept.storageBytes());
            assertTrue(moves <= 10, "moves: " + moves);
        }

        @Test
        void slidingAtTheLimitTakesTwiceTheLimitInsteadOfMovingEverythingForEveryByte() {
            ReceiveQueue kept = kept("a", 1000);
            kept.append(ByteBuffer.wrap(new byte[999]));
            for (int i = 0; i < 10_000; i++) {
                kept.discard(1);
                kept.append(ByteBuffer.wrap(new byte[] {(byte) i}));
            }
            assertEquals((byte) 9999, kept.get(999));
            assertEquals(2000, kept.storageBytes());
        }

        @Test
        void reclaimWithPoisonMovesTheBytesAwayFromRetainedViews() {
            ReceiveQueue kept = kept("hello", 100);
            ByteBuffer retained = kept.view();
            kept.discard(1);
            kept.reclaim(true);
            for (int i = 0; i < 5; i++) {
                assertEquals(ReceiveQueue.POISON, retained.get(i));
            }
            assertEquals("ello", kept.takeText());
        }

        @Test
        void reclaimWithoutPoisonLeavesSmallStorageInPlace() {
            ReceiveQueue kept = kept("hello", 100);
            ByteBuffer view = kept.view();
            kept.discard(4);
            kept.reclaim(false);
            assertEquals('h', view.get(0));
            assertEquals("o", kept.takeText());
        }

        @Test
        void reclaimGivesUpStorageThatIsMostlyUnused() {
            int size = 2 * ReceiveQueue.UNTRIMMED_BYTES;
            ReceiveQueue kept = kept("a", size);
            kept.append(ByteBuffer.wrap(new byte[size - 1]));
            kept.discard(size - size / 4);
            kept.reclaim(false);
            assertEquals(size, kept.storageBytes(), "a quarter in use is enough");
            kept.discard(1);
            kept.reclaim(false);
            assertEquals(size / 4 - 1, kept.storageBytes());
        }

        @Test
        void storageUpToOneSegmentStays() {
            int size = ReceiveQueue.UNTRIMMED_BYTES;
            ReceiveQueue kept = kept("a", size);
            kept.append(ByteBuffer.wrap(new byte[size - 1]));
            kept.discard(size - 1);
            kept.reclaim(false);
            assertEquals(size, kept.storageBytes());
        }

        @Test
        void emptyQueueMayBeKeptAndReclaimed() {
            lend("x");
            lent.discard(1);
            ReceiveQueue kept = lent.keep(4);
            kept.reclaim(true);
            kept.append(ByteBuffer.wrap(new byte[] {7}));
            assertEquals(7, kept.get(0));
        }
    }

    @Nested
    class Reading {
        @Test
        void viewCountsFromTheOldestByteAndCannotBeChanged() {
            lend("hello");
            lent.discard(1);
            ByteBuffer view = lent.view();
            assertEquals(0, view.position());
            assertEquals(4, view.limit());
            assertEquals('e', view.get(0));
            assertThrows(ReadOnlyBufferException.class, () -> view.put(0, (byte) 1));
            view.position(4);
            assertEquals(4, lent.size());
        }

        @Test
        void takenBytesSurviveThePoison() {
            lend("abcdefghi");
            Bytes first = lent.take(3);
            byte[] second = lent.takeArray(2);
            ByteBuffer third = ByteBuffer.allocate(4).position(1).limit(3);
            assertEquals(2, lent.takeInto(third));
            Bytes rest = lent.take();
            lent.reclaim(true);
            assertEquals("abc", first.utf8());
            assertArrayEquals(new byte[] {'d', 'e'}, second);
            assertArrayEquals(new byte[] {0, 'f', 'g', 0}, third.array());
            assertEquals(3, third.position());
            assertEquals("hi", rest.utf8());
        }

        @Test
        void takeIntoMovesNoMoreThanThereIs() {
            lend("abc");
            ByteBuffer target = ByteBuffer.allocate(10);
            assertEquals(3, lent.takeInto(target));
            assertEquals(0, lent.takeInto(target));
            assertEquals(3, target.position());
        }

        @ParameterizedTest
        @ValueSource(ints = {-1, 6})
        void countOutsideOfTheUnreadBytesTakesNothing(int count) {
            lend("hello");
            assertThrows(IndexOutOfBoundsException.class, () -> lent.discard(count));
            assertThrows(IndexOutOfBoundsException.class, () -> lent.take(count));
            assertThrows(IndexOutOfBoundsException.class, () -> lent.takeArray(count));
            assertThrows(IndexOutOfBoundsException.class, () -> lent.consumed(count));
            assertEquals("hello", lent.takeText());
        }

        @Test
        void everythingMayBeTakenInOneCall() {
            lend("hello");
            lent.discard(5);
            assertTrue(lent.isEmpty());
            assertEquals(Bytes.EMPTY, lent.take());
            assertFalse(lent.view().hasRemaining());
        }

        @Test
        void rawBufferMayBeMovedAboutAndOnlyConsumedCounts() {
            lend("hello");
            ByteBuffer raw = lent.raw();
            assertEquals(5, raw.remaining());
            raw.position(12).limit(12);
            assertEquals(5, lent.size());
            assertEquals('o', lent.get(4));
            assertEquals(4, lent.indexOf((byte) 'o'));
            lent.consumed(2);
            ByteBuffer rest = lent.raw();
            assertEquals(12, rest.position());
            assertEquals(15, rest.limit());
            ReceiveQueue kept = lent.keep(10);
            kept.raw().position(3);
            kept.append(ByteBuffer.wrap(new byte[] {'!'}));
            assertEquals("llo!", kept.takeText());
        }
    }

    @Nested
    class Searching {
        @Test
        void findsByteAndSequence() {
            lend("GET /\r\nHost");
            assertEquals(3, lent.indexOf((byte) ' '));
            assertEquals(5, lent.indexOf(CRLF));
            assertEquals(5, lent.indexOf(CRLF));
            assertEquals(-1, lent.indexOf(Bytes.utf8("\r\n\r\n")));
            assertThrows(IllegalArgumentException.class, () -> lent.indexOf(Bytes.EMPTY));
        }

        @Test
        void indexFallsWhenBytesAreDiscarded() {
            lend("ab\r\ncd\r\n");
            assertEquals(2, lent.indexOf(CRLF));
            lent.discard(1);
            assertEquals(1, lent.indexOf(CRLF));
            lent.discard(2);
            assertEquals(3, lent.indexOf(CRLF));
            lent.discard(5);
            assertEquals(-1, lent.indexOf(CRLF));
        }

        @Test
        void delimiterMayBeSplitBetweenLentAndKept() {
            lend("abc\r");
            assertEquals(-1, lent.indexOf(CRLF));
            ReceiveQueue kept = lent.keep(10);
            lent.reclaim(true);
            assertEquals(4, kept.searchedBytes());
            kept.append(ByteBuffer.wrap(new byte[] {'\n'}));
            assertEquals(3, kept.indexOf(CRLF));
            assertEquals(5, kept.searchedBytes());
        }

        @Test
        void everyByteIsReadOnceHoweverTheInputDrips() {
            int length = 100_000;
            Bytes delimiter = Bytes.utf8("aaaaaaaaab");
            ReceiveQueue kept = kept("a", length);
            for (int i = 1; i < length; i++) {
                kept.append(ByteBuffer.wrap(new byte[] {(byte) (i == length - 1 ? 'b' : 'a')}));
                if (i % 1000 == 0) {
                    kept.reclaim(true);
                }
                assertEquals(i == length - 1 ? length - 10 : -1, kept.indexOf(delimiter));
            }
            assertEquals(length, kept.searchedBytes());
            assertEquals(length - 10, kept.indexOf(Bytes.utf8("aaaaaaaaab")), "an equal delimiter is the same one");
            assertEquals(length, kept.searchedBytes());
        }

        @Test
        void linesOutOfADripCostWhatTheyAreLong() {
            ReceiveQueue kept = kept("x", 100);
            int lines = 0;
            for (int i = 1; i < 10_000; i++) {
                kept.append(ByteBuffer.wrap(new byte[] {(byte) (i % 50 == 49 ? '\n' : 'x')}));
                int end = kept.indexOf((byte) '\n');
                if (end >= 0) {
                    kept.discard(end + 1);
                    lines++;
                }
            }
            assertEquals(200, lines);
            assertEquals(10_000, kept.searchedBytes());
        }

        @Test
        void anotherDelimiterStartsAnew() {
            lend("a,b\n");
            assertEquals(1, lent.indexOf((byte) ','));
            assertEquals(3, lent.indexOf((byte) '\n'));
            assertEquals(1, lent.indexOf((byte) ','));
        }
    }

    /** Against one plain string, with an alphabet of two letters so that delimiters half match all the time. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 0xC0FFEE})
    void behavesAsAPlainStringOfBytes(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        StringBuilder plain = new StringBuilder("a");
        ReceiveQueue kept = kept("a", 200);
        String delimiter = "ab";
        for (int step = 0; step < 10_000; step++) {
            switch (random.nextInt(6)) {
                case 0, 1 -> {
                    String text = letters(random, random.nextInt(kept.room() + 1) / 4);
                    kept.append(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
                    plain.append(text);
                }
                case 2 -> {
                    int count = random.nextInt(plain.length() + 1) / 2;
                    kept.discard(count);
                    plain.delete(0, count);
                }
                case 3 -> kept.reclaim(random.nextBoolean());
                case 4 -> {
                    int count = random.nextInt(plain.length() + 1) / 4;
                    assertEquals(plain.substring(0, count), kept.take(count).utf8());
                    plain.delete(0, count);
                }
                default -> delimiter = random.nextInt(4) > 0 ? delimiter : letters(random, 1 + random.nextInt(8));
            }
            assertEquals(plain.length(), kept.size());
            int found = delimiter.length() == 1
                    ? kept.indexOf((byte) delimiter.charAt(0))
                    : kept.indexOf(Bytes.utf8(delimiter));
            assertEquals(plain.indexOf(delimiter), found, () -> "step in seed " + seed);
            assertEquals(
                    plain.toString(),
                    StandardCharsets.US_ASCII.decode(kept.view()).toString());
        }
    }

    @Nested
    class Empty {
        private final ReceiveBuffer empty = ReceiveQueue.EMPTY;

        @Test
        void hasNothingToGive() {
            assertTrue(empty.isEmpty());
            assertEquals("", empty.takeText());
            assertEquals(Bytes.EMPTY, empty.take());
            assertEquals(0, empty.takeInto(ByteBuffer.allocate(3)));
            assertEquals(-1, empty.indexOf((byte) 0));
            assertEquals(-1, empty.indexOf(CRLF));
            assertFalse(empty.view().hasRemaining());
            empty.discard(0);
        }

        @Test
        void refusesWhatEveryBufferRefuses() {
            assertThrows(IndexOutOfBoundsException.class, () -> empty.get(0));
            assertThrows(IndexOutOfBoundsException.class, () -> empty.discard(1));
            assertThrows(IndexOutOfBoundsException.class, () -> empty.take(1));
            assertThrows(IndexOutOfBoundsException.class, () -> empty.takeArray(-1));
            assertThrows(IllegalArgumentException.class, () -> empty.indexOf(Bytes.EMPTY));
        }
    }

    @Test
    void poisonIsRecognisableAsText() {
        byte[] poison = new byte[4];
        Arrays.fill(poison, ReceiveQueue.POISON);
        assertEquals("\uFFFD".repeat(4), new String(poison, StandardCharsets.UTF_8));
        assertNotEquals(0, ReceiveQueue.POISON);
    }

    private void lend(String text) {
        scratch.clear();
        scratch.put(10, text.getBytes(StandardCharsets.UTF_8));
        lent.lend(scratch.position(10).limit(10 + text.length()));
    }

    private ReceiveQueue kept(String text, int limit) {
        lend(text);
        ReceiveQueue kept = lent.keep(limit);
        lent.reclaim(true);
        return kept;
    }

    private static String letters(SplittableRandom random, int length) {
        StringBuilder letters = new StringBuilder();
        for (int i = 0; i < length; i++) {
            letters.append(random.nextInt(4) == 0 ? 'b' : 'a');
        }
        return letters.toString();
    }
}
