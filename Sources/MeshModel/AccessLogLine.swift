/// One line of a proxy's access log: what became of one request. What the proxy's format leaves out is nil.
public struct AccessLogLine: Equatable, Sendable {
    /// When the request came, in the proxy's own words.
    public var time: String?
    public var method: String?
    /// Without a query, which may hold secrets.
    public var path: String?
    /// 0 when no response was sent.
    public var status: Int?
    public var flags: [String] = []
    /// Who gave the status and why, in Envoy's words: `via_upstream`, `response_timeout`.
    public var details: String?
    /// Why the connection to the callee failed.
    public var failure: String?
    /// In milliseconds.
    public var duration: Int?
    public var authority: String?
    /// Envoy's name of the callee.
    public var cluster: String?
    /// The instance of the callee that was asked.
    public var host: String?
    public var request: String?
    /// Hexadecimal digits, as tracing systems name a trace.
    public var trace: String?

    public init() {}

    /// Whether the request failed: no response, an error of a server, or a flag that says so.
    public var isFailing: Bool {
        if let status, status == 0 || status >= 500 { return true }
        return flags.contains(where: ResponseFlags.isFailure)
    }

    /// Why it became what it is, in words; nil when there is nothing to tell.
    public var explanation: String? {
        var words = flags.map { flag in
            // The same flag tells of an open breaker and of this.
            if flag == "UO", details == "maintenance_mode" { return "the callee is in maintenance mode" }
            return ResponseFlags.words(for: flag) ?? "unknown flag \(flag)"
        }
        if words.isEmpty, isFailing {
            if details == "via_upstream" || details == nil && host != nil {
                words.append("the callee itself answered \(status.map { "\($0)" } ?? "with an error")")
            } else if details == "direct_response" {
                words.append("the route answers by itself")
            }
        }
        if let failure { words.append(failure.split(separator: "_").joined(separator: " ")) }
        return words.isEmpty ? nil : words.joined(separator: "; ")
    }

    /// The line as a sentence for the timeline or a terminal, without the time.
    public var summary: String {
        let asked = [method, path].compactMap(\.self).joined(separator: " ")
        let answer = [
            status.map { $0 == 0 ? "no response" : "\($0)" }, flags.isEmpty ? nil : flags.joined(separator: ","),
        ]
        .compactMap(\.self).joined(separator: " ")
        let took = duration.map { " after \(PlainWords.latency(Double($0)))" } ?? ""
        let place = host.map { " from \($0)" } ?? ""
        let why = explanation.map { ": \($0)" } ?? ""
        return "\(asked.isEmpty ? "request" : asked) \(answer)\(took)\(place)\(why)"
    }

    /// The time of day alone where the proxy writes it as ISO 8601 does, else all of it.
    public var clock: String {
        guard let time else { return "-" }
        guard let mark = time.firstIndex(of: "T"), time.hasSuffix("Z") else { return time }
        return String(time[time.index(after: mark)...].dropLast())
    }
}

/// What one proxy logged of an edge, the oldest first, or why that can't be had.
public struct ProxyLog: Equatable, Sendable {
    /// The name of the source.
    public var source: String
    public var lines: [AccessLogLine]
    public var problem: String?

    public init(source: String, lines: [AccessLogLine] = [], problem: String? = nil) {
        self.source = source
        self.lines = lines
        self.problem = problem
    }
}

/// The newest lines that the caller's proxies logged of an edge. It is answered to who asks, and never recorded.
public struct EdgeLog: Equatable, Sendable {
    public struct Line: Equatable, Sendable {
        /// The proxy that wrote it.
        public var source: String
        public var line: AccessLogLine

        public init(source: String, line: AccessLogLine) {
            self.source = source
            self.line = line
        }
    }

    /// So many are told at a time.
    public static let most = 200

    public var edge: Edge
    /// The oldest first.
    public var lines: [Line] = []
    /// Why a proxy's log can't be had, one sentence each.
    public var problems: [String] = []
    /// Where traces and services can be looked at.
    public var links: [MeshLink] = []

    public init(_ edge: Edge) {
        self.edge = edge
    }

    /// The newest lines of all of them, or the newest of those that failed.
    public init(_ edge: Edge, _ logs: [ProxyLog], onlyFailing: Bool = false, links: [MeshLink] = []) {
        self.edge = edge
        self.links = links
        problems = logs.compactMap { log in log.problem.map { "\(log.source): \($0)" } }
        let all = logs.flatMap { log in log.lines.map { Line(source: log.source, line: $0) } }
        let told = onlyFailing ? all.filter(\.line.isFailing) : all
        // Lines of one proxy stay as it wrote them: they end in another order than they begin.
        let sorted = told.enumerated().sorted {
            ($0.element.line.time ?? "", $0.offset) < ($1.element.line.time ?? "", $1.offset)
        }
        lines = sorted.suffix(Self.most).map(\.element)
    }

    /// The lines that an earlier answer did not have.
    public func news(since earlier: EdgeLog) -> [Line] {
        var known: [String: Int] = [:]
        for line in earlier.lines { known[line.identity, default: 0] += 1 }
        return lines.filter { line in
            guard let left = known[line.identity], left > 0 else { return true }
            known[line.identity] = left - 1
            return false
        }
    }
}

extension EdgeLog.Line {
    /// What the timeline tells of it, when somebody wants it kept.
    public func note(on edge: Edge) -> String {
        let trace = line.trace.map { " (trace \($0))" } ?? ""
        return "Log of \(edge), \(source) at \(line.clock): \(line.summary)\(trace)"
    }

    /// Two requests may be told by the same words.
    fileprivate var identity: String {
        [source, line.time, line.request, line.status.map(String.init), line.duration.map(String.init), line.path]
            .map { $0 ?? "" }.joined(separator: "\n")
    }
}
