/// What a person does at the keyboard or the mouse, and what befalls the terminal.
public enum Key: Hashable, Sendable {
    case character(Character)
    /// A letter in lower case, or one of `[ \ ] ^ _` and space.
    case control(Character)
    case alt(Character)
    case enter, escape, tab, backTab, backspace, delete, insert
    case up, down, left, right, home, end, pageUp, pageDown
    case shiftUp, shiftDown, shiftLeft, shiftRight
    /// F1 is 1.
    case function(Int)
    case mouse(MouseEvent)
    /// A text from the clipboard, as the terminal marked it. It is never taken for keys.
    case pasted(String)
    /// The terminal has another size now; the next frame should have it.
    case resized(Size)
    /// The terminal says what colour lies behind its text.
    case background(Color)
    /// The program was asked from outside to end.
    case signal(EndSignal)
}

/// A signal that asks the program to end. It should close the terminal within two seconds; a second one ends it at once.
public enum EndSignal: Hashable, Sendable {
    case terminate, hangup, interrupt
}

/// A click or a turn of the wheel.
public struct MouseEvent: Hashable, Sendable {
    public enum Kind: Hashable, Sendable { case press, doublePress, release, wheelUp, wheelDown }

    public var kind: Kind
    public var point: Point

    public init(_ kind: Kind, at point: Point) {
        self.kind = kind
        self.point = point
    }
}
