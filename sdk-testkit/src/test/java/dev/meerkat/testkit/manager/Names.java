package dev.meerkat.testkit.manager;

import dev.meerkat.runtime.ManagerRuntime;
import dev.meerkat.runtime.Resolver;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A resolver in the hands of the test: nobody is answered before the test does. */
final class Names implements Resolver {
    /** The names that were asked for, in order. */
    final List<String> asked = new ArrayList<>();

    private final List<CompletableFuture<Answer>> answers = new ArrayList<>();

    /** Takes the place of the resolver of a runtime. */
    ManagerRuntime install(ManagerRuntime runtime) {
        return runtime.withResolver(this);
    }

    @Override
    public CompletableFuture<Answer> resolve(String name) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        asked.add(name);
        answers.add(answer);
        return answer;
    }

    @Override
    public Lookup lookUp(String name) {
        return new Lookup.Together(Question.cancellable(resolve(name)));
    }

    /** What the only one who asked is waiting for. */
    CompletableFuture<Answer> pending() {
        if (answers.size() != 1) {
            throw new AssertionError("expected one look-up, found " + asked);
        }
        return answers.get(0);
    }

    /** What the last one who asked is waiting for. */
    CompletableFuture<Answer> last() {
        return answers.get(answers.size() - 1);
    }

    void answer(String... addresses) {
        pending().complete(holding(Duration.ZERO, addresses));
    }

    static Answer holding(Duration timeToLive, String... addresses) {
        List<InetAddress> found = new ArrayList<>();
        for (String address : addresses) {
            try {
                found.add(InetAddress.getByName(address)); // a literal, which nobody has to look up
            } catch (UnknownHostException e) {
                throw new AssertionError(e);
            }
        }
        return new Answer(found, timeToLive);
    }
}
