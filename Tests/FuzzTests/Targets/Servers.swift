import MeshModel

@testable import MeshClient

extension FuzzTarget {
    /// What Toxiproxies answer, and lists of servers.
    static let servers: [FuzzTarget] = [
        FuzzTarget(name: "toxiproxy") { bytes in
            _ = ToxiproxyWire.version(bytes)
            _ = ToxiproxyWire.complaint(bytes)
            guard let proxies = try? ToxiproxyWire.proxies(bytes) else { return }
            let directory = ToxiproxyDirectory()
            let reader = ToxiproxyReader(url: "http://a:1", naming: ToxiproxyNaming(), directory: directory)
            _ = reader.receive(proxies)
            for proxy in proxies {
                // As the ledger keeps it. A number such as 0e3 is written plainer than it came.
                let kept = try ToxiproxyWire.proxy(proxy.json.bytes)
                try requireSame(try ToxiproxyWire.proxy(kept.json.bytes), kept, "it is read back as another")
                for toxic in proxy.toxics {
                    let kind = ToxiproxyFault.kind(of: toxic)
                    try requireSame(
                        try FaultKind(WireFields(JSON(parsing: kind.json.bytes), page: "kind")), kind,
                        "its kind is read back as another")
                    // Whatever we would say of it ourselves is what the server shows.
                    guard let ours = try? ToxiproxyFault.toxic(kind, share: 1) else { continue }
                    let possible = ToxiproxyFault.possible(kind).kind
                    try requireSame(ToxiproxyFault.kind(of: ours), possible, "a toxic of that kind is another kind")
                }
            }
        },
        FuzzTarget(name: "file-sd") { bytes in
            let list = TargetList(place: .file("/a.json"), refresh: .seconds(1))
            let log = SettingsMistakes()
            let targets = FileSD.targets(bytes.text, in: "/a.json", of: list, log: log)
            try require((targets == nil) == !log.all.isEmpty, "it is refused without a word, or taken with one")
            for target in targets ?? [] {
                try require(
                    target.url.hasPrefix("http://") || target.url.hasPrefix("https://"), "no URL: \(target.url)")
                try require(URLCredentials.all(in: target.url).isEmpty, "a secret in \(target.url)")
            }
        },
    ]
}
