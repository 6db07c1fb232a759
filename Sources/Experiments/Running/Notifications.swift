public import ChildPrograms
internal import MeshClient

/// A moment that the settings' `notifications` may want to hear of.
public enum FlowEvent: String, Sendable {
    case discoverStarted = "discovery-started"
    case discoverFailed = "discovery-failed"
    case discoverCompleted = "discovery-completed"
    case initStarted = "init-started"
    case initCompleted = "init-completed"
    case runStarted = "run-started"
    case runFailed = "run-failed"
    case runCompleted = "run-completed"
    case runDeviated = "run-deviated"
    case validateStarted = "validate-started"
    case validateFailed = "validate-failed"
    case validateCompleted = "validate-completed"

    var phase: String { String(rawValue.prefix { $0 != "-" }) }
}

/// Tells the channels of the settings what happens, one after the other: addresses and functions of Python.
public struct Notifications: Sendable {
    private let channels: [Value]
    private let network: HTTPDoor
    private let surroundings: RequestSurroundings
    private let bridge: PythonBridge
    private let log: @Sendable (LogRecord) -> Void

    /// How long a plugin may take; an address has five seconds, as in the original.
    private static let patience = Duration.seconds(30)

    public init(
        settings: Value, environment: [String: String], network: HTTPDoor, console: Console = .none,
        log: @escaping @Sendable (LogRecord) -> Void = { _ in }
    ) {
        self.init(
            settings: settings, environment: environment, network: network, children: ChildProcesses(),
            console: console, log: PythonLog(take: log))
    }

    init(
        settings: Value, environment: [String: String], network: HTTPDoor, children: ChildProcesses,
        console: Console, log: PythonLog
    ) {
        channels = settings["notifications"]?.list ?? []
        self.network = network
        surroundings = RequestSurroundings(environment: environment, isStrict: false)
        bridge = PythonBridge(children: children, environment: environment, console: console, log: log)
        self.log = log.take
    }

    public var isEmpty: Bool { channels.isEmpty }

    /// Tells all who want to hear of it. What fails is only logged.
    public func send(_ event: FlowEvent, _ payload: Value = .null, error: String? = nil) async {
        guard !isEmpty else { return }
        var message = Fields([
            ("name", .text(event.rawValue)), ("payload", payload), ("phase", .text(event.phase)),
            ("ts", .number(Double(WallTime.now.microseconds) / 1e6)),
        ])
        if let error { message["error"] = .text(error) }
        for channel in channels {
            if let wanted = channel["events"], wanted.isTruthy {
                guard wanted.list?.contains(where: { $0.text == event.rawValue }) ?? false else { continue }
            }
            switch channel["type"]?.text {
            case "http": await post(.mapping(message), to: channel)
            case "plugin": await call(.mapping(message), channel)
            default: continue
            }
        }
    }

    private func post(_ message: Value, to channel: Value) async {
        guard let url = channel["url"]?.text, !url.isEmpty else {
            return log(LogRecord(.warning, "A notification has no url, so it is not sent."))
        }
        let isBare = channel["forward_event_payload"].map { !$0.isTruthy } ?? false
        var headers = (channel["headers"]?.fields?.entries ?? Fields().entries).map {
            HTTPHeader($0, PythonText.string($1))
        }
        if !isBare, headers.allSatisfy({ $0.name.lowercased() != "content-type" }) {
            headers.append(HTTPHeader("Content-Type", "application/json"))
        }
        var request = HTTPRequest(
            isBare ? "GET" : "POST", url, headers: headers,
            body: isBare ? nil : Array(JSONWriter.text(message).utf8), deadline: .seconds(5), followsRedirects: isBare)
        request.tls.verifies = channel["verify_tls"]?.isTruthy ?? true
        do {
            try surroundings.apply(to: &request)
            let response = try await network.open().send(request)
            guard response.status >= 400 else { return }
            log(LogRecord(.warning, "The notification to \(url) failed: the server answered \(response.status)."))
        } catch let error as TransportError {
            log(LogRecord(.warning, "The notification to \(url) failed: \(error.summary)."))
        } catch {
            log(LogRecord(.warning, "The notification to \(url) failed: \(error)."))
        }
    }

    private func call(_ message: Value, _ channel: Value) async {
        let asking = Task { [bridge] in
            await bridge.ask("notify", Fields([("channel", channel), ("event", message)]), isForeground: true)
        }
        let limit = Task {
            try await Task.sleep(for: Self.patience)
            asking.cancel()
        }
        let answer = await asking.value
        limit.cancel()
        let crash = answer["crash"]?.list?.map(PythonText.string).joined(separator: ": ")
        guard let why = answer["failed"]?.text ?? crash else { return }
        log(LogRecord(.warning, "The notification by \(PythonText.string(channel["module"] ?? .null)) failed: \(why)"))
    }

    /// Ends the Python of the plugins, if there is one.
    public func close() async { await bridge.stop() }
}
