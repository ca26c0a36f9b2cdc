package dev.meerkat.scripting;

import java.io.Reader;
import java.lang.reflect.Proxy;
import javax.script.AbstractScriptEngine;
import javax.script.Bindings;
import javax.script.Invocable;
import javax.script.ScriptContext;
import javax.script.ScriptEngine;
import javax.script.ScriptEngineFactory;
import javax.script.ScriptException;

/** An engine under another name. */
final class OtherEngine extends AbstractScriptEngine implements Invocable {
    private final ScriptEngine real;

    OtherEngine(ScriptEngine real) {
        this.real = real;
    }

    @Override
    public Object eval(String script, ScriptContext context) throws ScriptException {
        return real.eval(script, context);
    }

    @Override
    public Object eval(Reader reader, ScriptContext context) throws ScriptException {
        return real.eval(reader, context);
    }

    @Override
    public Bindings createBindings() {
        return real.createBindings();
    }

    @Override
    public ScriptEngineFactory getFactory() {
        return (ScriptEngineFactory) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {ScriptEngineFactory.class},
                (proxy, method, arguments) -> method.getName().equals("getEngineName")
                        ? "Other"
                        : method.invoke(real.getFactory(), arguments));
    }

    @Override
    public Object invokeMethod(Object target, String name, Object... arguments)
            throws ScriptException, NoSuchMethodException {
        return ((Invocable) real).invokeMethod(target, name, arguments);
    }

    @Override
    public Object invokeFunction(String name, Object... arguments) throws ScriptException, NoSuchMethodException {
        return ((Invocable) real).invokeFunction(name, arguments);
    }

    @Override
    public <T> T getInterface(Class<T> type) {
        return ((Invocable) real).getInterface(type);
    }

    @Override
    public <T> T getInterface(Object target, Class<T> type) {
        return ((Invocable) real).getInterface(target, type);
    }
}
