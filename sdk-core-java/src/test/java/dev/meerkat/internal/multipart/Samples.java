package dev.meerkat.internal.multipart;

import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

/**
 * Bodies as they are sent, and as they should not be, with the boundary {@code b0undary} in the place of each sender's
 * own. Line ends are CR LF unless a sample is about that; {@code \u0000} to {@code \u00ff} are bytes.
 */
final class Samples {
    private Samples() {}

    /** A body, and what is to be heard of it. */
    record Sample(String name, String content, String expected) {
        byte[] body() {
            return content.getBytes(StandardCharsets.ISO_8859_1);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Sample sample(String name, String body, String... expected) {
        return new Sample(name, body, "start\n" + String.join("\n", expected));
    }

    private static Sample refused(String name, String body, String kind) {
        return sample(name, body, "end " + kind);
    }

    /** A body of one part with this head. */
    private static String head(String... fields) {
        return "--b0undary\r\n" + String.join("\r\n", fields) + "\r\n\r\ndata\r\n--b0undary--\r\n";
    }

    private static Sample refusedHead(String name, String field, String kind) {
        return refused(name, head(field), kind);
    }

    /** A part with this Content-Disposition, heard under these names. */
    private static Sample named(String name, String disposition, String heard) {
        return sample(
                name,
                head("Content-Disposition: " + disposition),
                "begin " + heard + " text/plain",
                "data data",
                "part complete",
                "end complete");
    }

    private static String utf8(String text) {
        return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    }

    static Stream<Sample> all() {
        return Stream.of(sent(), framing(), names(), wrongFraming(), wrongHeads())
                .flatMap(samples -> samples);
    }

    /** What senders write. */
    private static Stream<Sample> sent() {
        return Stream.of(
                sample(
                        "curl -F text=hello -F 'photo=@a.png;type=image/png'",
                        "--b0undary\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhello\r\n"
                                + "--b0undary\r\nContent-Disposition: form-data; name=\"photo\"; filename=\"a.png\"\r\n"
                                + "Content-Type: image/png\r\n\r\n\u0089PNG\r\n\u001a\n\r\n--b0undary--\r\n",
                        "begin text - text/plain",
                        "data hello",
                        "part complete",
                        "begin photo a.png image/png",
                        "data \u0089PNG\r\n\u001a\n",
                        "part complete",
                        "end complete"),
                sample(
                        "Chromium, a form with a chosen file, and one that was left empty",
                        "--b0undary\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\n"
                                + utf8("Erdm\u00e4nnchen")
                                + "\r\n--b0undary\r\nContent-Disposition: form-data; name=\"doc\"; filename=\""
                                + utf8("\u00dcbersicht %22neu%22.txt")
                                + "\"\r\nContent-Type: text/plain\r\n\r\nline\r\n\r\n--b0undary\r\nContent-Disposition:"
                                + " form-data; name=\"other\"; filename=\"\"\r\nContent-Type: application/octet-stream\r\n\r\n"
                                + "\r\n--b0undary--\r\n",
                        "begin title - text/plain",
                        "data " + utf8("Erdm\u00e4nnchen"),
                        "part complete",
                        "begin doc \u00dcbersicht \"neu\".txt text/plain",
                        "data line\r\n",
                        "part complete",
                        "begin other  application/octet-stream",
                        "data ",
                        "part complete",
                        "end complete"),
                sample(
                        "Firefox, a name of two lines",
                        head(
                                "Content-Disposition: form-data; name=\"a%0D%0Ab\"; filename=\"x%22y\"",
                                "Content-Type: application/x-thing"),
                        "begin a\r\nb x\"y application/x-thing",
                        "data data",
                        "part complete",
                        "end complete"),
                sample(
                        "an HTTP client of Java, which says of each part how it is encoded",
                        head(
                                "Content-Disposition: form-data; name=\"f\"; filename=\"f.bin\"",
                                "Content-Type: application/octet-stream",
                                "Content-Transfer-Encoding: binary"),
                        "begin f f.bin application/octet-stream",
                        "data data",
                        "part complete",
                        "end complete"),
                sample(
                        "another, which tells lengths",
                        head("Content-Disposition: form-data; name=\"f\"", "Content-Length: 4"),
                        "begin f - text/plain",
                        "data data",
                        "part complete",
                        "end complete"),
                sample(
                        "a client of .NET, which quotes nothing and sends both file names",
                        head(
                                "Content-Disposition: form-data; name=f; filename=r.txt; filename*=utf-8''r%C3%A9sum%C3%A9.txt"),
                        "begin f r\u00e9sum\u00e9.txt text/plain",
                        "data data",
                        "part complete",
                        "end complete"),
                sample("a form without fields", "--b0undary--\r\n", "end complete"));
    }

    /** RFC 2046 §5.1.1. */
    private static Stream<Sample> framing() {
        return Stream.of(
                sample(
                        "preamble and epilogue are read over",
                        "This is a message\r\nin parts, --b0undary is not one\r\n--b0undary\r\n\r\nx\r\n--b0undary--\r\n"
                                + "The end\r\n--b0undary\r\n\r\nno part\r\n--b0undary--",
                        "begin - - text/plain",
                        "data x",
                        "part complete",
                        "end complete"),
                sample(
                        "the last line end may be missing",
                        "--b0undary\r\n\r\nx\r\n--b0undary--",
                        "begin - - text/plain",
                        "data x",
                        "part complete",
                        "end complete"),
                sample(
                        "white space may follow a boundary",
                        "--b0undary \t \r\n\r\nx\r\n--b0undary-- \t\r\n",
                        "begin - - text/plain",
                        "data x",
                        "part complete",
                        "end complete"),
                sample(
                        "data may be empty, with a line end of its own or without",
                        "--b0undary\r\nX: y\r\n\r\n\r\n--b0undary\r\nX: y\r\n\r\n--b0undary--",
                        "begin - - text/plain",
                        "data ",
                        "part complete",
                        "begin - - text/plain",
                        "data ",
                        "part complete",
                        "end complete"),
                sample(
                        "line ends of the data are data, but for the one before the boundary",
                        "--b0undary\r\n\r\n\r\n\r\r\n\n\r\n\r\n--b0undary--",
                        "begin - - text/plain",
                        "data \r\n\r\r\n\n\r\n",
                        "part complete",
                        "end complete"),
                sample(
                        "what is almost a boundary is data",
                        "--b0undary\r\n\r\n--b0undar\r\n--b0undar\r--b0undary\n--b0undary\r\n-b0undary\r\n --b0undary"
                                + "\r\n--b0undary--",
                        "begin - - text/plain",
                        "data --b0undar\r\n--b0undar\r--b0undary\n--b0undary\r\n-b0undary\r\n --b0undary",
                        "part complete",
                        "end complete"));
    }

    /** RFC 7578 §4.2, RFC 6266 §4, RFC 8187. */
    private static Stream<Sample> names() {
        return Stream.of(
                named("a part without a name", "form-data", "- -"),
                named("a part with an empty name", "form-data; name=\"\"", " -"),
                named("a part that is no form's", "attachment; name=\"n\"; filename=\"f\"", "- f"),
                named("names of parameters and of the type in any case", "Form-Data; NAME=n; FileName=f", "n f"),
                named("space around semicolons, and one too many", "form-data ; ;name=n\t;\tfilename=f;", "n f"),
                named("a semicolon, an equals sign and a comma in quotes", "form-data; name=\"a;b=c,d\"", "a;b=c,d -"),
                named("an escaped quote and an escaped backslash", "form-data; name=\"a\\\"b\\\\c\"", "a\"b\\c -"),
                named(
                        "a path of another system",
                        "form-data; name=n; filename=\"C:\\temp\\new.txt\"",
                        "n C:\\temp\\new.txt"),
                named(
                        "a percent sign that browsers do not write",
                        "form-data; name=\"100%25 %0d %2\"",
                        "100%25 %0d %2 -"),
                named(
                        "the extended file name wins, wherever it stands",
                        "form-data; name=n; filename*=UTF-8'en'%e2%82%ac; filename=euro",
                        "n \u20ac"),
                named("an extended file name is not unescaped twice", "form-data; filename*=UTF-8''%2522", "- %22"),
                named("an extended name may be empty", "form-data; filename*=UTF-8''", "- "),
                named("parameters that nobody knows", "form-data; name=n; size=4; x*=y", "n -"),
                named(
                        "a name in UTF-8",
                        "form-data; name=\"" + utf8("\u65e5\u672c\uD83D\uDC3E") + "\"",
                        "\u65e5\u672c\uD83D\uDC3E -"));
    }

    private static Stream<Sample> wrongFraming() {
        String part = "--b0undary\r\n\r\nx";
        String[] cut = {"begin - - text/plain", "data x", "part MALFORMED", "end MALFORMED"};
        return Stream.of(
                refused("nothing", "", "TRUNCATED"),
                refused("no boundary at all", "x".repeat(200), "TRUNCATED"),
                refused("lines end with LF alone", "--b0undary\n\nx\n--b0undary--\n", "MALFORMED"),
                refused("the head ends with LF alone", "--b0undary\r\nX: y\n\r\nx", "MALFORMED"),
                refused("a line of the head ends with CR alone", "--b0undary\r\nX: y\r\r\n", "MALFORMED"),
                refused("a boundary is followed by CR alone", "--b0undary\r\rX: y", "MALFORMED"),
                refused("a boundary is followed by one hyphen", "--b0undary-\r\n", "MALFORMED"),
                refused("a boundary is followed by white space and hyphens", "--b0undary --\r\n", "MALFORMED"),
                refused("a boundary and more", "--b0undary2\r\n\r\nx", "MALFORMED"),
                refused("the last boundary and more", "--b0undary--x", "MALFORMED"),
                refused("the last boundary, LF alone", "--b0undary--\n", "MALFORMED"),
                sample("within data: a boundary and more", part + "\r\n--b0undary2\r\n", cut),
                sample("within data: a boundary and one hyphen", part + "\r\n--b0undary-\r\n", cut),
                sample("within data: a boundary and LF alone", part + "\r\n--b0undary\n\r\n", cut),
                sample(
                        "the last boundary is missing",
                        part + "\r\n--b0undary\r\n",
                        "begin - - text/plain",
                        "data x",
                        "part complete",
                        "end TRUNCATED"),
                sample(
                        "data without an end",
                        part + "\r\n--b0undary",
                        "begin - - text/plain",
                        "data x",
                        "part TRUNCATED",
                        "end TRUNCATED"));
    }

    private static Stream<Sample> wrongHeads() {
        String disposition = "Content-Disposition: form-data; ";
        return Stream.of(
                refusedHead("no colon", "Content-Disposition form-data", "MALFORMED"),
                refusedHead("white space before the colon", "Content-Disposition : form-data", "MALFORMED"),
                refusedHead("no name", ": form-data", "MALFORMED"),
                refusedHead("a name that is no token", "Content Disposition: form-data", "MALFORMED"),
                refusedHead("a name beyond ASCII", "X\u00e9: y", "MALFORMED"),
                refusedHead("a zero byte", "X: a\0b", "MALFORMED"),
                refusedHead("a control character", "X: a\u0001b", "MALFORMED"),
                refusedHead("a delete character", "X: a\u007fb", "MALFORMED"),
                refusedHead("a folded line", "Content-Disposition: form-data;\r\n name=n", "MALFORMED"),
                refusedHead("white space in front", " X: y", "MALFORMED"),
                refusedHead("the same field twice", disposition + "name=a\r\n" + disposition + "name=b", "MALFORMED"),
                refusedHead("the same type twice", "Content-Type: a/b\r\ncontent-type: a/b", "MALFORMED"),
                refusedHead("the same parameter twice", disposition + "name=a; NAME=b", "MALFORMED"),
                refusedHead("no value", disposition + "name", "MALFORMED"),
                refusedHead("an empty value", disposition + "name=", "MALFORMED"),
                refusedHead("white space before the equals sign", disposition + "name =a", "MALFORMED"),
                refusedHead("white space behind the equals sign", disposition + "name= a", "MALFORMED"),
                refusedHead("no closing quote", disposition + "name=\"a", "MALFORMED"),
                refusedHead("a protected closing quote", disposition + "name=\"a\\\"", "MALFORMED"),
                refusedHead("text behind the closing quote", disposition + "name=\"a\"b", "MALFORMED"),
                refusedHead("no semicolon", disposition + "name=\"a\" filename=\"b\"", "MALFORMED"),
                refusedHead("an unquoted name with a space", disposition + "name=a b", "MALFORMED"),
                refusedHead("an unquoted name beyond ASCII", disposition + "name=" + utf8("\u00e9"), "MALFORMED"),
                refusedHead("no type", "Content-Disposition: ; name=a", "MALFORMED"),
                refusedHead("an empty field", "Content-Disposition:", "MALFORMED"),
                refusedHead("a name that is not UTF-8", disposition + "name=\"\u00e9\"", "MALFORMED"),
                refusedHead("an extended name that is not UTF-8", disposition + "filename*=UTF-8''%E9", "MALFORMED"),
                refusedHead(
                        "an extended name in another charset",
                        disposition + "filename*=ISO-8859-1''%E9",
                        "UNSUPPORTED"),
                refusedHead("an extended name without a charset", disposition + "filename*=''x", "UNSUPPORTED"),
                refusedHead("an extended name without quotes", disposition + "filename*=x", "MALFORMED"),
                refusedHead("an extended name with one quote", disposition + "filename*=UTF-8'x", "MALFORMED"),
                refusedHead("an extended name with half an escape", disposition + "filename*=UTF-8''x%2", "MALFORMED"),
                refusedHead("an extended name with a wrong escape", disposition + "filename*=UTF-8''%zz", "MALFORMED"),
                refusedHead("an extended name with three quotes", disposition + "filename*=UTF-8''x'y", "MALFORMED"),
                refusedHead("an extended name with a slash", disposition + "filename*=\"UTF-8''a/b\"", "MALFORMED"),
                refusedHead("a file name in pieces", disposition + "filename*0=\"a\"; filename*1=\"b\"", "UNSUPPORTED"),
                refusedHead("an extended name of the field", disposition + "name*=UTF-8''n", "UNSUPPORTED"),
                refusedHead("multipart within multipart", "Content-Type: Multipart/mixed; boundary=x", "UNSUPPORTED"),
                refusedHead("base64", "Content-Transfer-Encoding: base64", "UNSUPPORTED"),
                refusedHead("quoted-printable", "Content-Transfer-Encoding: Quoted-Printable", "UNSUPPORTED"));
    }
}
