package dev.meerkat.multipart;

import dev.meerkat.http.RequestHead;
import java.nio.ByteBuffer;
import java.util.Objects;

/**
 * What a multipart body is made of, in the order in which it arrives:
 *
 * <pre>
 * MultipartStart (PartBegin PartData* PartEnd)* MultipartEnd
 * </pre>
 *
 * <p>This holds for every body, whatever its sender, the network or this program does to it: whoever was told of a
 * beginning is told of the end, once. A body that is cut off or refused within a part ends with {@code PartEnd} and
 * {@code MultipartEnd}, both {@link Completion.Aborted} with the same error; between parts with {@code MultipartEnd}
 * alone.
 */
public sealed interface PartEvent {
    /**
     * The head of the message was understood, and its body is made of parts.
     *
     * @param head the head, which may be kept
     */
    record MultipartStart(RequestHead head) implements PartEvent {
        // Rejects a missing head.
        public MultipartStart {
            Objects.requireNonNull(head, "head");
        }
    }

    /**
     * The head of a part has arrived.
     *
     * @param part what it says; the same object in all events of this part
     */
    record PartBegin(Part part) implements PartEvent {
        // Rejects a missing part.
        public PartBegin {
            Objects.requireNonNull(part, "part");
        }
    }

    /**
     * A portion of a part's data has arrived, in whatever slices the network made of it.
     *
     * @param part which part
     * @param bytes the portion, position to limit, at least one byte; read-only; borrowed until the handler returns
     */
    record PartData(Part part, ByteBuffer bytes) implements PartEvent {
        // Rejects missing parts.
        public PartData {
            Objects.requireNonNull(part, "part");
            Objects.requireNonNull(bytes, "bytes");
        }
    }

    /**
     * A part has ended.
     *
     * @param part which part
     * @param completion complete if a boundary follows; aborted if it never will
     */
    record PartEnd(Part part, Completion completion) implements PartEvent {
        // Rejects missing parts.
        public PartEnd {
            Objects.requireNonNull(part, "part");
            Objects.requireNonNull(completion, "completion");
        }
    }

    /**
     * The body has ended; nothing follows.
     *
     * @param completion complete if the last boundary and the end of the message were seen; aborted otherwise, even if
     *     every part was complete
     */
    record MultipartEnd(Completion completion) implements PartEvent {
        // Rejects a missing completion.
        public MultipartEnd {
            Objects.requireNonNull(completion, "completion");
        }
    }
}
