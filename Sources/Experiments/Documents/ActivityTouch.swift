internal import MeshModel

/// What an activity acts on, as far as its provider tells: in a few words, and as a fault where it starts one of ours.
struct ActivityTouch {
    private(set) var words = ""
    private(set) var fault: FaultRequest?

    init(_ provider: Value) {
        switch provider["type"]?.text {
        case "http": readRequest(provider)
        case "process": readProgram(provider)
        case "python":
            words = [provider["module"], provider["func"]].compactMap { $0?.text }.joined(separator: ".")
        default: break
        }
    }

    /// The words of a fault: `ABORT 503 50% bar>taps`.
    private mutating func take(_ request: FaultRequest) {
        fault = request
        let percent = request.share * 100
        let share = percent.rounded() == percent ? "\(Int64(clamping: percent))" : "\((percent * 100).rounded() / 100)"
        words = "\(request.kind.label) \(share)% \(request.edge)"
    }

    private mutating func readRequest(_ provider: Value) {
        let method = (provider["method"]?.text ?? "GET").uppercased()
        let url = provider["url"]?.text ?? ""
        let bare = String(url.prefix { $0 != "?" && $0 != "#" })
        words = "\(method) \(Self.withoutScheme(bare))"
        guard bare.hasSuffix("/v1/faults") else { return }
        if method == "POST", let arguments = provider["arguments"],
            let json = try? JSON(parsing: Array(JSONWriter.text(arguments).utf8)),
            let request = try? FaultRequest(asked: WireFields(json, page: "arguments"))
        {
            take(request)
        } else if method == "DELETE" {
            let query = Self.query(of: url)
            words = "undo " + (query["from"].flatMap { from in query["to"].map { "\(from)>\($0)" } } ?? "all faults")
        }
    }

    /// Host and path; a name and a password before the host are nobody's business.
    private static func withoutScheme(_ url: String) -> String {
        guard let colon = url.firstIndex(of: ":"), url[colon...].hasPrefix("://") else { return url }
        let rest = url[colon...].dropFirst(3)
        let host = rest.prefix { $0 != "/" }
        guard let at = host.lastIndex(of: "@") else { return String(rest) }
        return String(rest[rest.index(after: at)...])
    }

    private static func query(of url: String) -> [String: String] {
        let pairs = url.drop { $0 != "?" }.dropFirst().prefix { $0 != "#" }.split(separator: "&")
        return pairs.reduce(into: [:]) { query, pair in
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            if parts.count == 2 { query[parts[0]] = parts[1] }
        }
    }

    private mutating func readProgram(_ provider: Value) {
        let path = provider["path"].map(PythonText.string) ?? ""
        let program = path.split(separator: "/").last.map(String.init) ?? path
        words = program
        guard program == "gameday" else { return }
        let arguments: [String] =
            switch provider["arguments"] {
            case .list(let items)?: items.map(PythonText.string)
            case .text(let line)?: line.split(separator: " ").map(String.init)
            default: []
            }
        words = ([program] + arguments.prefix(2)).joined(separator: " ")
        readCommand(arguments)
    }

    /// `gameday fault start --from A --to B --abort 503 --percent 50`, and `gameday fault stop --from A --to B`.
    private mutating func readCommand(_ arguments: [String]) {
        guard arguments.first == "fault", arguments.count > 1 else { return }
        var options: [String: String] = [:]
        for (name, value) in zip(arguments, arguments.dropFirst() + [""]) where name.hasPrefix("--") {
            options[name] = value
        }
        guard let from = options["--from"], let to = options["--to"] else { return }
        let edge = Edge(from: ServiceName(from), to: ServiceName(to))
        if arguments[1] == "stop" {
            words = "undo \(edge)"
        } else if let kind = Self.kind(options), let share = Self.share(options, of: kind) {
            let lease = options["--lease"].flatMap(Quantity.seconds) ?? 60
            take(FaultRequest(kind: kind, edge: edge, share: share, lease: lease, by: ""))
        }
    }

    private static func share(_ options: [String: String], of kind: FaultKind) -> Double? {
        if let percent = options["--percent"] { return Quantity.share(percent: percent) }
        return kind.description?.hasShare == false ? 1 : nil
    }

    private static func kind(_ options: [String: String]) -> FaultKind? {
        guard let description = FaultKindDescription.all.first(where: { options["--\($0.word)"] != nil }) else {
            return nil
        }
        let typed = Dictionary(uniqueKeysWithValues: options.map { ($0.key.drop { $0 == "-" }, $0.value) })
        return try? description.kind(typed: Dictionary(uniqueKeysWithValues: typed.map { (String($0.key), $0.value) }))
    }
}
