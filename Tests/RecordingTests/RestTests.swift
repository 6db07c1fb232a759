import MeshModel
import TestKit
import Testing

@testable import Recording

/// What a mesh in which nothing happens costs.
@Suite struct RestTests {
    private static let start = Timestamp(milliseconds: 1_790_000_000_000)

    /// Polls of so many services, of which only those that are awake have traffic; a caller and an edge each.
    private func day(services: Int, seconds: Int, isAwake: (Int, Int) -> Bool) -> [Event] {
        var day: [Event] = []
        func tell(_ observation: Observation, _ at: Timestamp) {
            day.append(Event(number: UInt64(day.count + 1), at: at, observation: observation))
        }
        let session = Session(
            id: "rest", name: "rest", mode: .live, startedAt: Self.start, entrance: "service-0", objectives: [])
        tell(.session(session), Self.start)
        for second in 0..<seconds {
            // Half of them half a second later, as slots are; of each half all at one moment.
            for half in 0..<2 {
                let at = Self.start.advanced(bySeconds: Double(second) + Double(half) * 0.5)
                for service in stride(from: half, to: services, by: 2) {
                    let rest = second == 0 ? nil : sample(isAwake: isAwake(service, second), late: second % 3)
                    tell(
                        .traffic(
                            TrafficReport(
                                source: "service-\(service)", service: ServiceName("service-\(service)"), inbound: rest,
                                outbound: [.init(to: ServiceName("service-\(service + 1)"), sample: rest)])), at)
                }
            }
        }
        return day
    }

    private func sample(isAwake: Bool, late: Int) -> TrafficSample {
        var sample = TrafficSample(milliseconds: 1000 + Int64(late))
        sample.active = 0
        sample.latency = LatencyHistogram()
        (sample.healthyHosts, sample.totalHosts) = (2, 2)
        guard isAwake else { return sample }
        (sample.completed, sample.answers2xx) = (3, 3)
        sample.latency = LatencyHistogram([.init(lower: 4, width: 0.1, count: 3)])
        return sample
    }

    @Test func `a mesh that rests costs next to nothing, and is read as it was`() throws {
        let day = day(services: 400, seconds: 60) { _, second in second < 3 || second > 56 }
        // The Recorder takes what came in half a second at once.
        var encoder = RecordingEncoder(header: RecordingHeader(program: "test", created: Self.start, session: nil))
        var state = MeshState()
        var bytes: [UInt8] = []
        var resting = 0
        var batch: [Event] = []
        for (place, event) in day.enumerated() {
            state.apply(event)
            batch.append(event)
            guard place + 1 == day.count || day[place + 1].at != event.at else { continue }
            let before = encoder.count
            encoder.append(batch, state: nil)
            if (6...54).contains(Int(event.at.seconds(since: Self.start))) { resting += encoder.count - before }
            batch = []
            bytes += encoder.drain()
        }
        encoder.end()
        bytes += encoder.drain()
        #expect(resting < 49 * 2 * 60, "\(resting) bytes in 49 s of 400 services")
        var cursor = try RecordingReader(bytes: bytes).events()
        for event in day { #expect(cursor.next() == event) }
        #expect(cursor.next() == nil && cursor.unreadable == 0 && cursor.hasEnded)
    }

    @Test func `of a mesh that rests by turns every state is found again`() throws {
        let day = day(services: 40, seconds: 700) { service, second in (service / 3 + second / 40) % 4 == 0 }
        var encoder = RecordingEncoder(header: RecordingHeader(program: "test", created: Self.start, session: nil))
        var state = MeshState()
        var states: [(number: UInt64, state: MeshState)] = []
        for start in stride(from: 0, to: day.count, by: 20) {
            let batch = Array(day[start..<min(day.count, start + 20)])
            for event in batch { state.apply(event) }
            encoder.append(batch, state: state)
            if start % 3500 == 0 { states.append((state.lastNumber, state)) }
        }
        encoder.end()
        let reader = try RecordingReader(bytes: encoder.drain())
        #expect(reader.verified().isSound && reader.verified().events == day.count)
        #expect(reader.index.checkpoints.count > 4 && states.count > 6)
        for (number, live) in states {
            let (found, _) = reader.state(after: number)
            #expect(found == live, "after \(number)")
        }
        let query = try RecordingQuery(parsing: "rate of service-5 > 1")
        #expect(reader.hits(of: query, in: reader.story()).count > 3)
    }

    @Test(arguments: [
        "[0,\"#rest\",0,[99]]", "[0,\"#rest\",0,[-1]]", "[0,\"#rest\",0,[0,-9]]", "[0,\"#rest\",0,[]]",
        "[0,\"#rest\",9223372036854775807,[0,1,2]]", "[0,\"#rest\",0,[0,-9223372036854775808]]", "[0,\"#rest\"]",
        "[0,\"#rest\",0,[0,1000000000000,-5]]", "[0,\"#rest\",0,[0,-1048575,-1048575]]", "[0,\"#rest\",0,[0,1",
        "[0,0,0,0,0,0,0]", "[0,0,0,0.5]", "[0,0,0,00]", "[0,0,0,0,true,0]",
    ])
    func `what cannot be rest is passed over`(line: String) throws {
        let header = #"{"gameday":3,"program":"test","created":0,"session":null}"#
        let shape = ##"[0,"#shape",0,{"source":"a","service":"a","to":["b"],"every":1000,"rest":[[0,null],[0,1]]}]"##
        let text = [header, shape, line, #"[5,0,0,0]"#, ""].joined(separator: "\n")
        var cursor = try RecordingReader(bytes: Array(text.utf8)).events()
        let found = cursor.next()
        let event = try #require(found)
        guard case .traffic(let report) = event.observation else {
            Issue.record("no poll")
            return
        }
        #expect(cursor.next() == nil && cursor.unreadable == 1)
        #expect(report.inbound?.milliseconds == 1000 && report.inbound?.latency == LatencyHistogram())
        #expect(report.outbound.first?.sample?.healthyHosts == 1)
    }
}
