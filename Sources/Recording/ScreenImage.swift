/// A screen as text with colours, for pictures and films of it: whoever knows canvases and themes makes one.
public struct ScreenImage: Equatable, Sendable {
    /// Neighbouring cells that look the same.
    public struct Run: Equatable, Sendable {
        public var text: String
        /// How many cells it takes.
        public var columns: Int
        /// 0xRRGGBB; nil is the screen's own colour.
        public var foreground: UInt32?
        public var background: UInt32?
        public var isBold = false
        public var isDim = false
        public var isUnderlined = false

        public init(_ text: String, columns: Int, foreground: UInt32? = nil, background: UInt32? = nil) {
            self.text = text
            self.columns = columns
            self.foreground = foreground
            self.background = background
        }
    }

    public var columns: Int
    /// The screen's own colours, 0xRRGGBB.
    public var foreground: UInt32
    public var background: UInt32
    /// Top to bottom, each left to right and `columns` wide.
    public var rows: [[Run]]

    public init(columns: Int, foreground: UInt32, background: UInt32, rows: [[Run]]) {
        self.columns = columns
        self.foreground = foreground
        self.background = background
        self.rows = rows
    }
}
