/// What extensions expect around them besides the calls of a run.
extension BridgeScript {
    /// Enough of chaoslib for those that only want its names.
    static let chaoslib = #"""
        events = ("started", "running", "finish", "interrupted", "signal_exit", "start_continuous_hypothesis",
                  "continuous_hypothesis_iteration", "continuous_hypothesis_completed", "start_hypothesis_before",
                  "hypothesis_before_completed", "start_hypothesis_after", "hypothesis_after_completed", "start_method",
                  "method_completed", "start_rollbacks", "rollbacks_completed", "start_cooldown", "cooldown_completed",
                  "start_activity", "activity_completed")


        def provide_chaoslib():
            """Enough of chaoslib for controls and activities that only want its names."""
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
            leaving = types.ModuleType("chaoslib.exit")
            leaving.exit_gracefully = lambda: os.kill(os.getpid(), signal.SIGUSR1)
            leaving.exit_ungracefully = lambda: os.kill(os.getpid(), signal.SIGUSR2)
            running = types.ModuleType("chaoslib.run")
            nothing = {name: lambda self, *arguments, **named: None for name in events}
            running.RunEventHandler = type("RunEventHandler", (), nothing)
            package.exceptions, package.types, package.exit, package.run = exceptions, kinds, leaving, running
            sys.modules.update({"chaoslib": package, "chaoslib.exceptions": exceptions, "chaoslib.types": kinds,
                                "chaoslib.exit": leaving, "chaoslib.run": running})
        """#

    /// The handlers that controls register, and the plugins of notifications.
    static let listeners = #"""
        class Registry:
            """What controls registered to be told of the run."""
            def __init__(self):
                self.handlers = []

            def register(self, handler):
                self.handlers.append(handler)


        registry = Registry()


        def event(request):
            values = dict(shared, **request["values"])
            if "schedule" in values:
                values["schedule"] = types.SimpleNamespace(**values["schedule"])
            arguments = [values.get(name) for name in request["names"]]
            before = dump(values.get("journal"))
            for handler in list(registry.handlers):
                try:
                    getattr(handler, request["event"])(*arguments)
                except Exception:
                    import logging
                    logging.getLogger("chaostoolkit").debug(
                        "Handler %s failed", handler.__class__.__name__, exc_info=True)
            changed = dump(values.get("journal")) != before
            return '"value": ' + dump({"journal": values["journal"]} if changed else None)


        def notify(request):
            channel, name = request["channel"], request["channel"].get("func", "notify")
            try:
                module = importlib.import_module(channel.get("module"))
            except ImportError:
                return '"failed": ' + dump("could not find Python plugin '%s' for notification" % channel.get("module"))
            func = getattr(module, name, None)
            if not isinstance(func, types.FunctionType):
                return '"failed": ' + dump(
                    "could not find function '%s' in plugin '%s' for notification" % (name, channel.get("module")))
            func(channel, request["event"])
            return '"value": null'
        """#

    /// What is known of the extensions that are installed.
    static let extensions = #"""
        def facts(request):
            from importlib import metadata
            found = {}
            for distribution in metadata.distributions():
                about = distribution.metadata
                name = about["Name"] or ""
                if name.startswith("chaostoolkit-") and name != "chaostoolkit-lib" and name not in found:
                    summary = (about["Summary"] or "").replace("Chaos Toolkit Extension for ", "")[:50]
                    found[name] = {"name": name, "version": about["Version"], "license": about["License"],
                                   "summary": summary}
            try:
                library = metadata.version("chaostoolkit-lib")
            except metadata.PackageNotFoundError:
                library = None
            return '"value": ' + dump({"python": sys.version.split()[0], "chaoslib": library,
                                       "extensions": list(found.values())})


        def discover(request):
            try:
                from chaoslib.discovery import discover as find
            except ImportError:
                return '"failed": ' + dump("chaostoolkit-lib is not installed in %s" % sys.executable)
            import logging, subprocess
            from chaoslib.exceptions import ChaosException
            logger = logging.getLogger("chaostoolkit")
            if request["install"]:
                logger.info("Attempting to download and install package '%s'", request["package"])
                done = subprocess.run([sys.executable, "-m", "pip", "install", "-U", request["package"]],
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
                logger.debug(done.stdout.decode("utf-8", "replace"))
                if done.returncode != 0:
                    return '"failed": ' + dump("failed to install `%s`" % request["package"])
                logger.info("Package downloaded and installed in current environment")
            try:
                return '"value": ' + dump(find(request["package"], request["system"], False))
            except ChaosException as x:
                return '"failed": ' + dump(str(x))
        """#
}
