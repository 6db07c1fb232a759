import TerminalCanvas

extension Span {
    /// The key that halts. It is a filled block too, but black and white: nobody takes it for something broken.
    static func halt(_ state: DashboardState) -> Span {
        Span(" \(state.keys(of: .halt)) HALT ALL ", Style(.text, [.bold, .reverse]))
    }
}
