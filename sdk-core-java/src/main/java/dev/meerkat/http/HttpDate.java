package dev.meerkat.http;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Dates as fields carry them, to the second (RFC 9110 §5.6.7). */
public final class HttpDate {
    private static final String DAYS = "MonTueWedThuFriSatSun";
    private static final String MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

    private static final long DAY_SECONDS = 86_400;
    /** From the first of March of the year 0. */
    private static final long DAYS_TO_1970 = 719_468;
    /** Of 400 years. */
    private static final long ERA_DAYS = 146_097;

    /** A text that is longer than any date is not looked at. */
    private static final int LONGEST = "Wednesday, 06-Nov-94 08:49:37 GMT".length();

    /** The three formats that are read; made when the first is, since a server that starts only writes. */
    private static final class Formats {
        private static final String DAY = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)";
        private static final String LONG_DAY = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day";
        private static final String MONTH = "(?<month>Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
        private static final String TIME = "(?<hour>[0-9]{2}):(?<minute>[0-9]{2}):(?<second>[0-9]{2})";

        /** {@code Sun, 06 Nov 1994 08:49:37 GMT}, the one that is written. */
        static final Pattern FIXED =
                Pattern.compile(DAY + ", (?<day>[0-9]{2}) " + MONTH + " (?<year>[0-9]{4}) " + TIME + " GMT");
        /** {@code Sunday, 06-Nov-94 08:49:37 GMT}. */
        static final Pattern RFC_850 =
                Pattern.compile(LONG_DAY + ", (?<day>[0-9]{2})-" + MONTH + "-(?<year>[0-9]{2}) " + TIME + " GMT");
        /** {@code Sun Nov 6 08:49:37 1994}. */
        static final Pattern ASCTIME =
                Pattern.compile(DAY + " " + MONTH + " (?<day>[0-9]{2}| [0-9]) " + TIME + " (?<year>[0-9]{4})");
    }

    private HttpDate() {}

    /**
     * Writes a date.
     *
     * @param instant when, in the years 0 to 9999; what is below a second is left out
     * @return for instance {@code Sun, 06 Nov 1994 08:49:37 GMT}
     * @throws IllegalArgumentException if the year has more than four digits
     */
    public static String format(Instant instant) {
        long days = Math.floorDiv(instant.getEpochSecond(), DAY_SECONDS);
        int second = (int) Math.floorMod(instant.getEpochSecond(), DAY_SECONDS);
        // Counted from a first of March, so that a leap day is the last of its year; 400 years have the same days. A
        // server writes a date at every start, and java.time would learn its formats for it first.
        long sinceMarch = days + DAYS_TO_1970;
        long era = Math.floorDiv(sinceMarch, ERA_DAYS);
        int dayOfEra = (int) (sinceMarch - era * ERA_DAYS);
        int yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
        int dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
        int monthFromMarch = (5 * dayOfYear + 2) / 153; // of 31, 30, 31, 30, 31 days, and again
        int day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1;
        int month = (monthFromMarch + 2) % 12;
        long year = yearOfEra + 400 * era + (month < 2 ? 1 : 0);
        if (year < 0 || year > 9999) {
            throw new IllegalArgumentException("expected a year of four digits, found " + year);
        }
        int dayOfWeek = (int) Math.floorMod(days + 3, 7L); // 1970 began with a Thursday
        StringBuilder text = new StringBuilder(29)
                .append(DAYS, 3 * dayOfWeek, 3 * dayOfWeek + 3)
                .append(", ");
        digits(text, day).append(' ').append(MONTHS, 3 * month, 3 * month + 3).append(' ');
        digits(digits(text, (int) year / 100), (int) year % 100).append(' ');
        digits(text, second / 3600).append(':');
        digits(text, second / 60 % 60).append(':');
        return digits(text, second % 60).append(" GMT").toString();
    }

    private static StringBuilder digits(StringBuilder text, int number) {
        return text.append((char) ('0' + number / 10)).append((char) ('0' + number % 10));
    }

    /**
     * Reads a date in one of the three formats that RFC 9110 asks for. Whether the day of the week is the right one is
     * not checked. A leap second is the second that follows it.
     *
     * @param text the value of a field
     * @param now for years of two digits: one that seems to be more than 50 years ahead is of the century before
     * @return the date; empty if it is none, since what carries an invalid date is to be ignored
     */
    public static Optional<Instant> parse(String text, Instant now) {
        if (text.length() > LONGEST) {
            return Optional.empty();
        }
        for (Pattern format : new Pattern[] {Formats.FIXED, Formats.RFC_850, Formats.ASCTIME}) {
            Matcher date = format.matcher(text);
            if (date.matches()) {
                return instant(date, now);
            }
        }
        return Optional.empty();
    }

    private static Optional<Instant> instant(Matcher date, Instant now) {
        int second = number(date, "second");
        int month = MONTHS.indexOf(date.group("month")) / 3 + 1;
        try {
            LocalDateTime time = LocalDateTime.of(
                    year(date, now),
                    month,
                    number(date, "day"),
                    number(date, "hour"),
                    number(date, "minute"),
                    Math.min(second, 59));
            if (second > 60) {
                return Optional.empty();
            }
            return Optional.of(time.plusSeconds(second == 60 ? 1 : 0).toInstant(ZoneOffset.UTC));
        } catch (DateTimeException noSuchDate) {
            return Optional.empty();
        }
    }

    private static int year(Matcher date, Instant now) {
        int year = number(date, "year");
        if (date.group("year").length() == 4) {
            return year;
        }
        int thisYear = now.atOffset(ZoneOffset.UTC).getYear();
        int inThisCentury = thisYear - thisYear % 100 + year;
        return inThisCentury > thisYear + 50 ? inThisCentury - 100 : inThisCentury;
    }

    private static int number(Matcher date, String group) {
        return Integer.parseInt(date.group(group).strip());
    }
}
