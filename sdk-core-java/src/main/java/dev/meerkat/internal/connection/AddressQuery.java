package dev.meerkat.internal.connection;

import dev.meerkat.AddressFamilies;
import dev.meerkat.event.ConnectionError;
import dev.meerkat.internal.names.HappyEyeballs;
import dev.meerkat.internal.names.HappyEyeballs.Plan;
import dev.meerkat.internal.names.HappyEyeballs.Step;
import dev.meerkat.internal.names.Part;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A program asks for the addresses of a name: both families are waited for, and put into the order of a connect. */
final class AddressQuery implements NameLookup.Waiter {
    private final String host;
    private final CompletableFuture<List<InetAddress>> result;
    private final HappyEyeballs order;
    private final List<ConnectionError> errors = new ArrayList<>(2);
    private int parts;

    AddressQuery(String host, CompletableFuture<List<InetAddress>> result) {
        this.host = host;
        this.result = result;
        AddressFamilies first = RealNames.isLocalhost(host) ? AddressFamilies.AS_ANSWERED : AddressFamilies.IPV6_FIRST;
        order = new HappyEyeballs(new Plan(first, 0, 0, Long.MAX_VALUE, HappyEyeballs.MAX_ADDRESSES));
    }

    @Override
    public void answered(Part part, List<InetAddress> addresses, @Nullable ConnectionError error) {
        order.answered(part, addresses, 0);
        if (error != null) {
            errors.add(error);
        }
        parts += part == Part.ALL ? 2 : 1;
        if (parts < 2) {
            return;
        }
        if (order.foundNothing()) {
            RealNames.fail(result, NameErrors.combine("looking up " + host, errors));
            return;
        }
        List<InetAddress> found = new ArrayList<>();
        while (order.next(0) instanceof Step.Begin begin) {
            found.add(begin.address());
        }
        result.complete(List.copyOf(found));
    }
}
