/// What is only there once an extension needs it: to import all of it takes longer than most activities do.
extension BridgeScript {
    /// Watches what extensions import. What they log goes to the run, which knows what of it nobody may read.
    static let logs = #"""
        process = os.getpid()


        def listen_to_extensions():
            import logging

            class Records(logging.Handler):
                def emit(self, record):
                    try:
                        text = record.getMessage()
                        if record.exc_info and record.exc_info[0]:
                            import traceback
                            text += "\n" + "".join(traceback.format_exception(*record.exc_info)).rstrip()
                    except Exception:
                        text = str(record.msg)
                    if os.getpid() != process:
                        sys.stderr.write(text + "\n")
                        return
                    # What was printed before is shown before.
                    for stream in (sys.stdout, sys.stderr):
                        try:
                            stream.flush()
                        except (AttributeError, OSError, ValueError):
                            pass
                    send(dump({"log": {"level": record.levelno, "module": record.module, "line": record.lineno, "text": text}}))

            logger = logging.getLogger("chaostoolkit")
            logger.setLevel(int(sys.argv[1]) if len(sys.argv) > 1 else logging.INFO)
            logger.propagate = False
            logger.addHandler(Records())


        class Given:
            """A loader of a module that is there already."""
            def __init__(self, module):
                self.module = module

            def create_module(self, spec):
                return self.module

            def exec_module(self, module):
                pass


        class Watch:
            """Finds what modules need of us around them, when they are first imported."""
            def find_spec(self, name, path=None, target=None):
                if name == "logging":
                    return self.heard(importlib.machinery.PathFinder.find_spec(name))
                if name == "logzero":
                    # What older ones log with; the original puts itself in its place, too.
                    import logging
                    module = types.ModuleType(name)
                    module.__path__, module.logger = [], logging.getLogger("chaostoolkit")
                    return importlib.machinery.ModuleSpec(name, Given(module))
                if name == "chaoslib" and importlib.machinery.PathFinder.find_spec(name) is None:
                    provide_chaoslib()
                    return importlib.machinery.ModuleSpec(name, Given(sys.modules[name]), is_package=True)
                return None

            def heard(self, spec):
                execute = spec.loader.exec_module

                def exec_module(module):
                    execute(module)
                    listen_to_extensions()

                spec.loader.exec_module = exec_module
                return spec
        """#

    /// What functions take. Python's own answer needs a module that takes long to import; it is asked where ours may not
    /// be the same.
    static let signatures = #"""
        def code(func):
            """The code of a plain function, whose parameters it names; None for anything else."""
            plain = type(func) is types.FunctionType and not hasattr(func, "__wrapped__")
            return func.__code__ if plain and not hasattr(func, "__signature__") else None


        def parameters(func):
            """The names of the parameters."""
            plain = code(func)
            if plain is None:
                import inspect
                return list(inspect.signature(func).parameters)
            count = plain.co_argcount + plain.co_kwonlyargcount + bool(plain.co_flags & 4) + bool(plain.co_flags & 8)
            return list(plain.co_varnames[:count])


        def fits(func, arguments):
            """Whether a plain function surely takes these named arguments."""
            plain = code(func)
            if plain is None or plain.co_posonlyargcount or plain.co_flags & 12:
                return False
            names = plain.co_varnames[:plain.co_argcount + plain.co_kwonlyargcount]
            free = set(names[plain.co_argcount - len(func.__defaults__ or ()):plain.co_argcount])
            free |= set(func.__kwdefaults__ or ())
            return set(arguments) <= set(names) and set(names) <= set(arguments) | free
        """#
}
