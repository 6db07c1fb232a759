import MeshModel

@testable import MeshClient

extension FuzzTarget {
    /// What Istio's sidecars and istiod answer, and how an API server carries it.
    static let istio: [FuzzTarget] = [
        FuzzTarget(name: "istio-page", longest: 16384) { bytes in
            // A reader remembers label sets; what it makes of a page must not depend on what it read before.
            var wire = IstioPageWire(seed: 1)
            var page = IstioPage()
            var sampler = IstioSampler()
            for body in bytes.split(separator: 0).prefix(6).map(Array.init) {
                var fresh = IstioPageWire(seed: 2)
                var alone = IstioPage()
                let isGood = (try? wire.read(body, into: &page)) != nil
                try requireSame(
                    (try? fresh.read(body, into: &alone)) != nil, isGood, "it is read only after another page")
                guard isGood else { continue }
                try requireSame(told(page, wire), told(alone, fresh), "after another page it says")
                let around = IstioSampler.Surroundings(
                    service: "a", name: { $0.service.map { ServiceName($0) } }, isHeard: { _ in false })
                for report in sampler.sample(&page, of: wire, source: "a", seconds: 1, in: around) {
                    try readAgain(.traffic(report))
                }
            }
        },
        FuzzTarget(name: "istio-clusters", longest: 16384) { bytes in
            var attempts = IstioAttempts()
            for body in bytes.split(separator: 0).prefix(4).map(Array.init) {
                guard let clusters = try? IstioClusters(body) else { continue }
                try require((try? JSON(parsing: body)) == nil || body.count > 0, "it reads nothing")
                let report = attempts.sample(clusters, source: "a", service: "a", isGateway: false, seconds: 1)
                for sample in report.outbound.compactMap(\.sample) {
                    try require(sample.healthyHosts ?? 0 <= sample.totalHosts ?? 0, "more are healthy than there are")
                }
                try readAgain(.traffic(report))
            }
        },
        FuzzTarget(name: "istiod-sync", longest: 16384) { bytes in
            guard let sync = try? IstiodSync(bytes) else { return }
            let united = IstiodSync(uniting: [sync, sync])
            try require(united.proxies.count <= sync.proxies.count, "more proxies than there are")
            for proxy in sync.proxies {
                try require(!proxy.name.isEmpty && !proxy.namespace.contains("."), "no pod is called that")
                try require(united.proxy(ofPod: proxy.name, in: proxy.namespace) != nil, "a proxy is lost")
                guard proxy.state == .synced else { continue }
                let open = proxy.standings.values.filter { $0.sent != $0.acked }
                try require(open.isEmpty, "it is synced and waits for \(open)")
            }
        },
        FuzzTarget(name: "web-socket") { bytes in
            // Wherever the stream is cut, the same comes out of it.
            let (cuts, stream) = bytes.halves
            let whole = frames(of: [stream])
            var pieces: [[UInt8]] = []
            var rest = stream[...]
            for cut in cuts where !rest.isEmpty {
                pieces.append(Array(rest.prefix(Int(cut))))
                rest = rest.dropFirst(Int(cut))
            }
            try requireSame(frames(of: pieces + [Array(rest)]), whole, "cut otherwise it tells otherwise")
        },
        FuzzTarget(name: "web-socket-open") { bytes in
            let whole = outcome(of: [bytes])
            try requireSame(outcome(of: bytes.map { [$0] }), whole, "cut otherwise it tells otherwise")
        },
    ]

    private static func outcome(of pieces: [[UInt8]]) -> String {
        var handshake = WebSocketHandshake(nonce: [UInt8](repeating: 0, count: 16))
        for (place, piece) in pieces.enumerated() {
            do throws(WebSocketError) {
                let outcome = try piece.withRawBytes { bytes throws(WebSocketError) in try handshake.take(bytes) }
                guard let outcome else { continue }
                // What follows a yes comes with it, or later.
                guard case .open(let rest) = outcome else { return "\(outcome)" }
                return "open \((rest + pieces[(place + 1)...].flatMap { $0 }).count)"
            } catch {
                return error.found
            }
        }
        return "more"
    }

    private static func frames(of pieces: [[UInt8]]) -> String {
        var reader = WebSocketReader()
        var channels = PodChannels(port: 15000)
        var (pod, told): ([UInt8], [String]) = ([], [])
        for piece in pieces {
            do throws(WebSocketError) {
                try piece.withRawBytes { bytes throws(WebSocketError) in
                    try reader.take(bytes) { event throws(WebSocketError) in
                        switch event {
                        case .piece(let bytes, let isFirst, let isLast):
                            try channels.take(bytes, isFirst: isFirst, isLast: isLast, into: &pod)
                        case .ping(let bytes): told.append("ping \(bytes)")
                        case .pong: told.append("pong")
                        case .close(let code, let reason): told.append("close \(code ?? 0) \(reason)")
                        }
                    }
                }
            } catch {
                told.append(error.found)
                break
            }
        }
        return "\(told) \(pod) \(channels.trouble)"
    }

    /// What a page says, whatever its numbers are.
    private static func told(_ page: IstioPage, _ wire: IstioPageWire) -> [String] {
        var told: [String: [String]] = [:]
        for (number, series) in wire.series.enumerated() {
            let buckets = wire.bounds.indices.filter { page.bucket($0, of: number) != nil }
                .map { "\(wire.bounds[$0]) \(page.bucket($0, of: number) ?? 0)" }.sorted()
            guard page.requests(of: number) != nil || !buckets.isEmpty else { continue }
            let key = "\(wire.scopes[series.scope]) \(series.answerClass) \(series.flags) \(series.isMutualTLS as Any)"
            told[key, default: []].append("\(page.requests(of: number) ?? 0) \(buckets)")
        }
        return told.map { "\($0.key) \($0.value.sorted())" }.sorted()
    }
}
