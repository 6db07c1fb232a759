import FoundationEssentials
import Glibc
import MeshClient
import MeshModel
import Synchronization
import TestKit
import Testing

@testable import gameday

/// What a control plane holds after many runs, and a dashboard before many events, is what it held before.
@Suite(.timeLimit(.minutes(3)), .serialized) struct GrowthTests {
    private func count(_ folder: String, of process: pid_t) -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/\(folder)").count) ?? -1
    }

    @Test func `A control plane holds no thread and no descriptor more after fifty runs`() async throws {
        let bar = try StubEnvoy(service: "bar", callees: ["taps"])
        let home = try GamedayHome()
        try #require(mkdir(home.folder + "/experiments", 0o700) == 0)
        let probes = (0..<6).map { number in
            number.isMultiple(of: 2)
                ? "- {type: probe, name: p\(number), provider: {type: process, path: /bin/true}}"
                : "- {type: probe, name: p\(number), provider: {type: http, url: \"\(bar.url)/server_info\"}}"
        }
        home.write(
            "title: Six looks\ndescription: d\nmethod:\n\(probes.joined(separator: "\n"))\nrollbacks: []\n",
            to: "experiments/looks.yaml")
        let client = try await home.up([("bar", bar.url)], edges: 1)
        let process = try #require(home.controlPlane)
        func run() async throws {
            let run = try await client.start(ExperimentRequest(name: "looks", by: "test"))
            try await home.wait(client) { $0.experiments.last { $0.id == run.id }?.isOver == true }
        }
        // The first open what is kept for the others.
        for _ in 0..<5 { try await run() }
        let (threads, descriptors) = (count("task", of: process), count("fd", of: process))
        for _ in 0..<50 { try await run() }
        // Connections that were just hung up, and the thread of the last run, take a moment; a pool of threads may have
        // one more or less.
        var more = (threads: 0, descriptors: 0)
        for _ in 0..<500 {
            more = (count("task", of: process) - threads, count("fd", of: process) - descriptors)
            if more.threads <= 2, more.descriptors <= 2 { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(more.threads <= 2 && more.descriptors <= 2, "\(more) more")
        #expect(try await home.run("down").code == 0)
    }

    @Test func `A reader of events waits while the screen has not taken them`() async throws {
        let room = Room(for: 3)
        let entered = Counter()
        let reader = Task {
            for _ in 0..<10 {
                await room.enter()
                entered.add()
            }
        }
        try await entered.wait(until: 3)
        for _ in 0..<20 { await Task.yield() }
        #expect(entered.value == 3)
        for _ in 0..<4 { room.leave() }
        try await entered.wait(until: 7)
        #expect(entered.value == 7)
        reader.cancel()
        await reader.value
        #expect(entered.value == 10, "a cancelled reader waits for nobody")
    }
}

private final class Counter: Sendable {
    private let stream = AsyncStream.makeStream(of: Void.self)
    private let count = Mutex(0)

    var value: Int { count.withLock { $0 } }

    func add() {
        count.withLock { $0 += 1 }
        stream.continuation.yield()
    }

    func wait(until wanted: Int) async throws {
        if value >= wanted { return }
        for await _ in stream.stream where value >= wanted { return }
    }
}
