import ArgumentParser
import Foundation
import Glibc
import MeshClient
import MeshModel
import Recording

/// What it costs to record a day, and how long it takes to go to a moment of a long one.
struct RecordingBench: MeasuringCommand {
    static let configuration = CommandConfiguration(
        commandName: "recording", abstract: "The recorder's share of a core; seeking in a long day.",
        discussion: """
            The recorder is measured in a control plane on the simulated bar, by the time of its own thread. The long \
            day is what a simulated mesh told in some seconds, told again for hours by the writer that records days.
            """)

    @OptionGroup var options: BenchOptions
    @Option(help: "How many services the long day has.") var services = 100
    @Option(help: "How many hours it lasts.") var hours = 4.0

    func measure(seconds: Int) async throws -> [Figure] {
        tellProgress("recording: a control plane on the bar")
        let recorder = try await Self.recorder(seconds: max(seconds, 8))
        tellProgress("recording: writing \(hours) hours of \(services) services")
        let folder = try ScratchFolder()
        var day = try await LongDay.write(
            to: folder.path + "/day.jsonl", services: services, seconds: Int(hours * 3600))
        tellProgress("recording: going to and fro in it")
        let plain = try Self.seeking(in: day, what: "")
        tellProgress("recording: packing it")
        let clock = ContinuousClock()
        var packed: String?
        let packing = try clock.measure { packed = try RecordingPacker.pack(day.path) } / .seconds(1)
        guard let packed else { throw BenchError("the long day can not be packed") }
        let bytes = day.bytes
        (day.path, day.bytes) = (packed, try Self.size(of: packed))
        let share = String(format: "%.0f %% of the room", Double(day.bytes) / Double(bytes) * 100)
        let writing = Figure("recording", "writing an event", day.perEvent, "µs", note: "\(day.events) events")
        tellProgress("recording: writing it packed")
        let asItGoes = try await LongDay.write(
            to: folder.path + "/again.jsonl", services: services, seconds: Int(hours * 3600),
            segment: RecordingWriter.segment)
        let packedWriting = Figure(
            "recording", "writing an event, packed as it goes", asItGoes.perEvent, "µs",
            note: String(format: "%.0f %% of the room", Double(asItGoes.bytes) / Double(bytes) * 100))
        return [recorder, writing, packedWriting] + plain
            + [Figure("recording", "packing it", packing, "s", note: share)]
            + (try Self.seeking(in: day, what: ", packed")) + (try Self.seeking(in: asItGoes, what: ", as it goes"))
    }

    private static func size(of path: String) throws -> Int {
        try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
    }

    /// The processor time of the thread that records, which nothing else runs on.
    private static func recorder(seconds: Int) async throws -> Figure {
        let bar = try SimulatedProxies(services: nil)
        let program = try await ControlPlaneProgram(settings: bar.settings)
        try await program.waitUntilHeard(bar.names.count)
        try await Task.sleep(for: .seconds(2))
        let before = try time(ofThread: "gd-recorder", in: program.identifier)
        let start = ContinuousClock.now
        // A checkpoint comes each 120 polls, so that less would measure luck.
        try await Task.sleep(for: .seconds(max(120, seconds)))
        let spent = try time(ofThread: "gd-recorder", in: program.identifier) - before
        let passed = (ContinuousClock.now - start) / .seconds(1)
        return Figure(
            "recording", "the recorder on the bar, of a core", spent / passed * 100, "%", aim: "under 1",
            note: String(format: "over %.0f s, with a checkpoint", passed))
    }

