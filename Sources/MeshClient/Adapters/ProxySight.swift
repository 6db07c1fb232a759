internal import MeshModel

/// What became of a proxy that held a fault.
public struct ProxySight: Equatable, Sendable {
    /// What was found at its address.
    public enum State: Equatable, Sendable {
        /// It answers, and shows the fault.
        case holds
        /// It answers, and shows nothing of the fault.
        case clean
        /// It answers, and is another process than the one that held the fault: what that one was told died with it.
        case replaced
        /// Nobody is there: the connection is refused, or the name has no address.
        case absent
        /// Nothing is known.
        case silent
    }

    public var source: String
    public var state: State
    /// What was seen, in words for a person.
    public var explanation: String

    public init(source: String, state: State, explanation: String) {
        self.source = source
        self.state = state
        self.explanation = explanation
    }
}

/// What tells one run of a proxy from another.
public struct ProxyProcess: Equatable, Sendable {
    /// How the proxy names itself.
    public var node: String
    public var commandLine: String
    /// Counts the hot restarts.
    public var epoch: Int
    /// Seconds since this process started, when it was asked.
    public var uptime: Int

    public init(node: String, commandLine: String, epoch: Int, uptime: Int) {
        self.node = node
        self.commandLine = commandLine
        self.epoch = epoch
        self.uptime = uptime
    }

    /// Why this, asked later at the same address, can't be the same process; nil when it may be. No clock is trusted
    /// for it: one that is younger than it was has started anew.
    public func difference(from earlier: ProxyProcess) -> String? {
        if node != earlier.node { return "\(node) answers at this address instead of \(earlier.node)" }
        if epoch != earlier.epoch { return "it was restarted in place since then" }
        if uptime < earlier.uptime { return "it started \(uptime) s ago, after the fault" }
        return commandLine == earlier.commandLine ? nil : "it was started with another command line since then"
    }

    var json: JSON {
        [
            "node": .string(node), "command": .string(commandLine), "epoch": .integer(Int64(epoch)),
            "uptime": .integer(Int64(uptime)),
        ]
    }

    init(_ fields: WireFields) throws(WireError) {
        self.init(
            node: try fields.string("node"), commandLine: try fields.string("command"),
            epoch: try fields.integer("epoch"), uptime: try fields.integer("uptime"))
    }
}
