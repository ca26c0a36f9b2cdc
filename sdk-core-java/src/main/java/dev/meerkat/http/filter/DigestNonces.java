package dev.meerkat.http.filter;

import dev.meerkat.runtime.ManagerRuntime;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Nonces of RFC 7616 §3.3. One that is issued is remembered by nobody: it says when that was, and a keyed hash says
 * that we said so. One that is used by who knows a password is remembered with the counts that it was used with.
 */
final class DigestNonces {
    /** How many nonces are remembered: those of 10,000 clients that are active within one lifetime, about 2 MB. */
    static final int REMEMBERED = 10_000;

    /** How far counts may arrive out of order, as they do over several connections. */
    private static final int WINDOW = 64;

    private static final int TEXT_BYTES = 16;
    private static final int TAG_BYTES = 16;

    /** The highest count that was used, and those below it as bits, the lowest for the highest. */
    private static final class Counts {
        final long issued;
        private long highest;
        private long used;

        Counts(long issued) {
            this.issued = issued;
        }

        boolean use(long count) {
            long ahead = count - highest;
            if (ahead > 0) {
                used = ahead < WINDOW ? used << ahead | 1 : 1;
                highest = count;
                return true;
            }
            long bit = -ahead < WINDOW ? 1L << -ahead : 0;
            if (bit == 0 || (used & bit) != 0) {
                return false;
            }
            used |= bit;
            return true;
        }
    }

    private final long lifetimeNanos;
    /** The oldest first. */
    private final Map<String, Counts> counts = new LinkedHashMap<>();
    /** Nonces that are as old as one that was forgotten might be that one. */
    private long forgottenNanos = Long.MIN_VALUE;

    private @Nullable RandomGenerator random;
    private @Nullable SecretKeySpec key;

    DigestNonces(Duration lifetime) {
        lifetimeNanos = lifetime.toNanos();
    }

    /** Makes a nonce. */
    synchronized String issue(ManagerRuntime runtime) {
        ByteBuffer nonce = ByteBuffer.allocate(TEXT_BYTES + TAG_BYTES)
                .putLong(runtime.time().nanoTime())
                .putLong(random(runtime).nextLong());
        nonce.put(tag(runtime, nonce.array()));
        return Base64.getEncoder().encodeToString(nonce.array());
    }

    /** Uses a count of a nonce. False if the nonce is none of ours or out of date, or the count was used. */
    synchronized boolean use(ManagerRuntime runtime, String nonce, long count) {
        byte[] bytes = ours(runtime, nonce);
        if (bytes == null || count < 1) {
            return false;
        }
        long issued = issued(bytes);
        long age = runtime.time().nanoTime() - issued;
        Counts of = counts.get(nonce);
        if (age < 0 || age > lifetimeNanos || (of == null && issued <= forgottenNanos)) {
            return false;
        }
        return (of == null ? remember(nonce, issued) : of).use(count);
    }

    private Counts remember(String nonce, long issued) {
        if (counts.size() == REMEMBERED) {
            Iterator<Counts> oldest = counts.values().iterator();
            forgottenNanos = Math.max(forgottenNanos, oldest.next().issued);
            oldest.remove();
        }
        Counts fresh = new Counts(issued);
        counts.put(nonce, fresh);
        return fresh;
    }

    private byte @Nullable [] ours(ManagerRuntime runtime, String nonce) {
        try {
            byte[] bytes = Base64.getDecoder().decode(nonce);
            boolean ours = bytes.length == TEXT_BYTES + TAG_BYTES
                    && MessageDigest.isEqual(tag(runtime, bytes), Arrays.copyOfRange(bytes, TEXT_BYTES, bytes.length));
            return ours ? bytes : null;
        } catch (IllegalArgumentException malformed) {
            return null;
        }
    }

    private static long issued(byte[] nonce) {
        return ByteBuffer.wrap(nonce).getLong();
    }

    private byte[] tag(ManagerRuntime runtime, byte[] nonce) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key(runtime));
            mac.update(nonce, 0, TEXT_BYTES);
            return Arrays.copyOf(mac.doFinal(), TAG_BYTES);
        } catch (GeneralSecurityException missing) {
            throw new IllegalStateException("every JDK has HmacSHA256", missing);
        }
    }

    private SecretKeySpec key(ManagerRuntime runtime) {
        SecretKeySpec present = key;
        if (present == null) {
            byte[] secret = new byte[32];
            random(runtime).nextBytes(secret);
            present = new SecretKeySpec(secret, "HmacSHA256");
            key = present;
        }
        return present;
    }

    private RandomGenerator random(ManagerRuntime runtime) {
        RandomGenerator present = random;
        if (present == null) {
            present = runtime.entropy().stream("http-digest");
            random = present;
        }
        return present;
    }
}
