import Dispatch
import Glibc

/// The wishes of a person or a system that this program end: SIGINT, SIGTERM and SIGHUP.
final class Interruptions {
    /// The signals that come, while this lives; the newest is kept for a slow reader.
    let signals: AsyncStream<Int32>
    private let sources: [any DispatchSourceSignal]

    /// From now on these signals do not kill the process.
    init() {
        let (signals, wishes) = AsyncStream.makeStream(of: Int32.self, bufferingPolicy: .bufferingNewest(1))
        self.signals = signals
        sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number)
            source.setEventHandler { wishes.yield(number) }
            source.resume()
            return source
        }
    }

    deinit {
        for source in sources { source.cancel() }
    }
}
