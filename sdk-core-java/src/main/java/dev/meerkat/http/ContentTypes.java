package dev.meerkat.http;

import java.util.Collections;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Which media type the content of a file has, by the ending of its name. Immutable.
 *
 * <p>The table is this library's own, so that the answer does not depend on the machine. Types of text say that it is
 * UTF-8; what is not known is {@code application/octet-stream}, which browsers save and never run.
 *
 * @param byEnding endings in lower case, without the dot, and the values of {@code Content-Type}
 * @param otherwise the value for every other name
 */
public record ContentTypes(Map<String, String> byEnding, String otherwise) {
    private static final String TABLE = """
            7z application/x-7z-compressed
            aac audio/aac
            apng image/apng
            atom application/atom+xml
            avi video/x-msvideo
            avif image/avif
            bin application/octet-stream
            bmp image/bmp
            br application/x-brotli
            bz2 application/x-bzip2
            cjs text/javascript; charset=utf-8
            css text/css; charset=utf-8
            csv text/csv; charset=utf-8
            doc application/msword
            docx application/vnd.openxmlformats-officedocument.wordprocessingml.document
            eot application/vnd.ms-fontobject
            epub application/epub+zip
            flac audio/flac
            geojson application/geo+json
            gif image/gif
            gz application/gzip
            htm text/html; charset=utf-8
            html text/html; charset=utf-8
            ico image/x-icon
            ics text/calendar; charset=utf-8
            jar application/java-archive
            jpeg image/jpeg
            jpg image/jpeg
            js text/javascript; charset=utf-8
            json application/json
            jsonld application/ld+json
            jxl image/jxl
            log text/plain; charset=utf-8
            m3u8 application/vnd.apple.mpegurl
            m4a audio/mp4
            m4v video/mp4
            map application/json
            md text/markdown; charset=utf-8
            mid audio/midi
            mjs text/javascript; charset=utf-8
            mkv video/x-matroska
            mov video/quicktime
            mp3 audio/mpeg
            mp4 video/mp4
            mpeg video/mpeg
            oga audio/ogg
            ogg audio/ogg
            ogv video/ogg
            opus audio/ogg
            otf font/otf
            pdf application/pdf
            png image/png
            ppt application/vnd.ms-powerpoint
            pptx application/vnd.openxmlformats-officedocument.presentationml.presentation
            rss application/rss+xml
            rtf application/rtf
            svg image/svg+xml
            svgz image/svg+xml
            tar application/x-tar
            tif image/tiff
            tiff image/tiff
            toml application/toml
            ts video/mp2t
            ttf font/ttf
            txt text/plain; charset=utf-8
            vtt text/vtt; charset=utf-8
            wasm application/wasm
            wav audio/wav
            weba audio/webm
            webm video/webm
            webmanifest application/manifest+json
            webp image/webp
            woff font/woff
            woff2 font/woff2
            xhtml application/xhtml+xml
            xls application/vnd.ms-excel
            xlsx application/vnd.openxmlformats-officedocument.spreadsheetml.sheet
            xml application/xml
            xsl application/xslt+xml
            yaml application/yaml
            yml application/yaml
            zip application/zip
            zst application/zstd
            """;

    /** The table of this library; everything else is {@code application/octet-stream}. */
    public static final ContentTypes DEFAULT = read(TABLE);

    // Makes endings comparable and checks that each value can stand in a head.
    public ContentTypes {
        Map<String, String> checked = new TreeMap<>();
        byEnding.forEach((ending, type) -> {
            Headers unused = Headers.of("Content-Type", type);
            checked.put(ending.toLowerCase(Locale.ROOT), type);
        });
        byEnding = Collections.unmodifiableMap(checked);
        Headers unused = Headers.of("Content-Type", Objects.requireNonNull(otherwise, "otherwise"));
    }

    private static ContentTypes read(String table) {
        Map<String, String> types = new TreeMap<>();
        table.lines()
                .forEach(
                        line -> types.put(line.substring(0, line.indexOf(' ')), line.substring(line.indexOf(' ') + 1)));
        return new ContentTypes(types, "application/octet-stream");
    }

    /**
     * The same with another type for one ending.
     *
     * @param ending what follows the last dot of a name, in any case, without the dot
     * @param type the value of {@code Content-Type}
     * @return a table
     * @throws IllegalArgumentException if the type cannot stand in a head
     */
    public ContentTypes with(String ending, String type) {
        Map<String, String> changed = new TreeMap<>(byEnding);
        changed.put(ending.toLowerCase(Locale.ROOT), type);
        return new ContentTypes(changed, otherwise);
    }

    /**
     * The type of a file.
     *
     * @param name the name, with or without a path in front
     * @return the value of {@code Content-Type}
     */
    public String of(String name) {
        int dot = name.lastIndexOf('.');
        String known = dot < 0 ? null : byEnding.get(name.substring(dot + 1).toLowerCase(Locale.ROOT));
        return known == null ? otherwise : known;
    }
}
