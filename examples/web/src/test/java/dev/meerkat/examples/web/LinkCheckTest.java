package dev.meerkat.examples.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.http.HttpServer;
import dev.meerkat.http.Response;
import dev.meerkat.http.Router;
import dev.meerkat.http.client.HttpClient;
import dev.meerkat.testkit.SimWorld;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LinkCheckTest {
    @Test
    void eachPageHasItsLineInTheOrderOfTheQuestion() {
        SimWorld.run(world -> {
            Set<Long> connections = new HashSet<>();
            world.host("site")
                    .listen(
                            80,
                            HttpServer.handler(Router.create()
                                    .filter((request, next) -> {
                                        connections.add(request.connection().id());
                                        return next.onHead(request);
                                    })
                                    .get("/", request -> Response.text("welcome"))
                                    .get("/old", request -> Response.redirect(301, "/"))
                                    .get("/slow", request -> Response.later(new CompletableFuture<>()))));
            HttpClient client = HttpClient.create(world.host("cli").manager(), LinkCheck.OPTIONS);
            List<CompletableFuture<String>> lines = LinkCheck.check(
                    client,
                    List.of("http://site/", "http://site/old", "http://site/none", "http://site:9/", "http://site/"));
            List<String> said = new ArrayList<>();
            lines.forEach(line -> said.add(world.await(line)));
            assertEquals(
                    List.of(
                            "200 http://site/",
                            "200 http://site/",
                            "404 http://site/none",
                            "CONNECT_FAILED http://site:9/",
                            "200 http://site/"),
                    said);
            assertEquals(2, connections.size());
            Duration before = world.elapsed();
            assertEquals(
                    "CALL_TIMEOUT http://site/slow",
                    world.await(
                            LinkCheck.check(client, List.of("http://site/slow")).get(0)));
            assertEquals(Duration.ofSeconds(10), world.elapsed().minus(before));
            client.close();
            world.advance(Duration.ofMinutes(2));
        });
    }
}
