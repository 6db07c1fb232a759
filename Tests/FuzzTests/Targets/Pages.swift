import DemoMesh
import MeshModel

@testable import MeshClient

extension FuzzTarget {
    /// What proxies answer.
    static let pages: [FuzzTarget] = [
        FuzzTarget(name: "stats", longest: 16384) { bytes in
            // A reader remembers the page before; what it makes of the next one must not depend on that.
            var wire = EnvoyStatsWire(naming: EnvoyNaming())
            var page = EnvoyStatsPage()
            var sampler = EnvoySampler()
            for body in bytes.split(separator: 0).prefix(6).map(Array.init) {
                var fresh = EnvoyStatsWire(naming: EnvoyNaming())
                var alone = EnvoyStatsPage()
                let isGood = (try? wire.read(body, into: &page)) != nil
                try requireSame(
                    (try? fresh.read(body, into: &alone)) != nil, isGood, "it is read only after another page")
                guard isGood else { continue }
                try requireSame(told(page, wire), told(alone, fresh), "after another page it says")
                let report = sampler.sample(
                    &page, scopes: wire.scopes, source: "a", service: "a", seconds: 1)
                try readAgain(.traffic(report))
            }
        },
        FuzzTarget(name: "scanner") { bytes in
            let isValue = (try? JSON(parsing: bytes)) != nil
            let member = bytes + [UInt8(ascii: ",")]
            let isSkipped = member.withUnsafeBufferPointer { buffer in
                var scanner = ByteScanner(buffer, page: "page")
                guard (try? scanner.skipValue("")) != nil else { return false }
                scanner.skipSpace()
                return scanner.at == bytes.count
            }
            // It may take what is no JSON, since nothing is made of it, but never the reverse.
            try require(!isValue || isSkipped, "a value can't be passed over")
            try bytes.withUnsafeBufferPointer { buffer in
                for start in 0..<min(buffer.count, 32) {
                    for step in 0..<6 {
                        var scanner = ByteScanner(buffer, page: "page")
                        scanner.at = start
                        switch step {
                        case 0: _ = try? scanner.count("")
                        case 1: _ = try? scanner.double("")
                        case 2: _ = try? scanner.text("")
                        case 3: _ = scanner.plainCount()
                        case 4: _ = scanner.plainDouble()
                        default: _ = try? scanner.rawText("")
                        }
                        try require(scanner.at >= start && scanner.at <= buffer.count, "it left the page")
                    }
                }
            }
        },
        FuzzTarget(name: "server-info") { bytes in
            guard let node = try? EnvoyServerInfoWire.node(bytes) else { return }
            let name = EnvoyShape.service(of: node, given: nil, address: "127.0.0.1:9901", rules: [])
            try require(!name.value.text.isEmpty, "a service without a name")
        },
        FuzzTarget(name: "runtime") { bytes in
            guard let runtime = try? EnvoyRuntime(bytes) else { return }
            for fault in runtime.foreignFaults() {
                try require(fault.share > 0 && fault.share <= 1, "a share of \(fault.share)")
                try require(fault.keys.allSatisfy { runtime.values[$0] != nil }, "a key that is not there")
            }
        },
        FuzzTarget(name: "sidecar", longest: 16384) { bytes in
            // Whatever a proxy answers becomes observations that can be written and read.
            var endpoint = EnvoyEndpoint(admin: "http://127.0.0.1:9901")
            if bytes.first == 0x73 { endpoint.service = "door" }
            let sidecar = EnvoySidecar(endpoint, naming: EnvoyNaming(), deadline: .seconds(1))
            let directory = EnvoyDirectory()
            for (turn, body) in bytes.dropFirst().split(separator: 0).prefix(5).enumerated() {
                let answer = HTTPResponse(status: body.first == 0x21 ? 503 : 200, headers: [], body: Array(body))
                for observation in sidecar.receive(.success(answer), at: Double(turn), directory: directory) {
                    try readAgain(observation)
                }
            }
        },
        FuzzTarget(name: "prometheus", longest: 16384) { bytes in
            // Whatever a server answers to the questions of a round becomes observations that can be written and read.
            let asking = MeshAsking(window: "1m", matchers: "", quantiles: [0.5, 0.99])
            for metrics in [IstioMetrics(), LinkerdMetrics(), EnvoyMetrics(label: "app")] as [any MeshMetrics] {
                let bodies = bytes.split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
                var answers = MeshAnswers()
                for (question, body) in zip(metrics.questions(asking), bodies) {
                    guard let answer = try? PrometheusWire.read(body, labels: question.labels) else { continue }
                    try require(
                        answer.series.allSatisfy { $0.labels.count == question.labels.count }, "a label is missing")
                    answers.take(answer, for: question.part)
                }
                var sampler = RateSampler(quantiles: asking.quantiles)
                for report in sampler.reports(of: metrics.mesh(of: answers), source: "prometheus", seconds: 15) {
                    try readAgain(.traffic(report))
                }
            }
            _ = PrometheusTargets.interval(bytes, jobs: [])
        },
    ]

    static func readAgain(_ observation: Observation) throws {
        let event = Event(number: 1, at: Timestamp(milliseconds: 1), observation: observation)
        let line = EventWire.line(event)
        guard case .event(let again) = try EventWire.read(line) else { throw Broken("its own line is unknown") }
        try requireSame(EventWire.line(again).text, line.text, "written twice it is another line")
    }

    /// What a page says, by names, since each reader numbers scopes as they come.
    private static func told(_ page: EnvoyStatsPage, _ wire: EnvoyStatsWire) -> [String] {
        let scopes = wire.scopes.enumerated().filter { page.mentions($0.offset) }.map { number, scope in
            let values = EnvoyStat.allCases.map { page[number, $0].map { "\($0)" } ?? "-" }.joined(separator: " ")
            return "\(scope) \(values) \(page.hasLatency(number) ? "\(page.latencies[number])" : "-")"
        }
        return scopes.sorted() + ["\(page.uptime ?? 0) \(page.state ?? 0)"]
    }
}
