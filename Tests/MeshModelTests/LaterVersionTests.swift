import MeshModel
import Testing

/// A reader takes what it knows from the feed of a later version, and loses nothing else over a word that it does not.
@Suite struct LaterVersionTests {
    private static let fault = Fault(
        id: "F1", kind: .abort(status: 503), edge: Edge(from: "bar", to: "taps"), share: 0.5, by: "mv",
        requestedAt: Timestamp(milliseconds: 1), leaseEnds: Timestamp(milliseconds: 90_000), phase: .active,
        sources: ["bar"])
    private static let source = SourceReport(
        name: "bar", kind: .envoy, endpoint: "http://h", service: "bar", state: .fresh)

    private func line(_ observation: Observation) -> String {
        let bytes = EventWire.line(Event(number: 7, at: Timestamp(milliseconds: 5), observation: observation))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The event as a later version writes it, with one word more than this one knows.
    private func read(
        _ observation: Observation, _ word: String, as later: String
    ) throws -> (written: String, reading: EventWire.Reading) {
        let written = line(observation)
        let changed = written.replacing("\"\(word)\"", with: "\"\(later)\"")
        #expect(changed != written)
        return (changed, try EventWire.read(Array(changed.utf8)))
    }

    @Test func `a fault in a phase that is not known stands, and is told back as it came`() throws {
        let (written, reading) = try read(.fault(Self.fault), "active", as: "paused")
        guard case .event(let event) = reading, case .fault(let fault) = event.observation else {
            Issue.record("it was lost: \(reading)")
            return
        }
        #expect(fault.phase == .other("paused") && !fault.phase.isOver)
        #expect(line(event.observation) == written)
        var mesh = MeshState()
        mesh.apply(event)
        #expect(mesh.activeFaults.map(\.id) == ["F1"])
        #expect(mesh.timeline.last.map { Narrator.sentence(of: $0, in: mesh) }?.contains("is paused") == true)
    }

    @Test func `a source in a state that is not known is kept, and is not fresh`() throws {
        let (written, reading) = try read(.source(Self.source), "fresh", as: "draining")
        guard case .event(let event) = reading, case .source(let report) = event.observation else {
            Issue.record("it was lost: \(reading)")
            return
        }
        #expect(report.state == .other("draining"))
        #expect(line(event.observation) == written)
    }

    @Test func `what is no word is never shown as one`() throws {
        #expect(FaultPhase(rawValue: "\u{1b}[2J") == .other("unknown"))
        #expect(SourceState(rawValue: "fresh") == .fresh)
    }

    @Test func `a line of the timeline is its words, whatever it is about`() throws {
        var mesh = MeshState()
        mesh.timeline = [
            TimelineEntry(at: Timestamp(milliseconds: 5), kind: .halt, tone: .warn, turn: .words("it snows"))
        ]
        for (word, later) in [("halt", "weather"), ("warn", "icy")] {
            guard case .event(let event) = try read(.keyframe(mesh), word, as: later).reading,
                case .keyframe(let read) = event.observation, let entry = read.timeline.first
            else {
                Issue.record("the key frame was lost over \(later)")
                continue
            }
            #expect(entry.text == "it snows")
            #expect(entry.kind == (word == "halt" ? .other : .halt))
            #expect(entry.tone == (word == "warn" ? .plain : .warn))
        }
    }

    @Test func `an event with another word that is not known still has its number`() throws {
        let session = Session(id: "s", name: "bar", mode: .live, startedAt: Timestamp(milliseconds: 0))
        let (_, reading) = try read(.session(session), "live", as: "shadow")
        #expect(reading == .unknown(kind: "session", number: 7, at: Timestamp(milliseconds: 5)))
    }

    @Test func `a key frame loses no more than the part with the word`() throws {
        var mesh = MeshState()
        mesh.recording = RecordingStatus(.on)
        mesh.faults = [Self.fault]
        for id in ["R1", "R2"] {
            mesh.experiments.append(
                ExperimentReport(
                    id: id, file: "f", title: "t", by: "mv", startedAt: Timestamp(milliseconds: 1),
                    phase: id == "R1" ? .gate : .method))
        }
        guard case .event(let event) = try read(.keyframe(mesh), "gate", as: "warm-up").reading,
            case .keyframe(let read) = event.observation
        else {
            Issue.record("the key frame was lost")
            return
        }
        #expect(read.experiments.map(\.id) == ["R2"])
        #expect(read.faults == [Self.fault])
        guard case .event(let other) = try self.read(.keyframe(mesh), "on", as: "dim").reading,
            case .keyframe(let dim) = other.observation
        else {
            Issue.record("the key frame was lost")
            return
        }
        #expect(dim.recording == nil && dim.experiments.count == 2)
    }

    @Test func `a run is shown without the step that is not known`() throws {
        var run = ExperimentReport(
            id: "R1", file: "f", title: "t", by: "mv", startedAt: Timestamp(milliseconds: 1), phase: .method)
        run.activities = [
            .init(id: 1, part: .method, kind: .action, name: "a", touches: "", isInBackground: false, state: .running),
            .init(id: 2, part: .method, kind: .probe, name: "b", touches: "", isInBackground: false, state: .planned),
        ]
        guard case .event(let event) = try read(.experiment(run), "running", as: "resting").reading,
            case .experiment(let read) = event.observation
        else {
            Issue.record("the run was lost")
            return
        }
        #expect(read.activities.map(\.id) == [2])
    }
}
