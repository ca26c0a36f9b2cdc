package dev.meerkat.multipart;

import dev.meerkat.http.Parameters;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A form with files that has arrived whole.
 *
 * @param fields the parts that are no files, by their names, in their order; their data read as UTF-8
 * @param files the parts that are files, in their order, those without a name and without data left out, as browsers
 *     send them if no file was chosen. They are removed when the request's exchange is over: who wants to keep one
 *     moves it before
 */
public record MultipartForm(Parameters fields, List<StoredFile> files) {
    // Keeps a copy of the list.
    public MultipartForm {
        Objects.requireNonNull(fields, "fields");
        files = List.copyOf(files);
    }

    /**
     * The first field of a name.
     *
     * @param name the name
     * @return its text, or empty if there is none
     */
    public Optional<String> field(String name) {
        return fields.first(name);
    }

    /**
     * The first file of a name.
     *
     * @param name the name of the form's field, not of the file
     * @return the file, or empty if there is none
     */
    public Optional<StoredFile> file(String name) {
        return files.stream()
                .filter(file -> file.part().name().filter(name::equals).isPresent())
                .findFirst();
    }
}
