internal import ChildPrograms
internal import Glibc

/// Who hears what extensions log, and from which level on.
struct PythonLog: Sendable {
    var level = LogRecord.Level.info
    var take: @Sendable (LogRecord) -> Void = { _ in }
}

/// One long-lived Python process which holds the extensions that experiments name. It is started at the first need. Its
/// death ends the calls that were in it, and is told; then it may be started again.
actor PythonBridge: PythonChecking {
    /// How long a call may go on after it was asked to stop.
    private static let grace = Duration.seconds(2)

    private let children: ChildProcesses
    private let environment: [String: String]
    private let console: Console
    /// Brings out what was said before, so that what Python says comes after it.
    private let settle: @Sendable () -> Void
    /// Whether it stays dead once it died by itself, as the original does.
    private let diesOnce: Bool
    /// Told what ends the run while it waits for no answer: a signal which an extension sent to its own process, or the
    /// death of that.
    private let onStop: @Sendable (Interruption) -> Void
    private let log: PythonLog
    private var process: Int?
    private var starting: Task<String?, Never>?
    private var hasDied = false
    private var next = 0
    private var waiting: [Int: CheckedContinuation<Value, Never>] = [:]
    /// Those of the calls in `waiting` which the run waits for, and of them those to controls.
    private var foreground: Set<Int> = []
    private var controls: Set<Int> = []
    private var shared: Value?

    init(
        children: ChildProcesses, environment: [String: String], console: Console = .none,
        settle: @escaping @Sendable () -> Void = {}, diesOnce: Bool = false,
        log: PythonLog = PythonLog(), onStop: @escaping @Sendable (Interruption) -> Void = { _ in }
    ) {
        self.children = children
        self.environment = environment
        self.console = console
        self.settle = settle
        self.diesOnce = diesOnce
        self.log = log
        self.onStop = onStop
    }

    deinit {
        guard let process else { return }
        Task { [children] in await children.stop(process) }
    }

    /// The Python to use.
    nonisolated var python: String? { PythonSearch(environment: environment).python }

    /// Sends a request and returns the answer. Cancelling the task interrupts the call.
    func ask(_ operation: String, _ fields: Fields, isForeground: Bool = false) async -> Value {
        await ask(operation, fields, isForeground: isForeground, asControl: false)
    }

    /// Calls a control. It is part of the run's own way, also of that to its end: the end of the task around it does not
    /// touch it, only `interruptControls` does.
    func askControl(_ fields: Fields, isForeground: Bool) async -> Value {
        guard isForeground else { return await ask("control", fields) }
        return await Task { await ask("control", fields, isForeground: true, asControl: true) }.value
    }

    /// Interrupts the controls that the run waits for.
    func interruptControls() async {
        for number in controls { await interrupt(number) }
    }

    private func ask(
        _ operation: String, _ fields: Fields, isForeground: Bool, asControl isControl: Bool
    ) async -> Value {
        if let failure = await start() { return ["failed": .text(failure)] }
        next += 1
        let number = next
        var request = fields
        request["id"] = .integer(number)
        request["op"] = .text(operation)
        request["foreground"] = .bool(isForeground)
        let line = Array(JSONWriter.text(.mapping(request)).utf8) + [0x0A]
        if isForeground { foreground.insert(number) }
        settle()
        if isControl { controls.insert(number) }
        defer {
            foreground.remove(number)
            controls.remove(number)
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard process != nil else { return continuation.resume(returning: Self.gone) }
                waiting[number] = continuation
                Task { await self.send(line) }
            }
        } onCancel: {
            Task { await self.interrupt(number) }
        }
    }

    private static let gone: Value = ["failed": "the Python process ended", "died": true]

    /// Ends the process, if there is one.
    func stop() async {
        if let process { await children.stop(process) }
    }

    /// What controls share with the run, kept for a process that has yet to be started.
    func share(_ value: Value) async {
        shared = value
        if process != nil { await send(Self.line(sharing: value)) }
    }

    private func send(_ line: [UInt8]) async {
        if let process { await children.send(line, to: process) }
    }

    /// Why no Python could be started, or nil.
    private func start() async -> String? {
        if process != nil { return nil }
        if hasDied, diesOnce { return "the Python process is gone" }
        // Those who come meanwhile wait for the same one.
        let starting = starting ?? Task { await startProcess() }
        self.starting = starting
        let failure = await starting.value
        self.starting = nil
        return failure
    }

    private func startProcess() async -> String? {
        guard let python else { return "no Python was found; name one in GAMEDAY_PYTHON" }
        let command = ChildCommand(
            path: python, arguments: [python, "-c", BridgeScript.text, String(log.level.rawValue)],
            environment: environment, timeout: nil,
            console: console)
        do {
            let (ticket, lines) = try await children.converse(command) { [weak self] end in
                guard let self else { return }
                Task { await self.lost(end) }
            }
            process = ticket
            Task { [weak self, children, console] in
                for await line in lines {
                    if console != .none { await children.takeTerminalBack(from: ticket) }
                    await self?.take(line)
                }
            }
        } catch {
            return "\(python) could not be started"
        }
        if let shared { await send(Self.line(sharing: shared)) }
        return nil
    }

    /// Nobody waits for the answer to it: lines are taken in their order.
    private static func line(sharing value: Value) -> [UInt8] {
        Array(JSONWriter.text(["id": 0, "op": "share", "foreground": true, "shared": value]).utf8) + [0x0A]
    }

    private func take(_ line: [UInt8]) {
        var reader = JSONReader(line)
        guard let answer = try? reader.document() else { return }
        if let record = answer["log"] { return log.take(LogRecord(record)) }
        if case .integer(let number) = answer["signal"] {
            onStop(PythonStop.interruption(for: Int32(clamping: number)))
        }
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
            hasDied = true
            // Where the run waits for an answer, that tells it.
            if foreground.isEmpty { onStop(Interruption(reason: why, force: .fatal)) }
        }
        let lost = waiting.values
        waiting = [:]
        for continuation in lost { continuation.resume(returning: ["failed": .text(why), "died": true]) }
    }

    private func interrupt(_ number: Int) async {
        guard waiting[number] != nil, let process else { return }
        await send(Array("{\"cancel\": \(number)}\n".utf8))
        try? await Task.sleep(for: Self.grace)
        guard waiting[number] != nil, self.process == process else { return }
        await children.stop(process)
    }
}

extension PythonBridge {
    func mistake(in activity: Value) async -> PythonMistake? {
        let answer = await ask("check", Fields([("activity", activity)]), isForeground: true)
        if let value = answer["value"], !value.isNull {
            return PythonMistake(value, module: activity["provider"]?["module"]?.text ?? "")
        }
        return Self.message(answer).map { message in
            let place = python ?? "Python 3"
            return PythonMistake(
                message, remedy: "Install \(place) with the extension, or choose another one with GAMEDAY_PYTHON.")
        }
    }

    func mistake(inControl control: Value) async -> String? {
        // A control whose Python is missing is only not applied.
        guard python != nil else { return nil }
        return Self.message(await ask("check-control", Fields([("control", control)]), isForeground: true))
    }

    private static func message(_ answer: Value) -> String? {
        if let stop = PythonStop(answer, of: "its validation") { return stop.interruption.reason }
        if let failed = answer["failed"]?.text { return failed }
        if let crash = answer["crash"]?.list { return crash.map(PythonText.string).joined(separator: ": ") }
        return answer["value"]?.text
    }
}
