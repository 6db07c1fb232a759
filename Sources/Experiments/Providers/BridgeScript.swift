/// The other side of `PythonBridge`: what the Python process runs.
///
/// One JSON object a line, both ways, on descriptor 3. What extensions read and print goes elsewhere and can't disturb it.
/// The calls that the run waits for are made on the main thread, where signals reach them as in the original; others in
/// threads. An answer says how the call ended, the wish to end the run included, so that nothing can overtake it.
enum BridgeScript {
    static let text = #"""
        # Only what every call needs: the rest takes longer to import than most activities do, so each imports its own.
        import importlib.machinery, io, json, os, queue, signal, sys, threading, types

        if sys.path and sys.path[0] == "":
            del sys.path[0]

        wire = 3
        os.set_inheritable(wire, False)
        lock = threading.Lock()
        shared = {"experiment": {}, "configuration": {}, "secrets": {}, "settings": None}


        \#(chaoslib)


        def known(module, *names):
            """Classes of a module: none before somebody has imported it, since then nothing can be of them."""
            module = sys.modules.get(module)
            return tuple(getattr(module, name) for name in names if hasattr(module, name))


        def encode(o):
            if isinstance(o, known("datetime", "datetime", "date")):
                return o.isoformat()
            if isinstance(o, known("decimal", "Decimal") + known("uuid", "UUID")):
                return str(o)
            return repr(o)


        def dump(value):
            try:
                return json.dumps(value, default=encode)
            except (TypeError, ValueError):
                return json.dumps(repr(value))


        def send(text):
            data = text.encode("utf-8", "replace") + b"\n"
            with lock:
                while data:
                    data = data[os.write(wire, data):]


        \#(signatures)


        def last_line(x):
            import traceback
            return traceback.format_exception_only(type(x), x)[-1].strip()


        def call(request):
            provider = request["provider"]
            func = getattr(importlib.import_module(provider["module"]), provider["func"])
            if not isinstance(request["arguments"], dict):
                raise TypeError("%s() argument after ** must be a mapping" % provider["func"])
            arguments = dict(request["arguments"])
            names = parameters(func)
            secrets = request["secrets"]
            if "secrets" in provider and "secrets" in names:
                arguments["secrets"] = {}
                for group in provider["secrets"]:
                    arguments["secrets"].update(secrets.get(group, {}))
            if "configuration" in names:
                arguments["configuration"] = dict(request["configuration"])
            try:
                value = func(**arguments)
            except Exception as x:
                if "keyboard" in end(x):
                    raise
                import traceback
                return '"failed": ' + dump(traceback.format_exception_only(type(x), x)[0].strip())
            return '"value": ' + dump(value)


        def check(request):
            activity = request["activity"]
            provider, name = activity["provider"], activity.get("name")
            try:
                module = importlib.import_module(provider["module"])
            except ImportError:
                return {"message": "could not find Python module '%s' in activity '%s'" % (provider["module"], name),
                        "python": sys.executable}
            func = getattr(module, provider["func"], None)
            if not isinstance(func, (types.FunctionType, types.BuiltinFunctionType)):
                import inspect
                return {"message": "The python module '%s' does not expose a function called '%s' in %s '%s'" % (
                    provider["module"], provider["func"], activity.get("type"), name), "wanted": provider["func"],
                    "functions": [name for name, _ in inspect.getmembers(module, inspect.isfunction)
                                  if name in getattr(module, "__all__", [name]) and not name.startswith("_")]}
            arguments = dict(provider.get("arguments") or {})
            for extra in ("secrets", "configuration"):
                if extra in parameters(func):
                    arguments[extra] = None
            if fits(func, arguments):
                return None
            import inspect
            names = inspect.signature(func)
            try:
                names.bind(**arguments)
            except TypeError as x:
                # The original names the function here, not the activity.
                text = str(x)
                if "missing" in text:
                    text = "required argument %s is missing from activity '%s'" % (
                        text.rsplit(":", 1)[1].strip(), provider["func"])
                elif "unexpected" in text:
                    text = "argument %s is not part of the function signature in activity '%s'" % (
                        text.rsplit(" ", 1)[1].strip(), provider["func"])
                known = [p for p in names.parameters.values() if p.name not in ("configuration", "secrets")]
                needed = [p.name for p in known if p.default is p.empty and p.kind == p.POSITIONAL_OR_KEYWORD]
                return {"message": text, "function": provider["func"], "given": list(arguments), "required": needed,
                        "optional": [p.name for p in known if p.name not in needed and p.kind != p.VAR_KEYWORD]}
            return None


        def check_control(request):
            control = request["control"]
            try:
                module = importlib.import_module(control["provider"]["module"])
            except ImportError:
                return None
            func = getattr(module, "validate_control", None)
            if func:
                func(control)
            return None


        \#(listeners)


