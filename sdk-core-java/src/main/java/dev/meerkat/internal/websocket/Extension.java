package dev.meerkat.internal.websocket;

import dev.meerkat.http.MalformedHeadException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An extension as it is offered or agreed on (RFC 6455 §9.1): a name and what is said about it, in the order in which
 * it was said. A parameter may come twice here; what that means is for who knows the extension.
 *
 * @param name a token; its case matters
 * @param parameters mostly none
 */
public record Extension(String name, List<Parameter> parameters) {
    /**
     * What is said about an extension.
     *
     * @param name a token; its case matters
     * @param value a token, whether it came in quotes or not, or null if there is only the name
     */
    public record Parameter(String name, @Nullable String value) {
        // Both go on the wire as they are.
        public Parameter {
            HandshakeTexts.requireToken("a parameter's name", name);
            if (value != null) {
                HandshakeTexts.requireToken("a parameter's value", value);
            }
        }
    }

    // The name goes on the wire as it is.
    public Extension {
        HandshakeTexts.requireToken("an extension's name", name);
        parameters = List.copyOf(parameters);
    }

    /**
     * Makes an extension.
     *
     * @param name a token
     * @param parameters {@code name} or {@code name=value} each, without spaces and quotes
     * @return the extension
     * @throws MalformedHeadException if something is no token
     */
    public static Extension of(String name, String... parameters) {
        return new Extension(
                name, List.of(parameters).stream().map(Extension::parameter).toList());
    }

    private static Parameter parameter(String text) {
        int equals = text.indexOf('=');
        return equals < 0
                ? new Parameter(text, null)
                : new Parameter(text.substring(0, equals), text.substring(equals + 1));
    }

    /** As it goes on the wire: {@code name; parameter; parameter=value}. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(name);
        for (Parameter parameter : parameters) {
            text.append("; ").append(parameter.name());
            if (parameter.value() != null) {
                text.append('=').append(parameter.value());
            }
        }
        return text.toString();
    }
}
