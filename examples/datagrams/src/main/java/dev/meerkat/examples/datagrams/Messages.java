package dev.meerkat.examples.datagrams;

import dev.meerkat.event.Bytes;
import dev.meerkat.event.UdpEvent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.CRC32;

/** One message in one datagram: a checksum of the rest (4 bytes), the number of the request (4 bytes), a text. */
record Messages(int number, String text) {
    Bytes encode() {
        byte[] content = text.getBytes(StandardCharsets.UTF_8);
        ByteBuffer message = ByteBuffer.allocate(8 + content.length);
        message.putInt(4, number).position(8).put(content);
        return Bytes.copyOf(message.putInt(0, checksum(message.position(4))).position(0));
    }

    /** The message, or nothing if the datagram is too short, was cut, or has changed on its way. */
    static Optional<Messages> decode(UdpEvent.Received datagram) {
        ByteBuffer message = datagram.buffer().view();
        if (datagram.truncated() || message.remaining() < 8 || message.getInt() != checksum(message.duplicate())) {
            return Optional.empty();
        }
        int number = message.getInt();
        return Optional.of(
                new Messages(number, StandardCharsets.UTF_8.decode(message).toString()));
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
