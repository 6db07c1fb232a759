internal import MeshModel
internal import Synchronization

/// What a run knows and nobody may be told, and the one place that takes it out of all that leaves the run: journals,
/// reports, events, errors. It goes by value: where a secret stands makes no difference, nor in which of its forms.
public final class Redaction: Sendable {
    /// Stands for what was taken out.
    static let mark = "***"
    /// A shorter secret is in half of all texts by chance: taking it out would blank the day, and guard nothing, since
    /// it is guessed in a moment.
    static let shortest = 4
    /// A line or a word of a secret is looked for by itself from this length on: shorter ones are words of any text.
    static let shortestPart = 8

    private let known = Mutex((secrets: Set<String>(), finder: SecretFinder([])))

    public init() {}

    /// What a document says outright, and what its environment and its settings hold under names of secrets.
    public convenience init(_ document: ExperimentDocument, environment: [String: String], settings: Value = .null) {
        self.init()
        let sources = SecretSources()
        learn(sources.texts(of: document.value) + sources.texts(of: environment) + sources.texts(of: settings))
        learn(RequestSurroundings(environment: environment, isStrict: false).passwords)
        for (_, login) in settings["auths"]?.fields?.entries ?? Fields().entries {
            learn(sources.leaves(of: login["value"] ?? .null))
        }
    }

    /// From now on none of these is told. It may be called at any time: a control may bring new ones.
    func learn(_ secrets: [String]) {
        let long = secrets.filter { $0.utf8.count >= Self.shortest }
        known.withLock { known in
            let fresh = known.secrets.union(long)
            guard fresh.count > known.secrets.count else { return }
            known = (fresh, SecretFinder(fresh))
        }
    }

    /// The secrets as they were resolved, and what of the configuration has such a name.
    func learn(from substitution: Substitution) {
        let sources = SecretSources(isResolved: true)
        learn(sources.leaves(of: .mapping(substitution.secrets)))
        learn(sources.texts(of: .mapping(substitution.configuration), under: ""))
    }

    /// What an activity is about to use.
    func learn(from call: ActivityCall) {
        guard let provider = try? call.substitution(call.provider) else { return }
        learn(SecretSources(isResolved: true).texts(of: provider, under: ""))
    }

    private var finder: SecretFinder { known.withLock { $0.finder } }

    func callAsFunction(_ text: String) -> String { finder.hidden(in: text) }

    func callAsFunction(_ value: Value) -> Value { Self.hidden(value, finder) }

    private static func hidden(_ value: Value, _ finder: SecretFinder) -> Value {
        switch value {
        case .text(let text): return .text(finder.hidden(in: text))
        case .list(let items): return .list(items.map { hidden($0, finder) })
        case .mapping(let fields):
            var out = Fields()
            for (name, value) in fields.entries {
                // A name of Chaos Toolkit's own may look like a short secret, and a journal without it is none.
                let shown = name.utf8.count < shortestPart ? name : finder.hidden(in: name, onlyLong: true)
                out[shown] = SecretNames.isHeader(name) ? hiddenHeader(value) : hidden(value, finder)
            }
            return .mapping(out)
        case .integer, .bigInteger, .number:
            return finder.holds(PythonText.string(value)) ? .text(mark) : value
        case .null, .bool, .moment: return value
        }
    }

    /// All that a header of credentials says; what it refers to is none.
    private static func hiddenHeader(_ value: Value) -> Value {
        switch value {
        case .text(let text) where !SecretSources.isReference(text.utf8):
            .text((text.split(separator: " ").last?.utf8.count ?? 0) < shortest ? text : mark)
        case .list(let items): .list(items.map(hiddenHeader))
        default: value
        }
    }
}

extension Redaction {
    /// The mistakes of a document, which quote it.
    func callAsFunction(_ problems: [DocumentProblem]) -> [DocumentProblem] {
        problems.map { problem in
            var problem = problem
            problem.message = self(problem.message)
            problem.remedy = self(problem.remedy)
            return problem
        }
    }

    func callAsFunction(_ failure: RunFailure) -> RunFailure {
        switch failure {
        case .document(var error):
            error.problems = self(error.problems)
            return .document(error)
        case .preparation(let why): return .preparation(self(why))
        case .lost(let why): return .lost(self(why))
        case .journal: return failure
        }
    }

    func callAsFunction(_ progress: RunProgress) -> RunProgress {
        switch progress {
        case .began(let title, var outline):
            {
                outline.hypothesis = outline.hypothesis.map { self($0) }
                return .began(title: self(title), outline)
            }()
        case .entered, .checked, .ended: progress
        case .pausing(let place, let name, let seconds, let isBefore):
            .pausing(place, name: self(name), seconds: seconds, isBefore: isBefore)
        case .started(let place, let name, let type, let inBackground):
            .started(place, name: self(name), type: self(type), inBackground: inBackground)
        case .finished(let place, let name, let status, let seconds, let output, let detail):
            .finished(
                place, name: self(name), status: status, seconds: seconds, output: self(output),
                detail: detail.map { self($0) })
        case .judged(let place, let name, let isWithin): .judged(place, name: self(name), isWithinTolerance: isWithin)
        case .stopping(let reason): .stopping(reason: self(reason))
        case .warned(let text): .warned(self(text))
        case .logged(var record):
            {
                record.text = self(record.text)
                return .logged(record)
            }()
        }
    }
}
