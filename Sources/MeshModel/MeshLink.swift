/// A place outside where a trace, a service or an edge can be looked at: a URL with gaps, from `links` of gameday.yaml.
public struct MeshLink: Equatable, Sendable {
    /// What fills the gaps.
    public struct Subject: Equatable, Sendable {
        public var edge: Edge
        public var trace: String?

        public init(edge: Edge, trace: String? = nil) {
            self.edge = edge
            self.trace = trace
        }
    }

    /// The gaps that a URL may have: the callee, the caller, the callee's namespace, the trace.
    public static let gaps = ["service", "caller", "namespace", "trace"]

    /// The tools whose addresses are known: from the base of their URLs on. Where Tempo is, that is Grafana's.
    private static let usual = [
        "jaeger": "/trace/{trace}",
        "zipkin": "/zipkin/traces/{trace}",
        "tempo": "/explore?left=%7B%22queries%22:[%7B%22datasource%22:%7B%22type%22:%22tempo%22%7D,"
            + "%22queryType%22:%22traceql%22,%22query%22:%22{trace}%22%7D]%7D",
        "kiali": "/kiali/console/namespaces/{namespace}/services/{service}",
        "grafana": "/dashboards?query={service}",
    ]

    public static var knownTools: [String] { usual.keys.sorted() }

    public var name: String
    public var url: String

    /// Nil for a URL that can't be one, or for a tool that is not known and whose URL has no gap.
    public init?(name: String, url: String) {
        guard url.hasPrefix("http://") || url.hasPrefix("https://"), URLCredentials.all(in: url).isEmpty,
            url.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value < 0x7F })
        else { return nil }
        self.name = name
        if Self.gaps.contains(where: { url.contains("{\($0)}") }) {
            self.url = url
        } else if let rest = Self.usual[name.lowercased()] {
            self.url = (url.hasSuffix("/") ? String(url.dropLast()) : url) + rest
        } else {
            return nil
        }
    }

    /// It shows one trace, so it needs one.
    public var needsTrace: Bool { url.contains("{trace}") }

    /// The URL for this; nil where it needs a trace and there is none.
    public func url(for subject: Subject) -> String? {
        if needsTrace, subject.trace == nil { return nil }
        let place = Self.place(of: subject.edge.to.text)
        let filling = [
            "service": place.service, "namespace": place.namespace,
            "caller": subject.edge.from.text, "trace": subject.trace ?? "",
        ]
        return Self.gaps.reduce(url) { url, gap in
            url.replacing("{\(gap)}", with: Self.escaped(filling[gap] ?? ""))
        }
    }

    /// `shop/cart` and `cart.shop` are both the cart of the shop.
    private static func place(of name: String) -> (service: String, namespace: String) {
        let sides = name.split(separator: "/", maxSplits: 1).map(String.init)
        if sides.count > 1 { return (sides[1], sides[0]) }
        let labels = name.split(separator: ".").map(String.init)
        return labels.count == 2 ? (labels[0], labels[1]) : (name, "default")
    }

    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for byte in text.utf8 {
            let scalar = Unicode.Scalar(byte)
            if scalar.properties.isAlphabetic && byte < 0x80 || (0x30...0x39).contains(byte)
                || "-._~".utf8.contains(byte)
            {
                escaped.unicodeScalars.append(scalar)
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                escaped += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return escaped
    }
}
