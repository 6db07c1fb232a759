/// The other side of `PythonBridge`: what the Python process runs.
///
/// One JSON object a line, both ways, on descriptor 3. What extensions read and print goes elsewhere and can't disturb it.
/// The calls that the run waits for are made on the main thread, where signals reach them as in the original; others in
/// threads. An answer says how the call ended, the wish to end the run included, so that nothing can overtake it.
enum BridgeScript {
    static let text = #"""
        import datetime, decimal, importlib, inspect, io, json, logging, os, queue, signal, socket, subprocess, sys
        import threading, traceback, types, uuid

        if sys.path and sys.path[0] == "":
            del sys.path[0]

        wire = socket.socket(fileno=3)
        os.set_inheritable(3, False)
        lock = threading.Lock()
        shared = {"experiment": {}, "configuration": {}, "secrets": {}, "settings": None}


        \#(chaoslib)


        try:
            importlib.import_module("chaoslib.exceptions")
        except ImportError:
            provide_chaoslib()
        from chaoslib.exceptions import ActivityFailed, ChaosException, InterruptExecution


        def encode(o):
            if isinstance(o, (datetime.datetime, datetime.date)):
                return o.isoformat()
            if isinstance(o, (decimal.Decimal, uuid.UUID)):
                return str(o)
            return repr(o)


        def dump(value):
            try:
                return json.dumps(value, default=encode)
            except (TypeError, ValueError):
                return json.dumps(repr(value))


        def send(text):
            with lock:
                wire.sendall(text.encode("utf-8", "replace") + b"\n")


        def last_line(x):
            return traceback.format_exception_only(type(x), x)[-1].strip()


        def call(request):
            provider = request["provider"]
            func = getattr(importlib.import_module(provider["module"]), provider["func"])
            if not isinstance(request["arguments"], dict):
                raise TypeError("%s() argument after ** must be a mapping" % provider["func"])
            arguments = dict(request["arguments"])
            names = inspect.signature(func).parameters
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
            if not (inspect.isfunction(func) or inspect.isbuiltin(func)):
                return {"message": "The python module '%s' does not expose a function called '%s' in %s '%s'" % (
                    provider["module"], provider["func"], activity.get("type"), name), "wanted": provider["func"],
                    "functions": [name for name, _ in inspect.getmembers(module, inspect.isfunction)
                                  if name in getattr(module, "__all__", [name]) and not name.startswith("_")]}
            names = inspect.signature(func)
            arguments = dict(provider.get("arguments") or {})
            for extra in ("secrets", "configuration"):
                if extra in names.parameters:
                    arguments[extra] = None
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
            names = inspect.signature(func).parameters
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


        class Main:
            """What the signals need to know of the main thread, where the calls that the run waits for are made."""
            call = None
            cancelled = None


        def end(x):
            """What an exception means that ended a call."""
            chain = [x]
            while chain[-1].__context__ is not None and chain[-1].__context__ not in chain:
                chain.append(chain[-1].__context__)
            if isinstance(x, InterruptExecution):
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
            if isinstance(x, ActivityFailed):
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
            for line in wire.makefile("rb"):
                request = json.loads(line)
                if "cancel" in request:
                    Main.cancelled = request["cancel"]
                    signal.pthread_kill(threading.main_thread().ident, signal.SIGRTMIN)
                elif request.get("foreground"):
                    foreground.put(request)
                else:
                    threading.Thread(target=lambda request=request: send(answer(request)), daemon=True).start()
            os._exit(0)


        def cancel(number, frame):
            if Main.call is not None and Main.call == Main.cancelled:
                handler = signal.getsignal(signal.SIGINT)
                handler(signal.SIGINT, frame) if callable(handler) else interrupted(number, frame)


        def interrupted(number, frame):
            """As in the original a signal ends what the main thread is in; in nothing, it ends the run all the same."""
            if Main.call is None:
                waiting.put({"signal": int(number)})
            elif number == signal.SIGTERM:
                raise InterruptExecution("SIGTERM signal received")
            elif number == signal.SIGUSR1:
                raise SystemExit(20)
            elif number == signal.SIGUSR2:
                raise SystemExit(30)
            else:
                raise KeyboardInterrupt


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


        # Of the queues only this one may be put into by a signal that meets the thread which waits for it.
        waiting = queue.SimpleQueue()
        for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2, signal.SIGINT):
            signal.signal(number, interrupted)
        signal.signal(signal.SIGRTMIN, cancel)
        sys.stdout, sys.stderr = patient(sys.stdout), patient(sys.stderr)
        listen_to_extensions()
        threading.Thread(target=read, args=(waiting,), daemon=True).start()
        while True:
            request = waiting.get()
            send(dump(request) if "signal" in request else answer(request))
        """#
}
