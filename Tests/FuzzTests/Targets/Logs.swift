import MeshModel

@testable import DemoMesh
@testable import MeshClient

extension FuzzTarget {
    /// What proxies log, which certificates they show, and what the box asks and answers.
    static let logs: [FuzzTarget] = [
        FuzzTarget(name: "access-log", longest: 16384) { bytes in
            for format in [AccessLogFormat.istioText, .istioJSON, .envoy] {
                for line in format.lines(in: bytes) { try check(line) }
            }
            let log = IstioGuide.log(of: "pod", bytes) { _ in true }
            let told = EdgeLog(Edge(from: "a", to: "b"), [log])
            guard let json = try? JSON(parsing: told.json.bytes) else { throw Broken("it is no JSON") }
            try requireSame(try EdgeLog(WireFields(json, page: "log")), told, "after the wire it says")
        },
        FuzzTarget(name: "access-log-format") { bytes in
            // A format, and lines that should be of it.
            let (format, lines) = bytes.halves
            var formats = [AccessLogFormat(text: format.text)]
            if let json = try? JSON(parsing: format) { formats.append(AccessLogFormat(json: json)) }
            for format in formats.compactMap(\.self) {
                for line in format.lines(in: lines) { try check(line) }
            }
        },
        FuzzTarget(name: "certificates", longest: 16384) { bytes in
            let (page, config) = bytes.halves
            _ = CertificateTimes(der: bytes)
            _ = CertificateTimes(pem: bytes)
            guard let json = try? JSON(parsing: page) else { return }
            let certificates = EnvoyCertificates(json)
            let pages = [try? JSON(parsing: config)].compactMap(\.self)
            let shown = certificates.shown(by: EnvoyClusterSecrets(pages)) { _ in true }
            if let shown { try require(certificates.own.contains(shown), "it shows what it does not have") }
            if let first = certificates.own.first {
                let state = EdgeCertificate(first, at: Timestamp(milliseconds: 0), bound: nil).state
                try require(first.ends.milliseconds > 0 || state == .expired, "what is over is good")
            }
        },
        FuzzTarget(name: "box-page") { bytes in
            guard let page = try? MeshClient.BoxPage(bytes) else { return }
            let offers = page.offers.flatMap { at, words in
                words.map { DemoMesh.BoxPage.Offer(at: at, does: $0.key, of: $0.value) }
            }
            let told = DemoMesh.BoxPage.json(page.values, offers: offers, isSettled: page.isSettled) {
                page.held.contains($0)
            }
            let again = try MeshClient.BoxPage(told.bytes)
            try requireSame(again.values, page.values, "told again it has")
            try requireSame(again.offers, page.offers, "told again it offers")
            try requireSame(again.held, page.held.filter { page.values[$0] != nil }, "told again holds")
        },
        FuzzTarget(name: "box-settings") { bytes in
            var policy = MeshPolicy()
            let layout = MeshLayout(of: .bar, base: 21_000)
            for setting in DemoMesh.BoxPage.settings(bytes.text) {
                let before = policy
                if (try? policy.set(setting.key, to: setting.value, in: .bar, layout)) == nil {
                    try requireSame(policy, before, "what is refused changes")
                }
            }
        },
        FuzzTarget(name: "discovery-request", longest: 16384) { bytes in
            guard let request = DiscoveryRequest(bytes) else { return }
            // Asked again with the same words, it asks the same; only the ends of a long one are read.
            guard request.version.utf8.count + request.node.utf8.count < 3000,
                !request.names.contains(where: { $0.contains("]") })
            else { return }
            let names = JSON.array(request.names.map { .string($0) }).text
            let text = "{\"version_info\":\"\(request.version)\",\"node\":{\"id\":\"\(request.node)\"},"
            let again = DiscoveryRequest(Array("\(text)\"resource_names\":\(names)}".utf8))
            try requireSame(again?.node, request.node, "asked again it is")
            try requireSame(again?.version, request.version, "asked again it has")
            guard names.utf8.count < 10_000 else { return }
            try requireSame(again?.names, request.names, "asked again it wants")
        },
    ]

    private static func check(_ line: AccessLogLine) throws {
        let texts = [
            line.time, line.method, line.path, line.details, line.failure, line.authority, line.cluster, line.host,
            line.request, line.trace,
        ].compactMap(\.self)
        for text in texts + line.flags + [line.summary] {
            try require(text.isPlain && !text.contains("\n"), "a terminal would obey \(text.debugDescription)")
        }
        try require(texts.allSatisfy { $0.unicodeScalars.count <= 160 }, "a text is too long")
        try require(line.path?.contains("?") != true, "a query is shown")
        try require(line.trace.map { [16, 32].contains($0.utf8.count) } ?? true, "that is no trace")
    }
}
