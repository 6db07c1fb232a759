import Dispatch
import Experiments
import Glibc
import Synchronization

/// Turns the signals of the process into interruptions of its run.
final class RunSignals {
    private var sources: [any DispatchSourceSignal] = []
    private let numbers: [Int32]
    private let heard = Flag()

    private final class Flag: Sendable {
        let isRaised = Atomic(false)
    }

    /// A closed terminal undoes the run as Ctrl-C does; the original just dies of it.
    init(isStrict: Bool, _ interrupt: @escaping @Sendable (Interruption) -> Void) {
        numbers = [SIGINT, SIGTERM, SIGUSR1, SIGUSR2] + (isStrict ? [] : [SIGHUP])
        let queue = DispatchQueue(label: "signals")
        sources = numbers.map { number in
            // Otherwise the signal would end the process before anyone hears of it.
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { [heard] in
                heard.isRaised.store(true, ordering: .relaxed)
                interrupt(RunSignal.interruption(for: number))
            }
            source.resume()
            return source
        }
    }

    /// Whether one has come: then somebody wants an end.
    var haveCome: Bool { heard.isRaised.load(ordering: .relaxed) }

    func stop() {
        for source in sources { source.cancel() }
        for number in numbers { signal(number, SIG_DFL) }
    }
}
