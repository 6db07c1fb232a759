/// Something that lies above the main screen and takes the keys; the last one lies in front.
enum Layer: Equatable, Sendable {
    /// How far it is scrolled, and what is looked for in it while that is typed.
    case help(scroll: Int, query: TextField? = nil)
    case palette(Palette)
    case faultForm(FaultForm)
    case confirmation(Confirmation)
    case dial(Dial)
    /// The proof sheet of the last halt.
    case proof(scroll: Int)
    case blast
    /// What they are of, and how far they are scrolled.
    case details(of: Subject, scroll: Int)
    case log(LogView)
    /// What the experiments that were run have taught.
    case lessons(scroll: Int)
    case note(TextField)
    case search(RecallField)
    /// The field, and the filter to go back to.
    case filter(RecallField, before: String)
    case quitGuard(Sight)

    fileprivate var isForm: Bool {
        if case .faultForm = self { true } else { false }
    }

    /// How far it has come to the person, if it is a question.
    var sight: Sight? {
        get {
            switch self {
            case .confirmation(let confirmation): confirmation.sight
            case .quitGuard(let sight): sight
            default: nil
            }
        }
        set {
            guard let newValue else { return }
            switch self {
            case .confirmation(var confirmation):
                confirmation.sight = newValue
                self = .confirmation(confirmation)
            case .quitGuard: self = .quitGuard(newValue)
            default: break
            }
        }
    }

    /// What is typed on the line above the keys.
    var line: (sign: String, field: TextField)? {
        switch self {
        case .search(let line): ("/", line.field)
        case .filter(let line, _): ("&", line.field)
        default: nil
        }
    }

    /// True where every printable character is part of a text, so that `!` is one too.
    var takesText: Bool {
        switch self {
        case .note, .search, .filter, .palette: true
        case .help(_, let query): query != nil
        case .faultForm, .confirmation, .dial, .proof, .blast, .details, .log, .lessons, .quitGuard: false
        }
    }
}

extension DashboardState {
    /// A form and the question that came of it would lie over each other and be read as one.
    func isBehindQuestion(_ layer: Layer) -> Bool {
        guard layer.isForm, case .confirmation = layers.last else { return false }
        return true
    }
}
