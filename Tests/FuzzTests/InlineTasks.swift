import Synchronization

/// Runs asynchronous code to its end on the thread that asks: for decoders that could wait, and have nothing to wait for.
final class InlineTasks: TaskExecutor {
    private let jobs = Mutex<[UnownedJob]>([])

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
    }

    static func run<Answer: Sendable>(
        _ body: @escaping @Sendable () async throws -> Answer
    ) throws -> Answer {
        let executor = InlineTasks()
        return try withExtendedLifetime(executor) {
            let box = Box<Answer>()
            Task(executorPreference: executor) {
                do { box.set(.success(try await body())) } catch { box.set(.failure(error)) }
            }
            while let job = executor.jobs.withLock({ $0.isEmpty ? nil : $0.removeFirst() }) {
                job.runSynchronously(on: executor.asUnownedTaskExecutor())
            }
            guard let result = box.result else { throw Broken("it waits for somebody else") }
            return try result.get()
        }
    }

    private final class Box<Answer: Sendable>: Sendable {
        private let held = Mutex<Result<Answer, any Error>?>(nil)
        var result: Result<Answer, any Error>? { held.withLock { $0 } }
        func set(_ result: Result<Answer, any Error>) { held.withLock { $0 = result } }
    }
}
