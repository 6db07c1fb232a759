extension BridgeScript {
    /// How signals end calls, and how the main thread of the bridge serves them.
    static let signals = #"""
        class Main:
            """What the signals need to know of the main thread, where the calls that the run waits for are made."""
            call = None
            cancelled = None
            is_busy = False


        # Of the queues only this one may be put into by a signal that meets the thread which waits for it.
        waiting = queue.SimpleQueue()
        arrived = []
        gate = threading.Lock()


        def cancel(number, frame):
            if Main.call is not None and Main.call == Main.cancelled:
                handler = signal.getsignal(signal.SIGINT)
                handler(signal.SIGINT, frame) if callable(handler) else interrupted(number, frame)


        def interrupted(number, frame):
            """As in the original a signal ends what the main thread is in; in nothing, it ends the run all the same."""
            if Main.call is None:
                arrived.append(int(number))
                waiting.put({})
            elif number == signal.SIGTERM:
                from chaoslib.exceptions import InterruptExecution
                raise InterruptExecution("SIGTERM signal received")
            elif number == signal.SIGUSR1:
                raise SystemExit(20)
            elif number == signal.SIGUSR2:
                raise SystemExit(30)
            else:
                raise KeyboardInterrupt


        def finish(text):
            """Tells the end of a call that the run does not wait for. What the call sent to its own process is told
            first: signals meet the main thread, which passes the end on unless it is in a call itself."""
            with gate:
                if not Main.is_busy:
                    return waiting.put({"end": text})
            send(text)


        def tell_signals():
            while arrived:
                send(dump({"signal": arrived.pop(0)}))


        def is_told(request):
            """Tells the signals, and the end of another call if that is what came; whether nothing is left to do."""
            tell_signals()
            if "end" in request:
                send(request["end"])
            return not request or "end" in request


        def serve():
            calls = []
            while True:
                while not calls:
                    calls += [x for x in [waiting.get()] if not is_told(x)]
                with gate:
                    Main.is_busy = True
                while not waiting.empty():
                    calls += [x for x in [waiting.get()] if not is_told(x)]
                text = answer(calls.pop(0))
                # Before the run hears of it: what it asks for next may end at once.
                with gate:
                    Main.is_busy = False
                send(text)
        """#
}
