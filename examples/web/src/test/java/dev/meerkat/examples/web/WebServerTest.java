package dev.meerkat.examples.web;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.meerkat.http.client.ClientBody;
import dev.meerkat.http.client.ClientRequest;
import dev.meerkat.http.client.ClientResponse;
import dev.meerkat.http.client.HttpClient;
import dev.meerkat.testkit.SimHost;
import dev.meerkat.testkit.SimWorld;
import dev.meerkat.testkit.StreamEnd;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The site, with our client, in a world without sockets. */
class WebServerTest {
    @TempDir
    Path folder;

    @Test
    void notesAreKeptAndWhoListensHearsOfThem() {
        SimWorld.run(world -> {
            SimHost site = world.host("site");
            site.manager().listen("http://0.0.0.0:80", new WebServer().routes(folder, folder));
            StreamEnd news = world.host("reader").stream("site", 80);
            news.send("GET /news HTTP/1.1\r\nHost: site\r\n\r\n");
            HttpClient client = HttpClient.create(world.host("writer").manager());

            CompletableFuture<ClientResponse> written =
                    client.send(ClientRequest.put("http://site/notes/first", ClientBody.text("buy milk")));
            world.await("the note", written::isDone);
            assertEquals(204, written.join().status());

            CompletableFuture<ClientResponse> read = client.send(ClientRequest.get("http://site/notes/first"));
            world.await("the answer", read::isDone);
            assertEquals("buy milk", read.join().text());
            assertEquals("HTTP/1.1 200 OK", news.receiveLine());
            String line = "";
            while (!line.startsWith("data: ")) {
                line = news.receiveLine();
            }
            assertEquals("data: first: buy milk", line);
        });
    }

    @Test
    void whatIsNotThereIsNotFound() throws Exception {
        Files.writeString(folder.resolve("page.html"), "<p>a page</p>");
        SimWorld.run(world -> {
            SimHost site = world.host("site");
            site.manager().listen("http://0.0.0.0:80", new WebServer().routes(folder, folder));
            HttpClient client = HttpClient.create(world.host("reader").manager());
            String[] paths = {"/hello/you", "/page.html", "/notes/none", "/nowhere"};
            int[] statuses = {200, 200, 404, 404};
            for (int i = 0; i < paths.length; i++) {
                CompletableFuture<ClientResponse> answer = client.send(ClientRequest.get("http://site" + paths[i]));
                world.await(paths[i], answer::isDone);
                assertEquals(statuses[i], answer.join().status(), paths[i]);
            }
        });
    }
}
