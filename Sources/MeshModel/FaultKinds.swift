extension FaultKindDescription {
    /// Every kind that gameday knows. One more is one more here.
    public static let all: [FaultKindDescription] = [
        abort, delay, rateLimit, reset, bandwidth, slowClose, timeout, slicer, limitData, off,
    ]

    /// The kinds that every version of gameday knows. Others go by names of their own on the wire, which older versions
    /// pass over: they would take nothing at all from a feed that has a kind in it which they can't read.
    static let everKnown: Set = ["abort", "delay", "rate-limit"]

    private static let abort = FaultKindDescription(
        word: "abort", name: "abort", sign: "ABORT", mark: "XX", shape: .cut,
        fields: [
            FaultField(
                "abort", "status", .status, 200...599, presets: [400, 404, 429, 500, 502, 503, 504], usual: 503,
                isRequired: true, "Answer with this HTTP status instead")
        ], counter: .aborts, words: "answers with an HTTP status, the callee is not asked"
    ) { "answers \($0.mainAmount ?? 0)" }

    private static let delay = FaultKindDescription(
        word: "delay", name: "delay", sign: "DELAY", mark: "~~", shape: .late,
        fields: [
            FaultField(
                "delay", "delay", .milliseconds, 1...600_000, step: 1000,
                presets: [50, 100, 200, 500, 1000, 2000, 5000], usual: 200, isRequired: true, "Wait so long first"),
            FaultField(
                "jitter", "jitter", .milliseconds, 0...600_000, step: 1000, presets: [0, 10, 50, 100, 200, 500, 1000],
                usual: 0, sign: "±", "Give or take so much"), direction,
        ], counter: .delays, words: "waits before it goes on"
    ) { "waits \(FaultUnit.milliseconds.said($0.mainAmount ?? 0))" }

    private static let rateLimit = FaultKindDescription(
        word: "rate-limit", name: "rate limit", sign: "LIMIT", mark: "LL", shape: .narrow,
        fields: [
            rate("rate-limit", "Let the answer through at so many KiB a second")
        ], counter: .rateLimits, words: "the body of the answer trickles"
    ) { "trickles at \(FaultUnit.kibibytesPerSecond.said($0.mainAmount ?? 0))" }

    private static let reset = FaultKindDescription(
        word: "reset", name: "connection reset", sign: "RESET", mark: "RR", edgeWord: "reset",
        fields: [
            FaultField(
                "after", "after", .milliseconds, 0...600_000, step: 1000, presets: [0, 100, 500, 1000, 5000], usual: 0,
                sign: "after ", "Let it stand for so long first"), direction,
        ], severity: .rough, words: "the connection is reset"
    ) { _ in "has its connections reset" }

    private static let bandwidth = FaultKindDescription(
        word: "bandwidth", name: "bandwidth", sign: "BANDWIDTH", mark: "BB", edgeWord: "band",
        fields: [rate("bandwidth", "Let a connection carry so many KiB a second"), direction],
        words: "a connection carries so much and no more"
    ) { "gets \(FaultUnit.kibibytesPerSecond.said($0.mainAmount ?? 0)) through a connection" }

    private static let slowClose = FaultKindDescription(
        word: "slow-close", name: "slow close", sign: "SLOW CLOSE", mark: "CC", edgeWord: "closes",
        fields: [
            FaultField(
                "slow-close", "delay", .milliseconds, 1...600_000, step: 1000, presets: [100, 500, 1000, 5000, 10_000],
                usual: 1000, isRequired: true, "Close a connection so much later"), direction,
        ], words: "a connection closes late"
    ) { "closes \(FaultUnit.milliseconds.said($0.mainAmount ?? 0)) late" }

    private static let timeout = FaultKindDescription(
        word: "timeout", name: "timeout", sign: "TIMEOUT", mark: "TT", edgeWord: "mute",
        fields: [
            FaultField(
                "timeout", "closes after", .milliseconds, 0...600_000, step: 1000,
                presets: [0, 500, 1000, 5000, 10_000, 30_000], usual: 5000, isRequired: true,
                "Let nothing through, and close the connection after so long; 0: never"), direction,
        ], severity: .rough, words: "nothing comes through, then the connection is closed"
    ) { kind in
        let after = kind.mainAmount ?? 0
        return "gets nothing through" + (after > 0 ? " and is closed after \(FaultUnit.milliseconds.said(after))" : "")
    }

    private static let slicer = FaultKindDescription(
        word: "slicer", name: "slicer", sign: "SLICES", mark: "//", edgeWord: "slices",
        fields: [
            FaultField(
                "slicer", "slice", .bytes, 1...1_000_000, step: 64, presets: [16, 64, 256, 1024, 4096], usual: 64,
                isRequired: true, "Let data through in slices of so many bytes"),
            FaultField(
                "variation", "variation", .bytes, 0...1_000_000, step: 64, presets: [0, 8, 32, 128, 512], usual: 0,
                sign: "±", "Let slices differ by so many bytes"),
            FaultField(
                "pause", "pause", .microseconds, 0...60_000_000, step: 100_000,
                presets: [0, 100, 1000, 10_000, 100_000], usual: 0, sign: "pause ", "Wait so long between two slices"),
            direction,
        ], words: "data comes in small slices"
    ) { "comes in slices of \(FaultUnit.bytes.said($0.mainAmount ?? 0))" }

    private static let limitData = FaultKindDescription(
        word: "limit-data", name: "data limit", sign: "DATA LIMIT", mark: "DD", edgeWord: "cut at",
        fields: [
            FaultField(
                "limit-data", "bytes", .bytes, 1...1_000_000_000, step: 4096,
                presets: [64, 256, 1024, 4096, 65_536, 1_048_576], usual: 1024, isRequired: true,
                "Close a connection after so many bytes"), direction,
        ], severity: .rough, words: "the connection is closed after so many bytes"
    ) { "is cut off after \(FaultUnit.bytes.said($0.mainAmount ?? 0))" }

    private static let off = FaultKindDescription(
        word: "off", name: "switched off", sign: "OFF", mark: "00", edgeWord: "off", fields: [], severity: .total,
        hasShare: false, words: "the callee is switched off for the caller"
    ) { _ in "is switched off" }

    private static let direction = FaultField(
        "direction", "direction", .choice(["down", "up"]), 0...1, presets: [0, 1], usual: 0,
        "Which way it is: down for what comes back, up for what goes to the callee")

    private static func rate(_ word: String, _ words: String) -> FaultField {
        FaultField(
            word, "KiB/s", .kibibytesPerSecond, 1...1_000_000, step: 1024,
            presets: [8, 16, 32, 64, 128, 256, 512, 1024], usual: 64, isRequired: true, words)
    }
}
