public import MeshModel

/// A mistake in a document: where it is, what is wrong, and what to write instead.
public struct DocumentProblem: Equatable, Sendable {
    public var path: DocumentPath
    public var position: SourcePosition?
    /// In the words of Chaos Toolkit where it has some.
    public var message: String
    public var remedy: String

    public init(path: DocumentPath, position: SourcePosition?, message: String, remedy: String) {
        self.path = path
        self.position = position
        self.message = message
        self.remedy = remedy
    }
}

/// Why an experiment can't be run: it could not be had, or what it says is wrong. All mistakes are told at once.
public struct DocumentError: Explained, Equatable {
    public enum Cause: Equatable, Sendable {
        /// There is no such file, or the server does not give it.
        case missing
        /// It is no JSON or YAML.
        case unreadable
        /// It is an experiment with mistakes.
        case invalid
    }

    public var cause: Cause
    /// The file or address, as the user gave it.
    public var source: String
    public var problems: [DocumentProblem]

    init(_ cause: Cause, _ source: String, _ problems: [DocumentProblem]) {
        self.cause = cause
        self.source = source
        self.problems = problems
    }

    init(_ cause: Cause, _ source: String, _ message: String, at position: SourcePosition? = nil, remedy: String) {
        self.init(
            cause, source,
            [DocumentProblem(path: DocumentPath(), position: position, message: message, remedy: remedy)])
    }

    /// The mistakes which a check found.
    public init(invalid source: String, _ problems: [DocumentProblem]) {
        self.init(.invalid, source, problems)
    }

    public var summary: String {
        problems.count == 1 ? problems[0].message : "\(problems.count) mistakes in \(source)"
    }

    public var remedy: String? { problems.first?.remedy }

    /// One entry a mistake, from the top of the file down: `file:line: what is wrong`, and under it what to do.
    public var report: [String] {
        let places = problems.enumerated().map { ($1.position?.line ?? 0, $0) }
        let order = places.sorted { $0 < $1 }.map { problems[$0.1] }
        return order.map { problem in
            let line = problem.position.map { ":\($0.line)" } ?? ""
            let path = problem.path.description.isEmpty ? "" : " (\(problem.path))"
            return "\(source)\(line): \(problem.message)\(path)\n    \(problem.remedy)"
        }
    }
}
