internal import Glibc

/// One long-lived Python process which holds the extensions that experiments name. It is started at the first need, and
/// again after it died; its crash or hang ends the calls that were in it and nothing else.
actor PythonBridge: PythonChecking {
    /// How long a call may go on after it was asked to stop.
    private static let grace = Duration.seconds(2)

    private let children: ChildProcesses
    private let environment: [String: String]
    /// Told what signals an extension sends to its own process, as `chaoslib.exit` does.
    private let onSignal: @Sendable (Int32) -> Void
    private var process: Int?
    private var next = 0
    private var waiting: [Int: CheckedContinuation<Value, Never>] = [:]
    private var shared: Value?

    init(
        children: ChildProcesses, environment: [String: String],
        onSignal: @escaping @Sendable (Int32) -> Void = { _ in }
    ) {
        self.children = children
        self.environment = environment
        self.onSignal = onSignal
    }

    deinit {
        guard let process else { return }
        Task { [children] in await children.stop(process) }
    }

    /// The Python to use: that of `GAMEDAY_PYTHON`, of the active virtual environment, or the first in the path.
    nonisolated var python: String? {
        let search = ExecutableSearch(environment: environment)
        let candidates = [
            environment["GAMEDAY_PYTHON"], environment["VIRTUAL_ENV"].map { $0 + "/bin/python" }, "python3", "python",
        ]
        return candidates.lazy.compactMap { $0 }.filter { !$0.isEmpty }.compactMap(search.find).first
    }

    /// Sends a request and returns the answer. Cancelling the task interrupts the call, which must be in the foreground.
    func ask(_ operation: String, _ fields: Fields, isForeground: Bool = false) async -> Value {
        if let failure = await start() { return ["failed": .text(failure)] }
        next += 1
        let number = next
        var request = fields
        request["id"] = .integer(number)
        request["op"] = .text(operation)
        request["foreground"] = .bool(isForeground)
        let line = Array(JSONWriter.text(.mapping(request)).utf8) + [0x0A]
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                waiting[number] = continuation
                Task { await self.send(line) }
            }
        } onCancel: {
            Task { await self.interrupt(number) }
        }
    }

    /// Ends the process, if there is one.
    func stop() async {
        if let process { await children.stop(process) }
    }

    /// What controls share with the run, kept for a process that has yet to be started.
    func share(_ value: Value) async {
        shared = value
        if process != nil { _ = await ask("share", Fields([("shared", value)])) }
    }

    private func send(_ line: [UInt8]) async {
        if let process { await children.send(line, to: process) }
    }

    /// Why no Python could be started, or nil.
    private func start() async -> String? {
        guard process == nil else { return nil }
        guard let python else { return "no Python was found; name one in GAMEDAY_PYTHON" }
        let command = ChildCommand(
            path: python, arguments: [python, "-c", BridgeScript.text], environment: environment, timeout: nil)
        do {
            let (ticket, lines) = try await children.converse(command) { [weak self] end in
                guard let self else { return }
                Task { await self.lost(end) }
            }
            process = ticket
            Task { [weak self] in
                for await line in lines { await self?.take(line) }
            }
        } catch {
            return "\(python) could not be started"
        }
        if let shared { _ = await ask("share", Fields([("shared", shared)])) }
        return nil
    }

    private func take(_ line: [UInt8]) {
        var reader = JSONReader(line)
        guard let answer = try? reader.document() else { return }
        if case .integer(let number) = answer["signal"] { onSignal(Int32(clamping: number)) }
        guard case .integer(let number) = answer["id"] else { return }
        waiting.removeValue(forKey: number)?.resume(returning: answer)
    }

    private func lost(_ end: ChildEnd) {
        process = nil
        var why = "the Python process ended"
        if case .finished(let status, _, let err) = end {
            let last = String(decoding: err, as: UTF8.self).split(whereSeparator: \.isNewline).last ?? ""
            why += status < 0 ? " by signal \(-status)" : " with status \(status)"
            if !last.isEmpty { why += ": \(last.prefix(200))" }
        }
        let lost = waiting.values
        waiting = [:]
        for continuation in lost { continuation.resume(returning: ["failed": .text(why)]) }
    }

    private func interrupt(_ number: Int) async {
        guard waiting[number] != nil, let process else { return }
        await children.signal(SIGINT, to: process)
        try? await Task.sleep(for: Self.grace)
        guard waiting[number] != nil, self.process == process else { return }
        await children.stop(process)
    }
}

extension PythonBridge {
    func mistake(in activity: Value) async -> String? {
        Self.message(await ask("check", Fields([("activity", activity)]), isForeground: true))
    }

    func mistake(inControl control: Value) async -> String? {
        // A control whose Python is missing is only not applied.
        guard python != nil else { return nil }
        return Self.message(await ask("check-control", Fields([("control", control)]), isForeground: true))
    }

    private static func message(_ answer: Value) -> String? {
        if let failed = answer["failed"]?.text { return failed }
        if let crash = answer["crash"]?.list { return crash.map(PythonText.string).joined(separator: ": ") }
        return answer["value"]?.text
    }
}
