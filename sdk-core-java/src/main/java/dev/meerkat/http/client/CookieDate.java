package dev.meerkat.http.client;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Optional;

/** Dates as servers write them into cookies: read by the forgiving algorithm of RFC 6265 §5.1.1. */
final class CookieDate {
    private static final String MONTHS = "janfebmaraprmayjunjulaugsepoctnovdec";

    private int hour = -1;
    private int minute;
    private int second;
    private int day = -1;
    private int month = -1;
    private int year = -1;

    private CookieDate() {}

    /** The instant, or empty if the text is no date. */
    static Optional<Instant> parse(String text) {
        CookieDate date = new CookieDate();
        int from = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i == text.length() || isDelimiter(text.charAt(i))) {
                if (i > from) {
                    date.token(text.substring(from, i));
                }
                from = i + 1;
            }
        }
        return date.instant();
    }

    private static boolean isDelimiter(char c) {
        return c == 0x09
                || (c >= 0x20 && c <= 0x2F)
                || (c >= 0x3B && c <= 0x40)
                || (c >= 0x5B && c <= 0x60)
                || (c >= 0x7B && c <= 0x7E);
    }

    private void token(String token) {
        if (hour < 0 && time(token)) {
            return;
        }
        int digits = digits(token, 0);
        if (day < 0 && digits >= 1 && digits <= 2) {
            day = Integer.parseInt(token.substring(0, digits));
            return;
        }
        if (month < 0 && token.length() >= 3) {
            int at = MONTHS.indexOf(token.substring(0, 3).toLowerCase(Locale.ROOT));
            if (at >= 0 && at % 3 == 0) {
                month = at / 3 + 1;
                return;
            }
        }
        if (year < 0 && digits >= 2 && digits <= 4) {
            int number = Integer.parseInt(token.substring(0, digits));
            year = number < 70 ? number + 2000 : number < 100 ? number + 1900 : number;
        }
    }

    private boolean time(String token) {
        int[] fields = new int[3];
        int at = 0;
        for (int i = 0; i < 3; i++) {
            int digits = digits(token, at);
            if (digits < 1 || digits > 2) {
                return false;
            }
            fields[i] = Integer.parseInt(token.substring(at, at + digits));
            at += digits;
            if (i < 2) {
                if (at >= token.length() || token.charAt(at) != ':') {
                    return false;
                }
                at++;
            }
        }
        hour = fields[0];
        minute = fields[1];
        second = fields[2];
        return true;
    }

    /** How many digits there are from an index on. */
    private static int digits(String token, int from) {
        int at = from;
        while (at < token.length() && token.charAt(at) >= '0' && token.charAt(at) <= '9') {
            at++;
        }
        return at - from;
    }

    private Optional<Instant> instant() {
        if (hour < 0 || day < 0 || month < 0 || year < 1601) {
            return Optional.empty();
        }
        try {
            return Optional.of(
                    LocalDateTime.of(year, month, day, hour, minute, second).toInstant(ZoneOffset.UTC));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }
}
