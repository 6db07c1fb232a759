internal import MeshModel

/// What the labels of Istio's standard metrics mean, whoever hands them out.
enum IstioLabels {
    /// A proxy leaves what it does not know of itself empty, and calls what it does not know of others unknown.
    static func isKnown(_ label: some StringProtocol) -> Bool { !label.isEmpty && label != "unknown" }

    /// `istio-ingressgateway`, and what the Gateway API makes: `<gateway>-istio`.
    static func isGateway(_ name: String) -> Bool { name.hasSuffix("gateway") || name.hasSuffix("-istio") }

    /// Nil for what is no service: addresses, and what no route led to.
    static func callee(named name: String, in space: String) -> ServiceName? {
        guard isKnown(name), !isAddress(name) else { return nil }
        return ServiceName(isKnown(space) ? name + "." + space : name)
    }

    private static func isAddress(_ name: String) -> Bool {
        name.allSatisfy { $0.isNumber || $0 == "." }
            || name.count { $0 == ":" } > 1 && name.allSatisfy { $0.isHexDigit || ":.[]".contains($0) }
    }

    /// The class of an answer, 2 to 5; 0 where there was none because the caller left.
    ///
    /// A gRPC call answers 200 whatever became of it: its own status says it, as HTTP would have (gRPC over HTTP/2,
    /// doc/statuscodes.md). Code 0 is no answer at all, which is a failure unless the caller did not wait for one.
    static func answerClass(code: some StringProtocol, grpc: some StringProtocol, flags: IstioFlags) -> Int {
        if code == "0" { return flags.contains(.callerLeft) ? 0 : 5 }
        let digit = code.utf8.count == 3 ? code.utf8.first.map { Int($0) - 0x30 } ?? 0 : 0
        guard digit == 2, !grpc.isEmpty, grpc != "0" else { return digit }
        return ["2", "4", "12", "13", "14", "15"].contains(String(grpc)) ? 5 : 4
    }
}

/// What Envoy says of a request besides its code, as far as it is counted apart.
struct IstioFlags: OptionSet, Hashable, Sendable {
    let rawValue: UInt8

    static let aborted = IstioFlags(rawValue: 1 << 0)
    static let delayed = IstioFlags(rawValue: 1 << 1)
    static let overflowed = IstioFlags(rawValue: 1 << 2)
    static let timedOut = IstioFlags(rawValue: 1 << 3)
    static let notConnected = IstioFlags(rawValue: 1 << 4)
    static let callerLeft = IstioFlags(rawValue: 1 << 5)
    /// Its retries were used up, so that there was one at least.
    static let retried = IstioFlags(rawValue: 1 << 6)

    init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    /// Reads the label: words with commas between them, or a dash.
    init(_ label: some StringProtocol) {
        self = label.split(separator: ",").reduce(into: []) { flags, word in
            switch word {
            case "FI": flags.insert(.aborted)
            case "DI": flags.insert(.delayed)
            case "UO": flags.insert(.overflowed)
            case "UT": flags.insert(.timedOut)
            case "UF": flags.insert(.notConnected)
            case "DC": flags.insert(.callerLeft)
            case "URX": flags.insert(.retried)
            default: break
            }
        }
    }
}
