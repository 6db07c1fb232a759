import MeshModel
import Synchronization
import TestKit
import Testing

@testable import MeshClient

/// Objects are followed through all that happens to a watch.
@Suite(.timeLimit(.minutes(2))) struct KubeFollowerTests {
    private let folder: KubeFolder
    private let standIn: StandInCluster

    init() throws {
        folder = try KubeFolder()
        standIn = try StandInCluster(objects: try KubernetesFixtures.bookinfo())
    }

    /// A follower at work, whose changes the test waits for: pods by their `app`.
    private final class Followed<C: Clock>: Sendable where C.Duration == Duration {
        private let work: Task<Void, Never>
        private let changes: AsyncStream<KubeFollower<String, C>.Change>
        private let silences = Mutex(0)
        private let known = Mutex<[KubeName: String]>([:])

        init(_ cluster: KubeCluster, labels: String? = nil, pulse: KubePulse<C>? = nil, clock: C) {
            let follower = KubeFollower(
                .pods, in: "bookinfo", labels: labels, of: cluster, pulse: pulse, clock: clock
            ) { $0.labels["app"] }
            let (changes, continuation) = AsyncStream.makeStream(of: KubeFollower<String, C>.Change.self)
            self.changes = changes
            work = Task {
                await withTaskGroup { group in
                    if let pulse { group.addTask { await pulse.run() } }
                    group.addTask { await follower.run { continuation.yield($0) } }
                }
            }
        }

        deinit { work.cancel() }

        /// Takes over changes until one that is meant.
        func changes(until isMeant: (KubeFollower<String, C>.Change) -> Bool) async -> KubeFollower<String, C>.Change? {
            for await change in changes {
                known.withLock { known in
                    switch change {
                    case .all(let all): known = all
                    case .put(let name, let app): known[name] = app
                    case .removed(let name): known[name] = nil
                    case .silent: silences.withLock { $0 += 1 }
                    case .back: break
                    }
                }
                if isMeant(change) { return change }
            }
            return nil
        }

        func list() async { _ = await changes { if case .all = $0 { true } else { false } } }
        func back() async { _ = await changes { if case .back = $0 { true } else { false } } }

        func put(_ name: String) async {
            _ = await changes { if case .put(let put, _) = $0 { put.name == name } else { false } }
        }

        func removed(_ name: String) async {
            _ = await changes { if case .removed(let put) = $0 { put.name == name } else { false } }
        }

        func silence() async -> (age: Duration, why: KubeError)? {
            guard
                case .silent(let age, let why)? = await changes(until: { if case .silent = $0 { true } else { false } })
            else { return nil }
            return (age, why)
        }

        var wasSilent: Bool { silences.withLock { $0 > 0 } }

        var names: [String] { known.withLock { $0.keys.map(\.name).sorted() } }
    }

    private func pod(_ name: String, app: String = "new", _ namespace: String = "bookinfo") -> JSON {
        [
            "apiVersion": "v1", "kind": "Pod",
            "metadata": ["name": .string(name), "namespace": .string(namespace), "labels": ["app": .string(app)]],
        ]
    }

    /// Waits until a watch is open.
    private func watched() async throws {
        while standIn.watchCount == 0 { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test func `all there are come first, page by page, and then each change`() async throws {
        for number in 0..<1200 { standIn.put(pod("many-\(number)")) }
        let followed = Followed(try folder.cluster(standIn.url), clock: ContinuousClock())
        await followed.list()
        #expect(followed.names.count == 1206)
        let lists = standIn.requests.filter { $0.query["watch"] == nil }
        #expect(lists.map { $0.query["limit"] } == ["500", "500", "500"] && lists[2].query["continue"] != nil)
        try await watched()
        standIn.put(pod("later"))
        await followed.put("later")
        standIn.put(pod("elsewhere", "default"))
        standIn.remove("Pod", "many-7", in: "bookinfo")
        await followed.removed("many-7")
        #expect(followed.names.count == 1206 && !followed.names.contains("elsewhere"))
        standIn.put(["apiVersion": "v1", "kind": "Pod", "metadata": ["name": "later", "namespace": "bookinfo"]])
        await followed.removed("later")
    }

    @Test func `what is selected by its labels comes and goes with them`() async throws {
        let followed = Followed(try folder.cluster(standIn.url), labels: "app=new", clock: ContinuousClock())
        await followed.list()
        try await watched()
        standIn.put(pod("one"))
        await followed.put("one")
        standIn.put(pod("one", app: "old"))
        await followed.removed("one")
        #expect(followed.names.isEmpty)
    }

    @Test func `a watch that ends is taken up from the last version, bookmarks counted`() async throws {
        let followed = Followed(try folder.cluster(standIn.url), clock: ContinuousClock())
        await followed.list()
        try await watched()
        standIn.put(pod("elsewhere", "default"))
        standIn.bookmark()
        standIn.put(pod("one"))
        await followed.put("one")
        let seen = standIn.object("Pod", "one", in: "bookinfo")?["metadata"]?["resourceVersion"]?.string
        standIn.endWatches()
        try await watched()
        standIn.put(pod("two"))
        await followed.put("two")
        #expect(standIn.requests.last?.query["resourceVersion"] == seen)
        #expect(standIn.requests.last?.query["allowWatchBookmarks"] == "true")
        #expect(standIn.requests.filter { $0.query["watch"] == nil }.count == 1)
    }

    @Test func `a version that is too old means a new list, told as an event or as a status`() async throws {
        let followed = Followed(try folder.cluster(standIn.url), clock: ContinuousClock())
        await followed.list()
        try await watched()
        standIn.silence()
        standIn.put(pod("missed"))
        standIn.silence(false)
        standIn.forget()
        standIn.endWatches()
        await followed.list()
        #expect(followed.names.contains("missed"))
        try await watched()
        standIn.put(pod("missed too"))
        standIn.answer(.refusal(410, "Expired", "too old"), times: 1) { $0.query["watch"] != nil }
        standIn.endWatches()
        await followed.list()
        #expect(!followed.wasSilent)
    }

    @Test func `a list that grows too old between its pages begins anew`() async throws {
        for number in 0..<700 { standIn.put(pod("many-\(number)")) }
        let forgetful = standIn
        let once = Mutex(false)
        standIn.script { request, _ in
            let isFirst = once.withLock { done in
                defer { if request.query["continue"] != nil { done = true } }
                return !done && request.query["continue"] != nil
            }
            if isFirst { forgetful.forget() }
            return nil
        }
        let followed = Followed(try folder.cluster(standIn.url), clock: ContinuousClock())
        await followed.list()
        #expect(followed.names.count == 706)
    }

    @Test func `a server that is gone is told once, and so is that it is back with what was missed`() async throws {
        let followed = Followed(try folder.cluster(standIn.url), clock: ContinuousClock())
        await followed.list()
        try await watched()
        standIn.stop()
        let silence = try #require(await followed.silence())
        #expect(
            silence.why.summary == "Connection closed before the response was complete"
                || silence.why.summary == "Connection refused")
        #expect(silence.age < .seconds(30))
        standIn.put(pod("meanwhile"))
        try standIn.start()
        await followed.back()
        await followed.put("meanwhile")
    }

    @Test func `a watch without a sign of life is not believed for ever`() async throws {
        let clock = ManualClock()
        let followed = Followed(try folder.cluster(standIn.url), clock: clock)
        await followed.list()
        try await watched()
        await clock.waitForSleepers()
        standIn.silence()
        standIn.put(pod("unseen"))
        standIn.silence(false)
        clock.advance(by: .seconds(71))
        // It is taken up where it was: what was missed comes, and a quiet kind is not called unreachable.
        await followed.put("unseen")
        #expect(!followed.wasSilent)
    }

    @Test func `a watch that can't be taken up after its silence is told`() async throws {
        let clock = ManualClock()
        let followed = Followed(try folder.cluster(standIn.url), clock: clock)
        await followed.list()
        try await watched()
        await clock.waitForSleepers()
        standIn.answer(.refusal(503, "ServiceUnavailable", "no")) { $0.query["watch"] != nil }
        clock.advance(by: .seconds(71))
        let silence = try #require(await followed.silence())
        #expect(silence.age == .seconds(71) && silence.why.refusal?.status == 503)
        standIn.clearScripts()
        await clock.waitForSleepers()
        clock.advance(by: .seconds(2))
        await followed.back()
    }

    @Test func `a server that is not ready is told although its watch stays open`() async throws {
        let cluster = try folder.cluster(standIn.url)
        let pulse = KubePulse(of: cluster, every: .milliseconds(20), clock: ContinuousClock())
        let followed = Followed(cluster, pulse: pulse, clock: ContinuousClock())
        await followed.list()
        try await watched()
        standIn.setReady(false)
        let silence = try #require(await followed.silence())
        #expect(silence.why.refusal?.status == 500)
        standIn.setReady(true)
        await followed.back()
    }

    @Test func `a server that is there again is seen at once, however long the next wait was to be`() async throws {
        let clock = ManualClock()
        let cluster = try folder.cluster(standIn.url)
        let pulse = KubePulse(of: cluster, clock: clock)
        let followed = Followed(cluster, pulse: pulse, clock: clock)
        await followed.list()
        try await watched()
        standIn.stop()
        _ = await followed.silence()
        for _ in 0..<20 {
            await clock.waitForSleepers(2)
            clock.advance(by: .seconds(1))
        }
        await clock.waitForSleepers(2)
        #expect(pulse.failure != nil)
        // A real one refuses watches for a moment then.
        let early = StandInCluster.Answer.refusal(
            429, "TooManyRequests", "storage is (re)initializing", headers: ["Retry-After: 1"])
        standIn.answer(early, times: 1) { $0.query["watch"] != nil }
        let before = standIn.requests.count
        try standIn.start()
        clock.advance(by: .seconds(1))
        while !standIn.requests.dropFirst(before).contains(where: { $0.query["watch"] != nil }) {
            try await Task.sleep(for: .milliseconds(5))
        }
        await clock.waitForSleepers(2)
        clock.advance(by: .seconds(2))
        await followed.back()
    }

    @Test func `a line that is no event, or none that anybody could hold, ends in words and a new list`() async throws {
        let followed = Followed(try folder.cluster(standIn.url), clock: ContinuousClock())
        await followed.list()
        try await watched()
        standIn.tellWatches("{\"type\":\"ADDED\"}\n")
        let silence = try #require(await followed.silence())
        #expect(silence.why.remedy?.contains("invalid watch event") == true)
        await followed.list()
        await followed.back()
        var lines = KubeWatchLines()
        let long = [UInt8](repeating: 0x20, count: KubeWatchLines.longest)
        #expect(throws: Never.self) { try lines.take(long) }
        #expect(throws: KubeWatchLines.Mistake.tooLong) { try lines.take([0x20]) }
    }

    @Test func `who may not list is told why, and sees all once he may`() async throws {
        standIn.admit("me", token: "t", rules: [])
        let clock = ManualClock()
        let followed = Followed(try folder.cluster(standIn.url, user: "token: t"), clock: clock)
        let silence = try #require(await followed.silence())
        #expect(silence.why.refusal?.isForbidden == true)
        standIn.admit("me", token: "t", rules: [["verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]]])
        await clock.waitForSleepers()
        clock.advance(by: .seconds(2))
        await followed.list()
        #expect(followed.names.count == 6)
    }
}
