package dev.meerkat.tls;

/**
 * What stands between a BEGIN and an END line.
 *
 * @param source where it was read: a file, or a word for what is no file
 * @param number its place among the blocks of the source, from 1
 * @param label the text behind BEGIN
 * @param line the line of its BEGIN, from 1
 * @param der the bytes that its Base64 stands for
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record PemBlock(String source, int number, String label, int line, byte[] der) {
    static final String CERTIFICATE = "CERTIFICATE";
    static final String ENCRYPTED_KEY = "ENCRYPTED PRIVATE KEY";

    /** Whether there is a private key in it. */
    boolean isKey() {
        return label.endsWith("PRIVATE KEY");
    }

    /** Names the block in a message: {@code server.pem, block 2 (EC PRIVATE KEY, line 31)}. */
    String place() {
        return source + ", block " + number + " (" + label + ", line " + line + ")";
    }

    MalformedPemException malformed(String problem) {
        return new MalformedPemException(place() + ": " + problem);
    }

    MalformedPemException malformed(String problem, Throwable cause) {
        return new MalformedPemException(place() + ": " + problem, cause);
    }

    /** Without the bytes, which may be a private key. */
    @Override
    public String toString() {
        return place();
    }
}