        \#(extensions)


        def control(request):
            provider = request["control"]["provider"]
            try:
                func = getattr(importlib.import_module(provider["module"]), request["function"], None)
            except ImportError:
                func = None
            if not func:
                return '"value": null'
            level, state, context = request["level"], request.get("state"), request.get("context")
            if level in ("experiment", "method", "rollback"):
                context = shared["experiment"]
            before = {name: dump(shared[name]) for name in ("experiment", "configuration", "secrets")}
            given = (dump(state), dump(context))
            arguments = request.get("arguments") or {}
            names = parameters(func)
            offered = dict(shared, state=state, extensions=shared["experiment"].get("extensions"), event_registry=registry)
            for name in request["offers"]:
                if name in names:
                    arguments[name] = offered[name]
            if request["function"] == "cleanup_control":
                func()
            elif request["function"] == "configure_control":
                func(**arguments)
            else:
                func(context=context, **arguments)
            changes = {name: shared[name] for name in before if dump(shared[name]) != before[name]}
            if dump(state) != given[0]:
                changes["state"] = state
            if level not in ("experiment", "method", "rollback") and dump(context) != given[1]:
                changes["context"] = context
            if registry.handlers and request["function"] == "configure_control":
                changes["listens"] = True
            return '"value": ' + dump(changes)


        def end(x):
            """What an exception means that ended a call."""
            chain = [x]
            while chain[-1].__context__ is not None and chain[-1].__context__ not in chain:
                chain.append(chain[-1].__context__)
            if isinstance(x, known("chaoslib.exceptions", "InterruptExecution")):
                return {"interrupt": str(x)}
            if isinstance(x, SystemExit):
                return {"exit": x.code if isinstance(x.code, int) else str(x.code or 0), "graceful": x.code != 30}
            # Libraries that ask turn Ctrl-C into errors of their own.
            if any(isinstance(y, KeyboardInterrupt) for y in chain):
                return {"keyboard": True}
            if not isinstance(x, Exception):
                return {"fatal": last_line(x)}
            ending = {"crash": [type(x).__name__, str(x)]}
            if any(isinstance(y, EOFError) for y in chain):
                ending["unanswered"] = True
            if isinstance(x, known("chaoslib.exceptions", "ActivityFailed")):
                ending["failed"] = str(x)
            return ending


        def share(request):
            shared.update(request["shared"])
            return '"value": null'


        operations = {
            "call": call, "control": control, "share": share, "event": event, "notify": notify,
            "facts": facts, "discover": discover,
            "check": lambda request: '"value": ' + dump(check(request)),
            "check-control": lambda request: '"value": ' + dump(check_control(request)),
        }


        def answer(request):
            number = request["id"]
            is_main = threading.current_thread() is threading.main_thread()
            try:
                try:
                    if is_main:
                        Main.call = number
                        if Main.cancelled == number:
                            raise KeyboardInterrupt
                    text = operations[request["op"]](request)
                finally:
                    Main.call = None if is_main else Main.call
            except BaseException as x:
                Main.call = None if is_main else Main.call
                text = dump(end(x))[1:-1]
            for stream in (sys.stdout, sys.stderr):
                try:
                    stream.flush()
                except (AttributeError, OSError, ValueError):
                    pass
            return '{"id": %d, %s}' % (number, text)


        def read(foreground):
            for line in open(wire, "rb", closefd=False):
                request = json.loads(line)
                if "cancel" in request:
                    Main.cancelled = request["cancel"]
                    signal.pthread_kill(threading.main_thread().ident, signal.SIGRTMIN)
                elif request.get("foreground"):
                    foreground.put(request)
                else:
                    threading.Thread(target=lambda request=request: finish(answer(request)), daemon=True).start()
            os._exit(0)


        \#(signals)


        class Patient(io.TextIOWrapper):
            """A stream whose reader may leave: what extensions print must not end what they do."""
            def write(self, text):
                try:
                    return super().write(text)
                except BrokenPipeError:
                    self.forget()
                    return len(text)

            def flush(self):
                try:
                    super().flush()
                except BrokenPipeError:
                    self.forget()

            def forget(self):
                nowhere = os.open("/dev/null", os.O_WRONLY)
                os.dup2(nowhere, self.fileno())
                os.close(nowhere)


        def patient(stream):
            if stream is None:
                return None
            return Patient(stream.buffer, encoding=stream.encoding, errors=stream.errors, line_buffering=True)


        \#(logs)


        for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGINT):
            signal.signal(number, interrupted)
        signal.signal(signal.SIGRTMIN, cancel)
        sys.stdout, sys.stderr = patient(sys.stdout), patient(sys.stderr)
        sys.meta_path.insert(0, Watch())
        threading.Thread(target=read, args=(waiting,), daemon=True).start()
        serve()
        """#
}
