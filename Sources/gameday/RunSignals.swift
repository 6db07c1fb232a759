import Dispatch
import Experiments
import Glibc

/// Turns the signals of the process into interruptions of its run.
struct RunSignals {
    private let sources: [any DispatchSourceSignal]
    private let numbers: [Int32]

    /// A closed terminal undoes the run as Ctrl-C does; the original just dies of it.
    init(isStrict: Bool, _ interrupt: @escaping @Sendable (Interruption) -> Void) {
        numbers = [SIGINT, SIGTERM, SIGUSR1, SIGUSR2] + (isStrict ? [] : [SIGHUP])
        let queue = DispatchQueue(label: "signals")
        sources = numbers.map { number in
            // Otherwise the signal would end the process before anyone hears of it.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { interrupt(RunSignal.interruption(for: number)) }
            source.resume()
            return source
        }
    }

    func stop() {
        for source in sources { source.cancel() }
        for number in numbers { signal(number, SIG_DFL) }
    }
}
