package dev.meerkat.internal.upload;

import dev.meerkat.http.Parameters;
import dev.meerkat.multipart.MultipartError;
import dev.meerkat.multipart.MultipartError.Kind;
import dev.meerkat.multipart.MultipartForm;
import dev.meerkat.multipart.MultipartFormHandler;
import dev.meerkat.multipart.Part;
import dev.meerkat.multipart.PartEvent;
import dev.meerkat.multipart.PartHandler;
import dev.meerkat.multipart.StoredFile;
import dev.meerkat.multipart.Upload;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One body that becomes a form: fields in memory, files under hidden names until the exchange is over. */
final class FormUpload implements PartHandler {
    private final Path directory;
    private final int maxFieldBytes;
    private final MultipartFormHandler handler;
    private final Parameters.Builder fields = Parameters.builder();
    private final List<StoredFile> files = new ArrayList<>();
    private int fieldBytes;
    private @Nullable FileLane lane;
    private @Nullable Path file;
    private @Nullable ByteArrayOutputStream field;

    FormUpload(Path directory, int maxFieldBytes, MultipartFormHandler handler) {
        this.directory = directory;
        this.maxFieldBytes = maxFieldBytes;
        this.handler = handler;
    }

    @Override
    public void onEvent(Upload upload, PartEvent event) {
        FileLane to = lane;
        if (to == null) {
            to = new FileLane(upload, directory, new Disk());
            lane = to;
        }
        if (event instanceof PartEvent.PartBegin begin) {
            begin(upload, to, begin.part());
        } else if (event instanceof PartEvent.PartData data) {
            data(upload, to, data.bytes());
        } else if (event instanceof PartEvent.PartEnd end) {
            end(upload, to, end);
        } else if (event instanceof PartEvent.MultipartEnd end) {
            if (end.completion().isComplete()) {
                FileLane done = to;
                to.whenDone(() -> answer((RequestUpload) upload, done));
            } else {
                to.abandon();
            }
        }
    }

    private void begin(Upload upload, FileLane to, Part part) {
        if (part.name().isEmpty()) {
            upload.refuse(MultipartError.of(Kind.MALFORMED, "a part of a form has no name (RFC 7578 §4.2)"));
        } else if (part.fileName().isEmpty()) {
            field = new ByteArrayOutputStream();
            count(upload, part.name().get().getBytes(StandardCharsets.UTF_8).length);
        } else if (!part.fileName().get().isEmpty()) {
            file = to.create();
        }
    }

    private void data(Upload upload, FileLane to, ByteBuffer bytes) {
        ByteArrayOutputStream kept = field;
        if (file != null) {
            to.write(bytes);
        } else if (kept != null && count(upload, bytes.remaining())) {
            byte[] copy = new byte[bytes.remaining()];
            bytes.get(copy);
            kept.write(copy, 0, copy.length);
        }
    }

    private boolean count(Upload upload, int more) {
        if (more > maxFieldBytes - fieldBytes) {
            upload.refuse(MultipartError.of(
                    Kind.FIELDS_TOO_LARGE, "the fields of the form are longer than " + maxFieldBytes + " bytes"));
            return false;
        }
        fieldBytes += more;
        return true;
    }

    private void end(Upload upload, FileLane to, PartEvent.PartEnd end) {
        Path stored = file;
        ByteArrayOutputStream kept = field;
        file = null;
        field = null;
        if (!end.completion().isComplete()) {
            return;
        }
        if (stored != null) {
            files.add(new StoredFile(end.part(), stored, to.close()));
        } else if (kept != null) {
            try {
                ByteBuffer bytes = ByteBuffer.wrap(kept.toByteArray());
                fields.add(
                        end.part().name().orElse(""),
                        StandardCharsets.UTF_8.newDecoder().decode(bytes).toString());
            } catch (CharacterCodingException e) {
                upload.refuse(MultipartError.of(Kind.MALFORMED, "a field of the form is not UTF-8", e));
            }
        }
    }

    private void answer(RequestUpload upload, FileLane to) {
        upload.request().whenSent().whenComplete((whole, failure) -> to.abandon());
        try {
            upload.respond(handler.handle(upload.request(), new MultipartForm(fields.build(), files)));
        } catch (Throwable e) {
            upload.fail(e);
        }
    }
}
