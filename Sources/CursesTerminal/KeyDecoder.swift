import TerminalCanvas

/// Makes keys of the bytes that a terminal sends, however the line between cuts and delays them. It is pure: the time
/// comes in with the bytes, so every split and every delay can be tested.
///
/// A rest of a sequence must never be taken for keys: an arrow is `ESC O B`, and an answer of the terminal such as
/// `ESC ] 11 ; rgb:ff…` holds an `f`. So an escape waits for what may belong to it, and what nobody knows is swallowed
/// whole. What halts and leaves (`!`, ctrl-x, ctrl-c) is no part of any sequence and acts at once in the middle of one.
struct KeyDecoder {
    typealias Instant = ContinuousClock.Instant

    /// How long one waits for another byte.
    struct Patience {
        /// For what may follow an escape; only then it is the key. `ESCDELAY` says otherwise.
        var escape = Duration.milliseconds(500)
        /// What comes that soon after an escape was sent with it: Alt.
        var alt = Duration.milliseconds(25)
        /// After an escape that acted as the key, its rest may still come.
        var late = Duration.milliseconds(1500)
        /// A capital letter that comes that soon is no key either.
        var capital = Duration.milliseconds(600)
        /// For the rest of a sequence that has begun.
        var sequence = Duration.seconds(3)
        /// For more of a paste.
        var paste = Duration.seconds(5)

        /// `ESCDELAY` is in milliseconds, as ncurses has it.
        init(environment: [String: String] = [:]) {
            if let milliseconds = environment["ESCDELAY"].flatMap({ Int($0) }), milliseconds > 0 {
                escape = .milliseconds(min(milliseconds, 10_000))
                late = max(late, escape + .seconds(1))
                capital = max(capital, escape)
            }
        }
    }

    private enum State {
        case ground, escape, sequence, string
        /// Three bytes of any value: what button, and where.
        case mouse
        case paste
    }

    /// Longer than any answer to what is asked of a terminal.
    private static let longestString = 4096
    private static let longestSequence = 64

    let patience: Patience
    private let known: KeySequences
    private var state = State.ground
    /// The bytes of the sequence so far, with its escape.
    private var sequence: [UInt8] = []
    /// The sequence began after its escape had acted as the key.
    private var isLate = false
    /// When the last byte came.
    private var heardAt: Instant?
    /// When the escape came that acted as the key.
    private var escapedAt: Instant?
    private var text = CharacterAssembly()
    private var paste = PasteAssembly()
    private var keys: [Key] = []

    init(_ known: KeySequences = KeySequences(), patience: Patience = Patience()) {
        self.known = known
        self.patience = patience
    }

    /// When `settle` has something to do, unless bytes come before.
    var deadline: Instant? {
        guard let heardAt else { return nil }
        switch state {
        case .ground: return nil
        case .escape: return heardAt + patience.escape
        case .paste: return heardAt + patience.paste
        case .sequence, .string, .mouse:
            // A person may have typed what looks like the beginning of a rest.
            let isDoubtful = state == .sequence && isLate && sequence.count == 2
            let isShort = holdsHalt || state == .mouse || isDoubtful
            return heardAt + (isShort ? patience.escape : patience.sequence)
        }
    }

    /// The keys that these bytes, which have just come, make whole.
    mutating func receive(_ bytes: some Sequence<UInt8>, at now: Instant) -> [Key] {
        // An escape that the program had no time to settle may have its rest here.
        if state != .escape { giveUp(at: now) }
        for byte in bytes {
            take(byte, at: now)
            heardAt = now
        }
        defer { keys = [] }
        return keys
    }

    /// The keys that are such because nothing followed.
    mutating func settle(at now: Instant) -> [Key] {
        giveUp(at: now)
        defer { keys = [] }
        return keys
    }

    private mutating func giveUp(at now: Instant) {
        guard let deadline, now >= deadline else { return }
        switch state {
        case .escape: actAsEscape()
        case .paste: keys.append(.pasted(paste.finish()))
        case .ground, .sequence, .string, .mouse: if holdsHalt { keys.append(.character("!")) }
        }
        state = .ground
    }

    private mutating func actAsEscape() {
        keys.append(.escape)
        escapedAt = heardAt
        state = .ground
    }

    private mutating func take(_ byte: UInt8, at now: Instant) {
        switch state {
        case .ground: takePlain(byte, at: now)
        case .escape: takeAfterEscape(byte, at: now)
        case .sequence: takeSequence(byte, at: now)
        case .string: takeString(byte, at: now)
        case .mouse: takeMouse(byte, at: now)
        case .paste: takePaste(byte, at: now)
        }
    }

    private mutating func takePlain(_ byte: UInt8, at now: Instant) {
        if byte == Byte.escape {
            begin(.escape, [byte])
            return
        }
        if let escapedAt, now - escapedAt < patience.late {
            if let state = KeyDecoder.introduced(by: byte) {
                begin(state, [Byte.escape, byte], isLate: true)
                return
            }
            if Byte.capitals.contains(byte), now - escapedAt < patience.capital { return }
        }
        escapedAt = nil
        if let key = text.key(with: byte) { keys.append(key) }
    }

