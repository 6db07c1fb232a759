/// Something that lies above the main screen and takes the keys; the last one lies in front.
enum Layer: Equatable, Sendable {
    case help(scroll: Int)
    case palette(Palette)
    case faultForm(FaultForm)
    case confirmation(Confirmation)
    case dial(Dial)
    /// The proof sheet of the last halt.
    case proof(scroll: Int)
    case blast
    case details(scroll: Int)
    case note(TextField)
    /// The field, and the filter to go back to.
    case filter(TextField, before: String)
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

    /// True where every printable character is part of a text, so that `!` is one too.
    var takesText: Bool {
        switch self {
        case .note, .filter, .palette: true
        case .help, .faultForm, .confirmation, .dial, .proof, .blast, .details, .quitGuard: false
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
