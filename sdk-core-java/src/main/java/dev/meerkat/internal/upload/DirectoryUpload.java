package dev.meerkat.internal.upload;

import dev.meerkat.http.Response;
import dev.meerkat.multipart.MultipartError;
import dev.meerkat.multipart.MultipartError.Kind;
import dev.meerkat.multipart.Part;
import dev.meerkat.multipart.PartEvent;
import dev.meerkat.multipart.PartHandler;
import dev.meerkat.multipart.StoredFile;
import dev.meerkat.multipart.Upload;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One body whose files go to a directory under names of their own, all or none. */
final class DirectoryUpload implements PartHandler {
    private final Path directory;
    private final Function<? super Part, String> naming;
    private final Function<? super List<StoredFile>, Response> answer;
    private final List<DiskStep.Target> targets = new ArrayList<>();
    private final List<StoredFile> stored = new ArrayList<>();
    private @Nullable FileLane lane;
    private DiskStep.@Nullable Target present;

    DirectoryUpload(
            Path directory,
            Function<? super Part, String> naming,
            Function<? super List<StoredFile>, Response> answer) {
        this.directory = directory;
        this.naming = naming;
        this.answer = answer;
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
            if (present != null) {
                to.write(data.bytes());
            }
        } else if (event instanceof PartEvent.PartEnd end) {
            DiskStep.Target target = present;
            present = null;
            if (target != null && end.completion().isComplete()) {
                targets.add(target);
                stored.add(new StoredFile(end.part(), target.to(), to.close()));
            }
        } else if (event instanceof PartEvent.MultipartEnd end) {
            if (end.completion().isComplete()) {
                publish((RequestUpload) upload, to);
            } else {
                to.abandon();
            }
        }
    }

    private void begin(Upload upload, FileLane to, Part part) {
        if (part.fileName().orElse("").isEmpty()) {
            return;
        }
        String name = naming.apply(part);
        if (name.isEmpty()) {
            return;
        }
        Optional<String> problem = FileNames.problem(name);
        if (problem.isPresent()) {
            upload.refuse(MultipartError.of(Kind.UNSAFE_NAME, "the name of a file " + problem.get()));
            return;
        }
        Path target;
        try {
            target = directory.resolve(name);
        } catch (InvalidPathException e) {
            upload.refuse(MultipartError.of(Kind.UNSAFE_NAME, "the name of a file is not one here", e));
            return;
        }
        if (targets.stream().anyMatch(earlier -> earlier.to().equals(target))) {
            upload.refuse(MultipartError.of(Kind.NAME_TAKEN, "two files of one name"));
            return;
        }
        to.expectNothing(target);
        present = new DiskStep.Target(to.create(), target);
    }

    private void publish(RequestUpload upload, FileLane to) {
        to.publish(List.copyOf(targets));
        to.whenDone(() -> {
            try {
                upload.respond(answer.apply(List.copyOf(stored)));
            } catch (Throwable e) {
                upload.fail(e);
            }
        });
    }
}
