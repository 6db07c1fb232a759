internal import Synchronization

/// Whether an API server is there: it is asked again and again, since an open watch that says nothing proves nothing.
final class KubePulse<C: Clock>: Sendable where C.Duration == Duration {
    private struct State {
        var failure: KubeError?
        var nextID = 0
        var waiting: [Int: (wantsLoss: Bool, continuation: CheckedContinuation<KubeError?, Never>)] = [:]
    }

    private let cluster: any KubeAsking
    private let clock: C
    private let interval: Duration
    private let state = Mutex(State())

    init(of cluster: any KubeAsking, every interval: Duration = .seconds(5), clock: C = ContinuousClock()) {
        self.cluster = cluster
        self.interval = interval
        self.clock = clock
    }

    /// Why it is taken for gone; nil while it answers.
    var failure: KubeError? { state.withLock { $0.failure } }

    /// Asks until the task is cancelled. Two failures in a row are a failure.
    func run() async {
        var hasFailed = false
        while !Task.isCancelled {
            let failure = await beat()
            if Task.isCancelled { return }
            if failure == nil || hasFailed { set(failure) }
            hasFailed = failure != nil
            do { try await clock.sleep(for: failure == nil ? interval : .seconds(1)) } catch { return }
        }
    }

    /// Returns once it is taken for gone, with the reason; nil when the task is cancelled.
    func lost() async -> KubeError? { await turn(toLoss: true) }

    /// Returns once it answers, or the task is cancelled.
    func found() async { _ = await turn(toLoss: false) }

    private func turn(toLoss wantsLoss: Bool) async -> KubeError? {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: KubeError?? = state.withLock { state in
                    if Task.isCancelled { return .some(nil) }
                    if (state.failure != nil) == wantsLoss { return .some(state.failure) }
                    state.waiting[id] = (wantsLoss, continuation)
                    return .none
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            state.withLock { $0.waiting.removeValue(forKey: id) }?.continuation.resume(returning: nil)
        }
    }

    private func beat() async -> KubeError? {
        do throws(KubeError) {
            _ = try await cluster.ask(KubeRequest(path: "/readyz", deadline: .seconds(5)))
            return nil
        } catch {
            // A server that refuses to say is there all the same.
            if let refusal = error.refusal, refusal.status < 500 { return nil }
            return error
        }
    }

    private func set(_ failure: KubeError?) {
        let waiting = state.withLock { state in
            state.failure = failure
            let meant = state.waiting.filter { $0.value.wantsLoss == (failure != nil) }
            for id in meant.keys { state.waiting[id] = nil }
            return meant.values.map(\.continuation)
        }
        for continuation in waiting { continuation.resume(returning: failure) }
    }
}
