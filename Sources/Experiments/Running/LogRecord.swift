/// A line of a log, as Python's `logging` has it: what an extension says beside its result.
public struct LogRecord: Equatable, Sendable {
    /// How much it matters, with the numbers that Python gives them.
    public enum Level: Int, CaseIterable, Comparable, Sendable {
        case debug = 10, info = 20, warning = 30, error = 40, critical = 50

        /// As Python writes it.
        public var name: String { "\(self)".uppercased() }

        public static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
    }

    public var level: Level
    /// The Python module that says it, and the line there.
    public var module: String
    public var line: Int
    public var text: String

    public init(_ level: Level, _ text: String, module: String = "gameday", line: Int = 0) {
        self.level = level
        self.module = module
        self.line = line
        self.text = text
    }

    /// A record as the other side of the bridge tells it.
    init(_ value: Value) {
        let number = value["level"]?.double ?? 0
        level = Level.allCases.last { Double($0.rawValue) <= number } ?? .debug
        module = value["module"]?.text ?? ""
        line = value["line"]?.double.map { Int($0) } ?? 0
        text = value["text"]?.text ?? ""
    }

    var value: Value {
        [
            "event": "logged", "level": .text(level.name), "module": .text(module), "line": .integer(line),
            "text": .text(text),
        ]
    }
}
