internal import ChildPrograms

/// The extensions that a Python has.
public struct PythonExtensions: Sendable {
    private let bridge: PythonBridge

    /// The Python that is used, if there is one.
    public let path: String?

    public init(
        environment: [String: String], level: LogRecord.Level = .info,
        log: @escaping @Sendable (LogRecord) -> Void = { _ in }
    ) {
        bridge = PythonBridge(
            children: ChildProcesses(), environment: environment, log: PythonLog(level: level, take: log))
        path = bridge.python
    }

    /// The versions of Python and of its chaoslib, and the extensions that are installed.
    public func facts() async -> Value {
        let answer = await bridge.ask("facts", Fields(), isForeground: true)
        await bridge.stop()
        return answer["value"] ?? .mapping(Fields())
    }

    /// Why nothing is known of an extension.
    public struct Failure: Error, Equatable {
        public var message: String
    }

    /// What an extension can do, as it says itself.
    public func discovery(of package: String, asksSystem: Bool, installs: Bool) async -> Result<Value, Failure> {
        let answer = await bridge.ask(
            "discover",
            Fields([("package", .text(package)), ("system", .bool(asksSystem)), ("install", .bool(installs))]),
            isForeground: true)
        await bridge.stop()
        if let value = answer["value"] { return .success(value) }
        let crash = answer["crash"]?.list?.map(PythonText.string).joined(separator: ": ")
        return .failure(Failure(message: answer["failed"]?.text ?? crash ?? "Python gave no answer"))
    }
}