    private mutating func begin(_ state: State, _ bytes: [UInt8], isLate: Bool = false) {
        self.state = state
        self.isLate = isLate
        sequence = bytes
        escapedAt = nil
        text = CharacterAssembly()
    }

    /// What may begin a sequence after an escape, and what it then is.
    private static func introduced(by byte: UInt8) -> State? {
        switch Unicode.Scalar(byte) {
        case "[", "O": .sequence
        case "]", "P", "_": .string
        default: nil
        }
    }

    private mutating func takeAfterEscape(_ byte: UInt8, at now: Instant) {
        if let state = KeyDecoder.introduced(by: byte) {
            begin(state, [Byte.escape, byte])
            return
        }
        let isTogether = heardAt.map { now - $0 <= patience.alt } ?? true
        if isTogether, let key = known.key(of: [Byte.escape, byte]) {
            state = .ground
            keys.append(key)
        } else if isTogether, byte != Byte.halt, (0x20..<0x7F).contains(byte) {
            state = .ground
            keys.append(.alt(Character(Unicode.Scalar(byte))))
        } else {
            actAsEscape()
            take(byte, at: now)
        }
    }

    private mutating func takeSequence(_ byte: UInt8, at now: Instant) {
        if byte == Byte.halt {
            keys.append(.character("!"))
            return
        }
        guard (0x20..<0x7F).contains(byte), sequence.count < KeyDecoder.longestSequence else {
            state = .ground
            take(byte, at: now)
            return
        }
        sequence.append(byte)
        if let key = known.key(of: sequence) {
            state = .ground
            keys.append(key)
        } else if sequence.elementsEqual("\u{1B}[M".utf8) {
            state = .mouse
        } else if sequence.elementsEqual("\u{1B}[200~".utf8) {
            state = .paste
            paste = PasteAssembly()
        } else if KeySequences.isWhole(sequence) {
            state = .ground
            if let key = known.meaning(of: sequence) { keys.append(key) }
        }
    }

    private mutating func takeMouse(_ byte: UInt8, at now: Instant) {
        guard byte >= 0x20 else {
            state = .ground
            take(byte, at: now)
            return
        }
        sequence.append(byte)
        guard sequence.count == 6 else { return }
        state = .ground
        if let event = known.mouse(code: Int(sequence[3]) - 32, Int(sequence[4]) - 32, Int(sequence[5]) - 32, false) {
            keys.append(.mouse(event))
        }
    }

    /// `ESC P ! |` begins an answer to the question for a terminal's number, so there a `!` waits for one more byte.
    private var holdsHalt: Bool { state == .string && sequence.elementsEqual("\u{1B}P!".utf8) }

    private mutating func takeString(_ byte: UInt8, at now: Instant) {
        if holdsHalt, byte != UInt8(ascii: "|") {
            keys.append(.character("!"))
            sequence.removeLast()
        }
        let isAfterEscape = sequence.count > 2 && sequence.last == Byte.escape
        switch byte {
        case 0x07: finishString()
        case UInt8(ascii: "\\") where isAfterEscape: finishString()
        case _ where isAfterEscape:
            begin(.escape, [Byte.escape])
            take(byte, at: now)
        // A string that never ends must not swallow what leaves.
        case Byte.controlC, Byte.controlX, Byte.controlZ:
            state = .ground
            take(byte, at: now)
        case Byte.halt where sequence.count != 2 || sequence[1] != UInt8(ascii: "P"):
            keys.append(.character("!"))
        case _ where sequence.count == 2 && !KeySequences.canBegin(string: sequence[1], with: byte):
            state = .ground
            if !Byte.capitals.contains(byte) { take(byte, at: now) }
        default:
            sequence.append(byte)
            if sequence.count > KeyDecoder.longestString { state = .ground }
        }
    }

    private mutating func finishString() {
        state = .ground
        let body = String(decoding: sequence.dropFirst(2).filter { $0 != Byte.escape }, as: UTF8.self)
        guard sequence[1] == UInt8(ascii: "]"), body.hasPrefix("11;"), let color = Color(answer: body.dropFirst(3))
        else { return }
        keys.append(.background(color))
    }

    private mutating func takePaste(_ byte: UInt8, at now: Instant) {
        // A paste whose end is lost must not swallow what halts and leaves. In a paste these do not come alone.
        let isAlone = heardAt.map { now - $0 >= patience.escape } ?? false
        if isAlone, [Byte.halt, Byte.controlC, Byte.controlX].contains(byte) {
            keys.append(.pasted(paste.finish()))
            state = .ground
            take(byte, at: now)
        } else if paste.isWhole(with: byte) {
            keys.append(.pasted(paste.finish()))
            state = .ground
        }
    }
}

/// Bytes that mean something to the decoder.
enum Byte {
    static let escape: UInt8 = 0x1B
    static let halt = UInt8(ascii: "!")
    static let controlC: UInt8 = 0x03
    static let controlX: UInt8 = 0x18
    static let controlZ: UInt8 = 0x1A
    static let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")
}
