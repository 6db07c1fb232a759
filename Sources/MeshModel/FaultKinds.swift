extension FaultKindDescription {
    /// Every kind that gameday knows. One more is one more here.
    public static let all: [FaultKindDescription] =
        [
            abort, delay, rateLimit, reset, bandwidth, slowClose, timeout, slicer, limitData, off,
        ] + workloads + box

    /// The kinds that every version of gameday knows. Others go by names of their own on the wire, which older versions
    /// pass over: they would take nothing at all from a feed that has a kind in it which they can't read.
    static let everKnown: Set = ["abort", "delay", "rate-limit"]

    private static let abort = FaultKindDescription(
        word: "abort", name: "abort", sign: "ABORT", mark: "XX", shape: .cut,
        fields: [
            FaultField(
                "abort", "status", .status, 200...599, presets: [400, 404, 429, 500, 502, 503, 504], usual: 503,
                isRequired: true, "HTTP status to return instead of the response")
        ], counter: .aborts, words: "returns an HTTP status; the callee is not called"
    ) { "get status \($0.mainAmount ?? 0)" }

    private static let delay = FaultKindDescription(
        word: "delay", name: "delay", sign: "DELAY", mark: "~~", shape: .late,
        fields: [
            FaultField(
                "delay", "delay", .milliseconds, 1...600_000, step: 1000,
                presets: [50, 100, 200, 500, 1000, 2000, 5000], usual: 200, isRequired: true, "Delay to add"),
            FaultField(
                "jitter", "jitter", .milliseconds, 0...600_000, step: 1000, presets: [0, 10, 50, 100, 200, 500, 1000],
                usual: 0, sign: "±", "Random variation of the delay"), direction,
        ], counter: .delays, words: "delays each request"
    ) { "are delayed by \(FaultUnit.milliseconds.said($0.mainAmount ?? 0))" }

    private static let rateLimit = FaultKindDescription(
        word: "rate-limit", name: "rate limit", sign: "LIMIT", mark: "LL", shape: .narrow,
        fields: [
            rate("rate-limit", "Response rate limit in KiB per second")
        ], counter: .rateLimits, words: "limits the rate of the response body"
    ) { "are limited to \(FaultUnit.kibibytesPerSecond.said($0.mainAmount ?? 0))" }

    private static let reset = FaultKindDescription(
        word: "reset", name: "connection reset", sign: "RESET", mark: "RR", edgeWord: "reset", subject: "connections",
        fields: [
            FaultField(
                "after", "after", .milliseconds, 0...600_000, step: 1000, presets: [0, 100, 500, 1000, 5000], usual: 0,
                sign: "after ", "Time before the reset"), direction,
        ], severity: .rough, words: "resets the connection"
    ) { _ in "are reset" }

    private static let bandwidth = FaultKindDescription(
        word: "bandwidth", name: "bandwidth", sign: "BANDWIDTH", mark: "BB", edgeWord: "band", subject: "connections",
        fields: [rate("bandwidth", "Bandwidth of a connection in KiB per second"), direction],
        words: "limits the bandwidth of a connection"
    ) { "are limited to \(FaultUnit.kibibytesPerSecond.said($0.mainAmount ?? 0))" }

    private static let slowClose = FaultKindDescription(
        word: "slow-close", name: "slow close", sign: "SLOW CLOSE", mark: "CC", edgeWord: "closes",
        subject: "connections",
        fields: [
            FaultField(
                "slow-close", "delay", .milliseconds, 1...600_000, step: 1000, presets: [100, 500, 1000, 5000, 10_000],
                usual: 1000, isRequired: true, "Delay before a connection closes"), direction,
        ], words: "delays the closing of a connection"
    ) { "close \(FaultUnit.milliseconds.said($0.mainAmount ?? 0)) late" }

    private static let timeout = FaultKindDescription(
        word: "timeout", name: "timeout", sign: "TIMEOUT", mark: "TT", edgeWord: "mute", subject: "connections",
        fields: [
            FaultField(
                "timeout", "closes after", .milliseconds, 0...600_000, step: 1000,
                presets: [0, 500, 1000, 5000, 10_000, 30_000], usual: 5000, isRequired: true,
                "Block all data, and close the connection after this time; 0: never"), direction,
        ], severity: .rough, words: "blocks all data, then closes the connection"
    ) { kind in
        let after = kind.mainAmount ?? 0
        return "carry no data" + (after > 0 ? " and are closed after \(FaultUnit.milliseconds.said(after))" : "")
    }

    private static let slicer = FaultKindDescription(
        word: "slicer", name: "slicer", sign: "SLICES", mark: "//", edgeWord: "slices", subject: "connections",
        fields: [
            FaultField(
                "slicer", "slice", .bytes, 1...1_000_000, step: 64, presets: [16, 64, 256, 1024, 4096], usual: 64,
                isRequired: true, "Size of the slices in bytes"),
            FaultField(
                "variation", "variation", .bytes, 0...1_000_000, step: 64, presets: [0, 8, 32, 128, 512], usual: 0,
                sign: "±", "Random variation of the size in bytes"),
            FaultField(
                "pause", "pause", .microseconds, 0...60_000_000, step: 100_000,
                presets: [0, 100, 1000, 10_000, 100_000], usual: 0, sign: "pause ", "Pause between two slices"),
            direction,
        ], words: "splits the data into small pieces"
    ) { "carry slices of \(FaultUnit.bytes.said($0.mainAmount ?? 0))" }

    private static let limitData = FaultKindDescription(
        word: "limit-data", name: "data limit", sign: "DATA LIMIT", mark: "DD", edgeWord: "cut at",
        subject: "connections",
        fields: [
            FaultField(
                "limit-data", "bytes", .bytes, 1...1_000_000_000, step: 4096,
                presets: [64, 256, 1024, 4096, 65_536, 1_048_576], usual: 1024, isRequired: true,
                "Bytes after which a connection is closed"), direction,
        ], severity: .rough, words: "closes the connection after a number of bytes"
    ) { "are closed after \(FaultUnit.bytes.said($0.mainAmount ?? 0))" }

    private static let off = FaultKindDescription(
        word: "off", name: "switched off", sign: "OFF", mark: "00", edgeWord: "off", subject: "connections", fields: [],
        severity: .total,
        hasShare: false, words: "switches the callee off for the caller"
    ) { _ in "are switched off" }

    private static let direction = FaultField(
        "direction", "direction", .choice(["down", "up"]), 0...1, presets: [0, 1], usual: 0,
        "Direction: down for responses, up for requests to the callee")

    private static func rate(_ word: String, _ words: String) -> FaultField {
        FaultField(
            word, "KiB/s", .kibibytesPerSecond, 1...1_000_000, step: 1024,
            presets: [8, 16, 32, 64, 128, 256, 512, 1024], usual: 64, isRequired: true, words)
    }
}
