package dev.meerkat.internal.pcap;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Writes the blocks of a pcapng section (draft-ietf-opsawg-pcapng): a section header, a description of each interface,
 * and enhanced packet blocks with raw IP packets in them (link type 101), times in nanoseconds.
 */
public final class PcapNg {
    /** Takes what is to be written. */
    @FunctionalInterface
    public interface Output {
        /**
         * Takes one block.
         *
         * @param block from its position to its limit; valid until this returns
         */
        void write(ByteBuffer block);
    }

    private static final int SECTION_HEADER = 0x0A0D0D0A;
    private static final int BYTE_ORDER_MAGIC = 0x1A2B3C4D;
    private static final int INTERFACE_DESCRIPTION = 1;
    private static final int ENHANCED_PACKET = 6;
    private static final int LINK_TYPE_RAW_IP = 101;

    private static final int OPTION_COMMENT = 1;
    private static final int OPTION_INTERFACE_NAME = 2;
    private static final int OPTION_PACKET_FLAGS = 2;
    private static final int OPTION_APPLICATION = 4;
    private static final int OPTION_TIME_RESOLUTION = 9;
    private static final int INBOUND = 1;
    private static final int OUTBOUND = 2;

    /** A comment is for people; what is longer is cut. */
    private static final int LONGEST_TEXT = 1024;

    /** The largest packet, and all that a block puts around it. */
    private static final int LARGEST_BLOCK = Packets.LARGEST + 2 * LONGEST_TEXT + 256;

    private final Output output;
    private final String application;
    private final List<String> interfaces = new ArrayList<>();
    private final ByteBuffer block = ByteBuffer.allocate(LARGEST_BLOCK).order(ByteOrder.LITTLE_ENDIAN);

    /**
     * Begins a section.
     *
     * @param application what wrote it, for whoever opens it
     * @param output takes the blocks; the section header at once
     */
    public PcapNg(String application, Output output) {
        this.application = Objects.requireNonNull(application, "application");
        this.output = Objects.requireNonNull(output, "output");
        section();
    }

    /** Begins another section with the same interfaces, for the next file. */
    public void again() {
        section();
        interfaces.forEach(this::describe);
    }

    private void section() {
        begin(SECTION_HEADER);
        block.putInt(BYTE_ORDER_MAGIC).putShort((short) 1).putShort((short) 0).putLong(-1);
        text(OPTION_APPLICATION, application);
        end();
    }

    /**
     * The number of an interface, which is described when it is first asked for.
     *
     * @param name its name
     * @return from 0
     */
    public int interfaceOf(String name) {
        int known = interfaces.indexOf(name);
        if (known >= 0) {
            return known;
        }
        interfaces.add(name);
        describe(name);
        return interfaces.size() - 1;
    }

    private void describe(String name) {
        begin(INTERFACE_DESCRIPTION);
        block.putShort((short) LINK_TYPE_RAW_IP).putShort((short) 0).putInt(0);
        text(OPTION_INTERFACE_NAME, name);
        block.putShort((short) OPTION_TIME_RESOLUTION)
                .putShort((short) 1)
                .put((byte) 9)
                .put(new byte[3]);
        end();
    }

    /**
     * Writes a packet.
     *
     * @param interfaceNumber from {@link #interfaceOf}
     * @param time when it passed
     * @param outbound whether it left by the interface, and did not come in
     * @param packet an IP packet, at most {@link Packets#LARGEST} bytes; its position is left as it is
     * @param comment for people, or null
     */
    public void packet(
            int interfaceNumber, Instant time, boolean outbound, ByteBuffer packet, @Nullable String comment) {
        long nanos = Math.addExact(Math.multiplyExact(time.getEpochSecond(), 1_000_000_000L), time.getNano());
        int length = packet.remaining();
        begin(ENHANCED_PACKET);
        block.putInt(interfaceNumber).putInt((int) (nanos >>> 32)).putInt((int) nanos);
        block.putInt(length).putInt(length).put(packet.duplicate());
        pad();
        if (comment != null) {
            text(OPTION_COMMENT, comment);
        }
        block.putShort((short) OPTION_PACKET_FLAGS).putShort((short) 4).putInt(outbound ? OUTBOUND : INBOUND);
        end();
    }

    private void begin(int type) {
        block.clear().putInt(type).putInt(0);
    }

    private void text(int option, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        int length = Math.min(bytes.length, LONGEST_TEXT);
        while (length < bytes.length && (bytes[length] & 0xC0) == 0x80) {
            length--; // never in the middle of a character
        }
        block.putShort((short) option).putShort((short) length).put(bytes, 0, length);
        pad();
    }

    private void pad() {
        while (block.position() % 4 != 0) {
            block.put((byte) 0);
        }
    }

    private void end() {
        block.putInt(0); // the end of the options
        int length = block.position() + 4;
        block.putInt(length).putInt(4, length);
        output.write(block.flip());
    }
}
