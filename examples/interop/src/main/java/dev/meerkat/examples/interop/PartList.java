package dev.meerkat.examples.interop;

import dev.meerkat.http.Response;
import dev.meerkat.multipart.Part;
import dev.meerkat.multipart.PartEvent;
import dev.meerkat.multipart.PartHandler;
import dev.meerkat.multipart.Upload;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Writes down what the parts of one body were, as JSON, in order of arrival. */
final class PartList {
    private final StringBuilder json = new StringBuilder("[");
    private @Nullable MessageDigest digest;
    private long size;

    private void begin() {
        digest = sha256();
        size = 0;
    }

    private void data(PartEvent.PartData data) {
        size += data.bytes().remaining();
        if (digest != null) {
            digest.update(data.bytes());
        }
    }

    private void end(PartEvent.PartEnd end) {
        Part part = end.part();
        String hash = digest == null ? "" : HexFormat.of().formatHex(digest.digest());
        json.append(json.length() == 1 ? "{" : ",{");
        member("name", part.name().orElse(null));
        member("filename", part.fileName().orElse(null));
        member("contentType", part.contentType());
        json.append("\"size\":").append(size).append(',');
        member("sha256", hash);
        json.append("\"status\":\"")
                .append(end.completion().isComplete() ? "ok" : "aborted")
                .append("\"}");
    }

    private String whole() {
        return json + "]";
    }

    private void member(String name, @Nullable String value) {
        json.append('"').append(name).append("\":");
        if (value == null) {
            json.append("null,");
            return;
        }
        json.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ') {
                json.append(String.format("\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        json.append("\",");
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }

    /** One for all uploads: the list belongs to the upload. */
    static final class Handler implements PartHandler {
        @Override
        public void onEvent(Upload upload, PartEvent event) {
            if (event instanceof PartEvent.MultipartStart) {
                upload.attach(new PartList());
                return;
            }
            PartList list = upload.attachment(PartList.class);
            if (list == null) {
                return;
            }
            if (event instanceof PartEvent.PartBegin) {
                list.begin();
            } else if (event instanceof PartEvent.PartData data) {
                list.data(data);
            } else if (event instanceof PartEvent.PartEnd end) {
                list.end(end);
            } else if (event instanceof PartEvent.MultipartEnd end
                    && end.completion().isComplete()) {
                upload.respond(Response.json(list.whole())); // a broken one is answered by itself
            }
        }
    }
}
