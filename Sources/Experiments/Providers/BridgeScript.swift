/// The other side of `PythonBridge`: what the Python process runs.
///
/// One JSON object a line, both ways, on descriptor 3. What activities print goes elsewhere and can't disturb it.
/// The calls that the run waits for are made on the main thread, where SIGINT reaches them; others in threads.
enum BridgeScript {
    static let text = #"""
        import datetime, decimal, importlib, inspect, json, os, queue, signal, socket, sys, threading, traceback, types, uuid

        if sys.path and sys.path[0] == "":
            del sys.path[0]

        wire = socket.socket(fileno=3)
        os.set_inheritable(3, False)
        lock = threading.Lock()
        shared = {"experiment": {}, "configuration": {}, "secrets": {}, "settings": None}


        def provide_chaoslib():
            """Enough of chaoslib for controls and activities that only want its exceptions."""
            package, exceptions = types.ModuleType("chaoslib"), types.ModuleType("chaoslib.exceptions")
            package.__path__ = []
            base = type("ChaosException", (Exception,), {"__module__": "chaoslib.exceptions"})
            exceptions.ChaosException = base
            for name in ("InvalidActivity", "InvalidExperiment", "ActivityFailed", "DiscoveryFailed", "InvalidSource",
                         "InterruptExecution", "InvalidControl", "ExperimentExitedException"):
                setattr(exceptions, name, type(name, (base,), {"__module__": "chaoslib.exceptions"}))
            exceptions.FailedActivity = exceptions.ActivityFailed
            kinds = types.ModuleType("chaoslib.types")
            for name in ("Configuration", "Secrets", "Experiment", "Journal", "Run", "Activity", "Hypothesis", "Settings",
                         "Control", "Discovery", "DiscoveredActivities", "DiscoveredSystemInfo", "Extension"):
                setattr(kinds, name, dict)
            package.exceptions, package.types = exceptions, kinds
            sys.modules.update({"chaoslib": package, "chaoslib.exceptions": exceptions, "chaoslib.types": kinds})


        try:
            importlib.import_module("chaoslib.exceptions")
        except ImportError:
            provide_chaoslib()
        from chaoslib.exceptions import ChaosException, InterruptExecution


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
                return '{"id": %d, "failed": %s}' % (request["id"], dump(traceback.format_exception_only(type(x), x)[0].strip()))
            return '{"id": %d, "value": %s}' % (request["id"], dump(value))


        def check(request):
            activity = request["activity"]
            provider, name = activity["provider"], activity.get("name")
            try:
                module = importlib.import_module(provider["module"])
            except ImportError:
                return "could not find Python module '%s' in activity '%s'" % (provider["module"], name)
            func = getattr(module, provider["func"], None)
            if not (inspect.isfunction(func) or inspect.isbuiltin(func)):
                return "The python module '%s' does not expose a function called '%s' in %s '%s'" % (
                    provider["module"], provider["func"], activity.get("type"), name)
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
                    return "required argument %s is missing from activity '%s'" % (
                        text.rsplit(":", 1)[1].strip(), provider["func"])
                if "unexpected" in text:
                    return "argument %s is not part of the function signature in activity '%s'" % (
                        text.rsplit(" ", 1)[1].strip(), provider["func"])
                return text
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


        class Registry:
            """Controls may register handlers; only the original has events for them."""
            def register(self, handler):
                pass


        def control(request):
            provider = request["control"]["provider"]
            try:
                func = getattr(importlib.import_module(provider["module"]), request["function"], None)
            except ImportError:
                func = None
            if not func:
                return '{"id": %d, "value": null}' % request["id"]
            level, state, context = request["level"], request.get("state"), request.get("context")
            if level in ("experiment", "method", "rollback"):
                context = shared["experiment"]
            before = {name: dump(shared[name]) for name in ("experiment", "configuration", "secrets")}
            given = (dump(state), dump(context))
            arguments = request.get("arguments") or {}
            names = inspect.signature(func).parameters
            offered = dict(shared, state=state, extensions=shared["experiment"].get("extensions"), event_registry=Registry())
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
            return '{"id": %d, "value": %s}' % (request["id"], dump(changes))


        def answer(request):
            number = request["id"]
            try:
                op = request["op"]
                if op == "call":
                    return call(request)
                if op == "check":
                    return '{"id": %d, "value": %s}' % (number, dump(check(request)))
                if op == "check-control":
                    return '{"id": %d, "value": %s}' % (number, dump(check_control(request)))
                if op == "share":
                    shared.update(request["shared"])
                    return '{"id": %d, "value": null}' % number
                return control(request)
            except InterruptExecution as x:
                return '{"id": %d, "interrupt": %s}' % (number, dump(str(x)))
            except KeyboardInterrupt:
                return '{"id": %d, "interrupted": true}' % number
            except SystemExit as x:
                return '{"id": %d, "exit": %s}' % (number, dump(x.code))
            except BaseException as x:
                return '{"id": %d, "crash": %s}' % (number, dump([type(x).__name__, str(x)]))


        def read(foreground):
            for line in wire.makefile("rb"):
                request = json.loads(line)
                if request.get("foreground"):
                    foreground.put(request)
                else:
                    threading.Thread(target=lambda request=request: send(answer(request)), daemon=True).start()
            os._exit(0)


        def forward(number, frame):
            threading.Thread(target=send, args=('{"signal": %d}' % number,), daemon=True).start()


        for number in (signal.SIGTERM, signal.SIGUSR1, signal.SIGUSR2):
            signal.signal(number, forward)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        waiting = queue.Queue()
        threading.Thread(target=read, args=(waiting,), daemon=True).start()
        while True:
            try:
                send(answer(waiting.get()))
            except KeyboardInterrupt:
                pass
        """#
}
