public import TerminalCanvas

/// Draws a state of the dashboard: the list of panels, and what lies above them.
public enum Screen {
    /// The picture of a state at its own size.
    public static func draw(_ state: DashboardState, glyphs: Glyphs = .full) -> Canvas {
        var canvas = Canvas(state.size, glyphs: glyphs)
        guard !state.isTooSmall else {
            TooSmallPanel().draw(state, in: canvas.area, on: &canvas)
            return canvas
        }
        if state.isProjecting {
            ProjectorPanel().draw(state, in: canvas.area, on: &canvas)
            return canvas
        }
        let regions = state.regions
        HeaderPanel().draw(state, in: regions.header, on: &canvas)
        FaultLine().draw(state, in: regions.faults, on: &canvas)
        for (pane, area) in regions.panes { panel(of: pane).draw(state, in: area, on: &canvas) }
        for (_, area) in regions.panes { state.search.mark(in: area.inset(columns: 1, rows: 1), on: &canvas) }
        if state.isBlind {
            for (_, area) in regions.panes { canvas.restyle(area) { Style(.stale, $0.emphasis) } }
        }
        FooterPanel().draw(state, in: regions.footer, on: &canvas)
        let body = Rect(0, regions.faults.endRow, state.size.columns, regions.footer.row - regions.faults.endRow)
        for layer in state.layers where !state.isBehindQuestion(layer) {
            Dialog(layer: layer).draw(state, in: body, on: &canvas)
        }
        return canvas
    }

    private static func panel(of pane: Pane) -> any Panel {
        switch pane {
        case .graph: GraphPanel()
        case .objectives: ObjectivesPanel()
        case .faults: FaultsPanel()
        case .timeline: TimelinePanel()
        case .proxies: ProxiesPanel()
        case .proof: ProofPanel()
        case .catalogue: CataloguePanel()
        case .run: RunPanel()
        }
    }
}
