package dev.meerkat.rules;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which package may know which other. A package is added after those it knows, so there is no cycle; what is not added
 * may not exist.
 */
public final class PackageArrows {
    private static final String JSPECIFY = "org.jspecify.annotations";

    private final Map<String, List<String>> mayKnow = new LinkedHashMap<>();
    private final Map<String, String> doors = new LinkedHashMap<>();

    /** Adds a package, with those of ours that it may know beside itself. */
    public PackageArrows add(String name, String... others) {
        for (String other : others) {
            if (!mayKnow.containsKey(other)) {
                throw new IllegalArgumentException(other + " must stand above " + name);
            }
        }
        mayKnow.put(name, List.of(others));
        return this;
    }

    /** Permits one method, against all arrows, to know one package. */
    public PackageArrows door(String method, String packageName) {
        doors.put(method, packageName);
        return this;
    }

    /** Lists every dependency without an arrow. */
    public List<String> violations(JavaClasses classes) {
        var found = new ArrayList<String>();
        for (JavaClass type : classes) {
            if (!mayKnow.containsKey(type.getPackageName())) {
                found.add("package " + type.getPackageName() + " has no place among the arrows");
                continue;
            }
            for (Dependency dependency : type.getDirectDependenciesFromSelf()) {
                if (!isPermitted(dependency)) {
                    found.add(dependency.getDescription());
                }
            }
        }
        return found;
    }

    private boolean isPermitted(Dependency dependency) {
        JavaClass origin = dependency.getOriginClass();
        JavaClass target = dependency.getTargetClass().getBaseComponentType();
        String known = target.getPackageName();
        return target.isPrimitive()
                || known.startsWith("java.")
                || known.matches("javax\\.(net|crypto|security)(\\..*)?") // of java.base, too
                || known.equals(JSPECIFY)
                || known.equals(origin.getPackageName())
                || mayKnow.get(origin.getPackageName()).contains(known)
                || isThroughDoor(dependency, known);
    }

    private boolean isThroughDoor(Dependency dependency, String known) {
        String description = dependency.getDescription();
        return doors.entrySet().stream()
                .anyMatch(door -> door.getValue().equals(known) && description.contains("<" + door.getKey() + "("));
    }
}
