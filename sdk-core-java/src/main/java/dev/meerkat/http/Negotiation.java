package dev.meerkat.http;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Chooses among what a server can send by what a peer prefers (RFC 9110 §12.5). The elements of a field are those that
 * {@link Headers#elements} returns.
 *
 * <pre>{@code
 * String type = Negotiation.mediaType(request.head().headers().elements("Accept"), List.of("text/html", "application/json")).orElse("text/html");
 * }</pre>
 *
 * <p>Of several that are preferred alike the one that is offered first is chosen. A malformed element is left out; when
 * nothing is left everything is acceptable, as it is without the field.
 */
public final class Negotiation {
    private Negotiation() {}

    /**
     * Chooses a media type. For each offer the most specific range that includes it tells its weight: one with
     * parameters before one without, {@code text/html} before {@code text/*} before all types.
     *
     * @param accept the elements of {@code Accept}
     * @param offers media types that can be sent, the best first
     * @return one of the offers, as it was offered; empty if none is acceptable
     * @throws MalformedTextException if an offer is no media type
     */
    public static Optional<String> mediaType(List<String> accept, List<String> offers) {
        List<MediaType> ranges = new ArrayList<>();
        List<Weighted> weights = new ArrayList<>();
        for (Weighted element : Weighted.parse(accept)) {
            try {
                ranges.add(MediaType.parse(element.value()));
                weights.add(element);
            } catch (MalformedTextException malformed) {
                // left out
            }
        }
        return best(offers, ranges.isEmpty(), offer -> {
            MediaType type = MediaType.parse(offer);
            int weight = 0;
            int mostSpecific = -1;
            for (int i = 0; i < ranges.size(); i++) {
                MediaType range = ranges.get(i);
                if (type.isIn(range) && specificity(range) > mostSpecific) {
                    mostSpecific = specificity(range);
                    weight = weights.get(i).weight();
                }
            }
            return weight;
        });
    }

    private static int specificity(MediaType range) {
        int named = range.subtype().equals("*") ? range.type().equals("*") ? 0 : 1 : 2;
        return named == 2 ? 2 + range.parameters().size() : named;
    }

    /**
     * Chooses a content coding. Without the field, or with an empty one, it is {@code identity}: a peer that says
     * nothing may not be able to decode (RFC 9110 §12.5.3 allows any coding then, and few dare).
     *
     * @param acceptEncoding the elements of {@code Accept-Encoding}
     * @param offers the codings that can be sent, the best first, in lower case; {@code identity} is always offered, as
     *     the last if it is not among them
     * @return one of the offers, or {@code identity}; empty if none is acceptable, not even that
     */
    public static Optional<String> coding(List<String> acceptEncoding, List<String> offers) {
        List<Weighted> elements = Weighted.parse(acceptEncoding);
        List<String> all = new ArrayList<>(offers);
        if (!all.contains("identity")) {
            all.add("identity");
        }
        if (elements.isEmpty()) {
            return Optional.of("identity");
        }
        return best(all, false, offer -> {
            int any = -1;
            for (Weighted element : elements) {
                String named = element.value();
                if (named.equals(offer) || named.equals("x-" + offer)) {
                    return element.weight();
                }
                if (named.equals("*")) {
                    any = element.weight();
                }
            }
            // Who does not name identity prefers every coding that it names, and takes it still (RFC 9110 12.5.3).
            return any >= 0 ? any : offer.equals("identity") ? UNNAMED_IDENTITY : 0;
        });
    }

    /** Below each weight that a peer can give. */
    private static final double UNNAMED_IDENTITY = 0.5;

    /**
     * Chooses a language by basic filtering (RFC 4647 §3.3.1): the range {@code en} includes {@code en} and
     * {@code en-GB}; of several ranges that include an offer the longest tells its weight.
     *
     * @param acceptLanguage the elements of {@code Accept-Language}
     * @param offers tags of languages that can be sent, the best first
     * @return one of the offers, as it was offered; empty if none is acceptable
     */
    public static Optional<String> language(List<String> acceptLanguage, List<String> offers) {
        List<Weighted> elements = Weighted.parse(acceptLanguage);
        return best(offers, elements.isEmpty(), offer -> {
            String tag = offer.toLowerCase(Locale.ROOT);
            int weight = 0;
            int longest = -1;
            for (Weighted element : elements) {
                String range = element.value();
                int length = range.equals("*") ? 0 : range.length();
                boolean included = length == 0 || tag.equals(range) || tag.startsWith(range + "-");
                if (included && length > longest) {
                    longest = length;
                    weight = element.weight();
                }
            }
            return weight;
        });
    }

    private interface Weight {
        double of(String offer);
    }

    private static Optional<String> best(List<String> offers, boolean everything, Weight weight) {
        String best = null;
        double most = 0;
        for (String offer : offers) {
            double found = everything ? 1 : weight.of(offer);
            if (found > most) {
                most = found;
                best = offer;
            }
        }
        return Optional.ofNullable(best);
    }
}
