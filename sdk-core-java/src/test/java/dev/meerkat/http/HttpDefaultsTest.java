package dev.meerkat.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The defaults are those that the Javadoc names and gives precedents for: a server that is exposed relies on them. */
class HttpDefaultsTest {
    private static Map<String, Object> values(Record options) throws ReflectiveOperationException {
        Map<String, Object> values = new LinkedHashMap<>();
        for (var component : options.getClass().getRecordComponents()) {
            values.put(component.getName(), component.getAccessor().invoke(options));
        }
        return values;
    }

    @Test
    void timeouts() throws ReflectiveOperationException {
        Map<String, Object> expected = new LinkedHashMap<>();
        expected.put("head", Duration.ofSeconds(20));
        expected.put("keepAlive", Duration.ofSeconds(75));
        expected.put("bodyRate", 240);
        expected.put("bodyGrace", Duration.ofSeconds(5));
        expected.put("responseRate", 240);
        expected.put("responseGrace", Duration.ofSeconds(5));
        assertEquals(expected, values(HttpTimeouts.DEFAULT));
    }

    @Test
    void limits() throws ReflectiveOperationException {
        Map<String, Object> expected = new LinkedHashMap<>();
        expected.put("startLineBytes", 8_192);
        expected.put("headerCount", 100);
        expected.put("headerBytes", 32_768);
        expected.put("bodyBytes", 17_179_869_184L);
        expected.put("bufferedBodyBytes", 1_048_576);
        expected.put("trailerCount", 32);
        expected.put("trailerBytes", 8_192);
        expected.put("chunkLineBytes", 4_096);
        expected.put("chunkExtensionBytes", 16_384);
        expected.put("pipelineDepth", 16);
        expected.put("requestsPerConnection", HttpLimits.NONE);
        expected.put("connectionsPerIp", HttpLimits.NONE);
        assertEquals(expected, values(HttpLimits.DEFAULT));
    }

    @Test
    void server() throws ReflectiveOperationException {
        Map<String, Object> expected = new LinkedHashMap<>();
        expected.put("limits", HttpLimits.DEFAULT);
        expected.put("timeouts", HttpTimeouts.DEFAULT);
        expected.put("answerTimeout", Duration.ofSeconds(60));
        expected.put("producerTimeout", Duration.ofMinutes(5));
        expected.put("serverName", "");
        expected.put("date", true);
        expected.put("errorPage", Optional.empty());
        expected.put("accessLog", Optional.empty());
        assertEquals(expected, values(HttpServerOptions.DEFAULT));
    }

    @Test
    void aHandlerWithoutOptionsIsServedByTheDefaults() {
        List<Record> ready = List.of(HttpServerOptions.DEFAULT, HttpLimits.DEFAULT, HttpTimeouts.DEFAULT);
        List<Record> built = Stream.of(
                        HttpServerOptions.builder().build(),
                        HttpLimits.builder().build(),
                        HttpTimeouts.builder().build())
                .map(Record.class::cast)
                .toList();
        assertEquals(ready, built);
    }
}
