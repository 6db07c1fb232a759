/// What one sidecar is asked.
struct EnvoyQuestions: Sendable {
    static let simulatorHeader = "x-gameday-simulated"
    /// The buckets that every Envoy knows: those of its configuration.
    static let buckets = "disjoint"
    private static let details = "histogram_buckets=detailed"

    private let endpoint: EnvoyEndpoint
    private let deadline: Duration
    /// Made once, for it is asked at every poll.
    private var statsRequest: HTTPRequest

    init(_ endpoint: EnvoyEndpoint, stats path: String, deadline: Duration) {
        self.endpoint = endpoint
        self.deadline = deadline
        statsRequest = Self.request(endpoint, path, deadline)
    }

    var whoAreYou: HTTPRequest { Self.request(endpoint, "/server_info", deadline) }

    func howAreYouMade(_ page: EnvoyOutline.Page) -> HTTPRequest { Self.request(endpoint, page.rawValue, deadline) }

    var stats: HTTPRequest {
        var request = statsRequest
        endpoint.login(to: &request)
        return request
    }

    /// Takes another page of statistics from now on.
    mutating func ask(_ path: String) {
        statsRequest = Self.request(endpoint, path, deadline)
    }

    /// An Envoy before 1.26 knows no details, but the buckets of its configuration. False when it is asked for those
    /// already.
    mutating func askForBuckets() -> Bool {
        let url = statsRequest.url
        guard let place = url.firstRange(of: Self.details) else { return false }
        statsRequest.url = url[..<place.lowerBound] + "histogram_buckets=\(Self.buckets)" + url[place.upperBound...]
        return true
    }

    private static func request(_ endpoint: EnvoyEndpoint, _ path: String, _ deadline: Duration) -> HTTPRequest {
        var request = endpoint.request("GET", path, deadline: deadline)
        request.keptHeaders = [simulatorHeader]
        return request
    }
}