    /// Seconds on a processor, which schedstat tells in nanoseconds.
    private static func time(ofThread name: String, in process: Int32) throws -> Double {
        let folder = "/proc/\(process)/task"
        for thread in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let words = try? String(contentsOfFile: "\(folder)/\(thread)/comm", encoding: .utf8)
            guard words?.trimmingCharacters(in: .whitespacesAndNewlines) == name else { continue }
            let numbers = try String(contentsOfFile: "\(folder)/\(thread)/schedstat", encoding: .utf8)
            if let nanoseconds = numbers.split(separator: " ").first.flatMap({ Double($0) }) {
                return nanoseconds / 1e9
            }
        }
        throw BenchError("the control plane has no thread \(name)")
    }

    private static func seeking(in day: LongDay, what: String) throws -> [Figure] {
        let clock = ContinuousClock()
        var reader: RecordingReader?
        let opening = try clock.measure { reader = try RecordingReader(path: day.path) } / .milliseconds(1)
        guard let reader else { throw BenchError("the long day can not be read") }
        var times: [Double] = []
        // Spread evenly and far apart, so that no seek finds what the one before has warmed.
        for step in 0..<200 {
            // The first seconds know only some of the services.
            let share = Double(step * 73 % 200 + 1) / 200
            let moment = reader.start.advanced(bySeconds: reader.duration * share)
            var state: MeshState?
            times.append(clock.measure { state = reader.state(at: moment).state } / .milliseconds(1))
            precondition(state?.services.count == day.services)
        }
        let story = reader.story()
        let query = try RecordingQuery(parsing: "p99 of \(day.callee) > 1ms")
        var hits = 0
        let search = clock.measure { hits = reader.hits(of: query, in: story).count } / .milliseconds(1)
        let size = Double(day.bytes) / 1e6
        let name = "\(day.services) services, \(Int(reader.duration / 3600 + 0.5)) h\(what)"
        return [
            Figure("recording", "\(name), seek", times.quantile(0.5), "ms", note: "median of 200"),
            Figure(
                "recording", "\(name), slowest seek", times.max() ?? .nan, "ms", aim: "under 50",
                note: String(format: "99th percentile %.1f ms", times.quantile(0.99))),
            Figure("recording", "\(name), opening", opening, "ms", note: String(format: "%.0f MB", size)),
            Figure("recording", "\(name), searching a condition", search, "ms", note: "\(hits) moments found"),
        ]
    }
}

/// A recording of many hours, made of what a simulated mesh told in some seconds.
struct LongDay {
    var path: String
    var services: Int
    var events = 0
    var bytes = 0
    /// Microseconds of processor time.
    var perEvent = 0.0
    /// A service that has traffic.
    var callee = ""

    static func write(to path: String, services: Int, seconds: Int, segment: Int? = nil) async throws -> LongDay {
        let polls = try await reports(services: services)
        guard let first = polls.first, !first.isEmpty else { throw BenchError("the simulated mesh told nothing") }
        let start = Timestamp(milliseconds: 1_790_000_000_000)
        let session = Session(
            id: "bench", name: "bench", mode: .simulated, startedAt: start, entrance: first[0].service,
            objectives: [
                Objective(name: "answered", service: first[0].service, indicator: .success(target: 0.995))
            ])
        let writer = RecordingWriter(
            path: path, header: RecordingHeader(program: "gameday-bench", created: start, session: session),
            segment: segment)
        var day = LongDay(path: path, services: services, callee: first[0].service.text)
        var state = MeshState()
        var spent = Duration.zero
        func tell(_ observation: Observation, _ at: Timestamp) {
            day.events += 1
            let event = Event(number: UInt64(day.events), at: at, observation: observation)
            state.apply(event)
            spent += ContinuousClock().measure { writer.append(event, state: state) }
        }
        tell(.session(session), start)
        for second in 1...max(1, seconds) {
            let at = start.advanced(bySeconds: Double(second))
            if second.isMultiple(of: 300) { tell(.note(Note(by: "bench", text: "\(second / 60) minutes")), at) }
            let reports = polls[second % polls.count]
            for (place, report) in reports.enumerated() {
                tell(.traffic(report), at.advanced(bySeconds: Double(place) / Double(reports.count) * 0.9))
            }
            spent += ContinuousClock().measure { _ = writer.flush() }
        }
        writer.close()
        day.bytes = writer.size
        day.perEvent = spent / .microseconds(1) / Double(day.events)
        return day
    }

    /// Some polls of every proxy, each as it was heard.
    private static func reports(services: Int) async throws -> [[TrafficReport]] {
        raiseDescriptorLimit()
        let proxies = try SimulatedProxies(services: services)
        let fleet = EnvoyFleet(proxies.endpoints, transport: try CurlTransport())
        let (turns, continuation) = AsyncStream.makeStream(of: EnvoyTurn.self)
        let polling = Task { await fleet.run(into: continuation) }
        defer { polling.cancel() }
        var heard: [String: [TrafficReport]] = [:]
        for await turn in turns {
            for case .traffic(let report) in turn.observations where report.inbound != nil {
                heard[report.source, default: []].append(report)
            }
            if heard.count == proxies.names.count, heard.values.allSatisfy({ $0.count >= 5 }) { break }
        }
        return (0..<5).map { round in heard.sorted { $0.key < $1.key }.map { $0.value[round] } }
    }
}
