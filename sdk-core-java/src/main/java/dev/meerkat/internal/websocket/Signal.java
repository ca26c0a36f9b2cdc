package dev.meerkat.internal.websocket;

/** What {@link FrameDecoder#decode} answers. */
public enum Signal {
    /** No more can be said before more bytes come; those left in the buffer must come again in front of them. */
    NEED_DATA,
    /**
     * A message in one frame, all of it in the buffer that was given: {@link FrameDecoder#isText()},
     * {@link FrameDecoder#isCompressed()}, its payload from {@link FrameDecoder#payloadStart()} on, perhaps empty.
     */
    MESSAGE,
    /**
     * A frame of a message begins that is not all there, or not all of the message: {@link FrameDecoder#isFirst()},
     * {@link FrameDecoder#isFinal()}, {@link FrameDecoder#frameLength()}. PAYLOAD follows as often as there is some,
     * then FRAME_END; a control frame may come after that, not before.
     */
    FRAME,
    /**
     * Payload of the frame, in the buffer that was given, at least one byte: {@link FrameDecoder#payloadStart()},
     * {@link FrameDecoder#payloadLength()}; {@link FrameDecoder#frameRemaining()} bytes are still to come.
     */
    PAYLOAD,
    /** The frame is complete; with {@link FrameDecoder#isFinal()} the message is, too. */
    FRAME_END,
    /** A ping, its payload in the buffer that was given; a pong with the same payload is owed. */
    PING,
    /** A pong, its payload in the buffer that was given. */
    PONG,
    /**
     * The peer says goodbye: {@link FrameDecoder#closeCode()}, and the reason is the payload in the buffer that was
     * given.
     */
    CLOSE,
    /** The peer has said goodbye before; what came after it was taken and thrown away (RFC 6455 §5.5.1). */
    CLOSED,
    /** A rule was broken: {@link FrameDecoder#error()}. Nothing more is read, this is the answer for good. */
    FAILED
}
