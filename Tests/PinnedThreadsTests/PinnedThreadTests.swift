import Dispatch
import Glibc
import PinnedThreads
import Synchronization
import Testing

/// An owner whose library waits for one thing only: to be woken.
private actor Counter {
    nonisolated let thread: PinnedThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
    private let bell: Bell
    private(set) var count = 0
    private(set) var turns = 0
    private(set) var ringsInside = 0

    init(bell: Bell = Bell()) {
        self.bell = bell
        thread = PinnedThread(name: "counter") { bell.ring() }
    }

    isolated deinit { thread.stop() }

    nonisolated func start() {
        thread.start { [weak self, bell] patience in
            if patience == .mayBlock { bell.wait() }
            self?.assumeIsolated { $0.turns += 1 }
        }
    }

    /// Starts it with a library whose every event makes a job.
    nonisolated func startMakingJobs() {
        thread.start { [weak self, bell] patience in
            if patience == .mayBlock { bell.wait() }
            self?.thread.hasWoken()
            self?.assumeIsolated { if patience == .mayBlock { $0.makeJob() } }
        }
    }

    private func makeJob() {
        let before = bell.count
        Task { count += 1 }
        ringsInside += bell.count - before
    }

    func add() -> pthread_t {
        count += 1
        return pthread_self()
    }

    /// A task made in an actor is given to its executor at once, so here while the thread is busy with this job.
    func addLater(_ number: Int) -> (tasks: [Task<Void, Never>], rings: Int) {
        let before = bell.count
        let tasks = (0..<number).map { _ in Task { count += 1 } }
        return (tasks, bell.count - before)
    }

    func addMany(_ number: Int) { count += number }

    /// The turns of the library before a job, and those in a job that it made.
    func turnsAround() -> (before: Int, task: Task<Int, Never>) { (turns, Task { turns }) }
}

private final class Bell: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let rings = Atomic<Int>(0)

    func ring() {
        rings.add(1, ordering: .relaxed)
        semaphore.signal()
    }

    /// An event of the library's own.
    func happen() { semaphore.signal() }

    func wait() { semaphore.wait() }
    var count: Int { rings.load(ordering: .relaxed) }
}

@Suite(.timeLimit(.minutes(5))) struct PinnedThreadTests {
    @Test func `every job runs on the one thread, which is not the caller's`() async {
        let counter = Counter()
        counter.start()
        var threads: Set<pthread_t> = []
        await withTaskGroup(of: pthread_t.self) { group in
            for _ in 0..<500 { group.addTask { await counter.add() } }
            for await thread in group { threads.insert(thread) }
        }
        #expect(await counter.count == 500)
        #expect(threads.count == 1)
        #expect(threads.contains(pthread_self()) == false)
    }

    @Test func `the library's wait runs isolated to the actor, and knows that jobs are there`() async {
        let counter = Counter()
        counter.start()
        _ = await counter.add()
        while await counter.turns < 3, !Task.isCancelled { await Task.yield() }
    }

    @Test func `a job that came before the start runs with the start`() async {
        let counter = Counter()
        async let count: Void = counter.addMany(7)
        counter.start()
        await count
        #expect(await counter.count == 7)
    }

    @Test func `a job that comes after the stop still runs, one at a time`() async {
        let counter = Counter()
        counter.start()
        _ = await counter.add()
        counter.thread.stop()
        await withTaskGroup { group in
            for _ in 0..<200 { group.addTask { await counter.addMany(1) } }
        }
        #expect(await counter.count == 201)
    }

    @Test func `an executor which never started still serves its actor once stopped`() async {
        let counter = Counter()
        async let one: Void = counter.addMany(1)
        counter.thread.stop()
        await one
        #expect(await counter.count == 1)
    }

    @Test func `jobs that come while the thread is busy wake nobody`() async {
        let bell = Bell()
        let counter = Counter(bell: bell)
        counter.start()
        let (tasks, rings) = await counter.addLater(100)
        for task in tasks { await task.value }
        #expect(rings == 0)
        #expect(await counter.count == 100)
    }

    @Test func `jobs that the end of a wait brings about wake nobody`() async {
        let bell = Bell()
        let counter = Counter(bell: bell)
        counter.startMakingJobs()
        bell.happen()
        while await counter.count < 1 { await Task.yield() }
        #expect(await counter.ringsInside == 0)
    }

    @Test func `a job that a job made runs before the library has its turn`() async {
        let counter = Counter()
        counter.start()
        let (before, task) = await counter.turnsAround()
        #expect(await task.value == before)
    }

    @Test func `a task that prefers the thread stays there from one answer to the next`() async {
        let counter = Counter()
        counter.start()
        let thread = await counter.add()
        let tasks = PinnedTasks(on: counter.thread)
        let seen = await Task(executorPreference: tasks) {
            var seen = [Self.thread()]
            for _ in 0..<3 {
                seen.append(await counter.add())
                await withCheckedContinuation { continuation in
                    DispatchQueue.global().async { continuation.resume() }
                }
                seen.append(Self.thread())
            }
            return seen
        }.value
        #expect(seen.count == 7)
        #expect(seen.allSatisfy { $0 == thread })
    }

    @Test func `a task that prefers a stopped thread still ends`() async {
        let counter = Counter()
        counter.start()
        _ = await counter.add()
        counter.thread.stop()
        let task = Task(executorPreference: PinnedTasks(on: counter.thread)) {
            await Task.yield()
            await counter.addMany(1)
        }
        await task.value
        #expect(await counter.count == 2)
    }

    private static func thread() -> pthread_t { pthread_self() }

    @Test func `dropping the last reference ends the thread and frees the executor`() async {
        weak var thread: PinnedThread?
        do {
            let counter = Counter()
            counter.start()
            thread = counter.thread
            _ = await counter.add()
            #expect(thread != nil)
        }
        while thread != nil { await Task.yield() }
        #expect(thread == nil)
    }

    @Test func `outside code is told that it is not isolated`() async {
        let counter = Counter()
        counter.start()
        _ = await counter.add()
        #expect(counter.thread.isIsolatingCurrentContext() == false)
    }
}
