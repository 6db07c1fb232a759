import MeshModel
import TerminalCanvas

extension DashboardState {
    /// The theme that the screen is to be shown by: the projector has one of its own.
    public var themeName: String? {
        isProjecting ? Self.projectorTheme : options.themes.isEmpty ? nil : options.themes[theme]
    }

    /// The theme of the picture for the back row.
    public static let projectorTheme = "projector"

    /// Shows the picture for the back row, or goes back to the screens.
    mutating func project(_ isWanted: Bool) -> [Effect] {
        guard isProjecting != isWanted else { return [] }
        isProjecting = isWanted
        board = ProjectorBoard()
        refreshBoard()
        return themeName.map { [.theme($0)] } ?? []
    }

    mutating func refreshBoard() {
        guard isProjecting else { return }
        board.follow(ProjectorScene(self), at: shownAt)
    }
}
