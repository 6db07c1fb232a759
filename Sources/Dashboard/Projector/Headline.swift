import MeshModel
import TerminalCanvas

/// What the back row is to read first: the one thing that matters at a moment, in a few words.
struct Headline: Equatable, Sendable {
    /// How it stands on the screen: each has a shape and a size of its own, and a colour third.
    enum Shape: Equatable, Sendable {
        /// Dark letters on a filled band, as large as can be: something is broken.
        case band
        /// Letters in a double frame: everything is halted.
        case frame
        /// Letters alone and smaller.
        case plain(StyleRole)
    }

    var text: String
    /// A line that explains it.
    var detail: String
    var shape: Shape

    /// Longer names are cut in their middle.
    private static let longestName = 16

    /// A halt and a control plane that is not heard are told at once, whatever else happens.
    static func urgent(_ state: DashboardState) -> Headline? {
        if let asked = state.haltAskedAt {
            let age = Format.age(state.now.seconds(since: asked))
            return Headline(text: "HALTING", detail: "requested \(age) ago, waiting for proof", shape: .frame)
        }
        if let halt = state.mesh.halt, halt.isLatched { return Headline(halt, state) }
        guard state.isBlind else { return nil }
        let age = state.heardAt.map { Format.age(state.now.seconds(since: $0)) + " ago" } ?? "never"
        return Headline(text: "NO CONTACT", detail: "last contact \(age): all values are stale", shape: .band)
    }

    init(text: String, detail: String, shape: Shape) {
        self.text = text
        self.detail = detail
        self.shape = shape
    }

    private init(_ halt: Halt, _ state: DashboardState) {
        let clean = halt.proofs.count { $0.isClean }
        let count = halt.proofs.count
        let key = state.whyNot(.rearm) == nil ? "   \(state.keys(of: .rearm)) re-arms" : ""
        let by = "by \(Text.clipped(halt.by, to: 16)): "
        if count == 0 {
            self.init(text: "HALTING", detail: by + "waiting for proof", shape: .frame)
        } else if clean == count {
            self.init(
                text: "HALTED \(clean) OF \(count)", detail: by + "\(clean) of \(count) proxies verified clean\(key)",
                shape: .frame)
        } else {
            let names = halt.proofs.filter { !$0.isClean }.prefix(3).map(\.source).joined(separator: ", ")
            self.init(
                text: "\(count - clean) NOT CLEAN", detail: "\(clean) of \(count) proxies verified clean, not \(names)",
                shape: .band)
        }
    }

    /// What there is to tell when nothing is urgent: a verdict, what is broken, what is claimed, what was injected.
    init(_ state: DashboardState) {
        let mesh = state.shown
        let run = state.toldRun
        let told =
            run.flatMap(Self.verdict) ?? Self.broken(state) ?? Self.failing(state) ?? run.flatMap(Self.hypothesis)
            ?? Self.weak(state)
        if let told {
            self = told
        } else if let fault = mesh.activeFaults.last {
            let count = mesh.activeFaults.count
            self.init(
                text: count == 1 ? fault.kind.label : "\(count) faults", detail: "no objective is broken",
                shape: .plain(.fault))
        } else {
            let count = mesh.services.count
            self.init(
                text: count == 0 ? "NO DATA YET" : "ALL HEALTHY",
                detail: count == 0 ? "" : "all \(count) services are healthy",
                shape: .plain(count == 0 ? .stale : .ok))
        }
    }

    private static func verdict(_ run: ExperimentReport) -> Headline? {
        guard let verdict = run.verdict else { return nil }
        let shape: Shape =
            switch verdict.tone {
            case .bad: .band
            case .good: .plain(.ok)
            case .warn: .plain(.warn)
            case .plain: .plain(.text)
            }
        return Headline(
            text: verdict.outcome.word, detail: "\(run.title): \(verdict.words.first ?? "")", shape: shape)
    }

    private static func hypothesis(_ run: ExperimentReport) -> Headline? {
        guard !run.isOver else { return nil }
        let claim = run.probes.first
        let text = claim.map { Text.width($0.name) <= 36 ? $0.name : "HYPOTHESIS" } ?? run.title
        let expected = claim.map { "\($0.name): \($0.expected)" } ?? "no hypothesis"
        return Headline(
            text: "\(text)?", detail: "\(run.id) \(RunWords.phase(run))   \(expected)", shape: .plain(.accent))
    }

    private static func broken(_ state: DashboardState) -> Headline? {
        let readings = (state.shown.session?.objectives ?? []).map {
            ($0, state.shown.reading(of: $0, at: state.shownAt))
        }
        let broken = readings.filter { $0.1.isMet == false }
        guard let (objective, reading) = broken.first else { return nil }
        let isLate = if case .latency = objective.indicator { true } else { false }
        let value = isLate ? reading.value.map(PlainWords.latency) : reading.value.map(PlainWords.percent)
        let more = broken.count > 1 ? "; \(broken.count - 1) more broken" : ""
        return Headline(
            text: "\(name(objective.service)) IS \(isLate ? "TOO SLOW" : "FAILING")",
            detail: "\(Narrator.indicator(of: objective)) \(value ?? "unknown"),"
                + " target: \(Narrator.bound(of: objective))\(more)",
            shape: .band)
    }

    private static func failing(_ state: DashboardState) -> Headline? {
        guard let worst = state.shownReadings.worstFirst().first else { return nil }
        let reading = state.shownReadings[worst]
        guard reading.health == .bad else { return nil }
        return Headline(
            text: "\(name(worst)) IS FAILING", detail: "\(Format.share(reading.errors)) errors", shape: .band)
    }

    private static func weak(_ state: DashboardState) -> Headline? {
        guard let worst = state.shownReadings.worstFirst().first else { return nil }
        let reading = state.shownReadings[worst]
        return switch reading.health {
        case .stale: Headline(text: "NO DATA: \(name(worst))", detail: "its proxy is stale", shape: .plain(.stale))
        case .warn:
            Headline(
                text: "\(name(worst)) WARNS", detail: "\(Format.share(reading.errors)) errors", shape: .plain(.warn))
        case .bad, .ok, .unknown: nil
        }
    }

    private static func name(_ service: ServiceName) -> String {
        Look.name(service, to: longestName, .full).uppercased()
    }
}

/// A headline in block letters as large as its area allows, with the line that explains it.
struct HeadlinePanel: Panel {
    let headline: Headline

    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        switch headline.shape {
        case .band:
            let blank = String(repeating: " ", count: area.columns)
            for line in 0..<area.rows { canvas.put(blank, Style(.bad), at: area.line(line).origin, in: area) }
        case .frame: frame(area, on: &canvas)
        case .plain: break
        }
        let place = letters(in: area, canvas.glyphs)
        if let text = place.text {
            text.draw(isCentred: true, in: place.area, on: &canvas)
        } else {
            centre(headline.text, Style(role, .bold), line: place.area.rows / 2, in: place.area, on: &canvas)
        }
        let below = Rect(place.area.column, place.area.endRow, place.area.columns, 1)
        centre(headline.detail, Style(role == .bad ? .bad : .text, .bold), line: 0, in: below, on: &canvas)
    }

    /// The letters and where they stand in the middle; without letters where no size of them fits. What is not broken
    /// stands smaller: two thirds of the height at most.
    func letters(in area: Rect, _ glyphs: Glyphs) -> (text: BlockText?, area: Rect) {
        let isFramed = headline.shape == .frame
        let isWhole = isFramed && area.rows >= Self.framedRows
        let inner = area.inset(columns: 2, rows: isWhole ? 1 : 0)
        let place = Rect(inner.column, inner.row, inner.columns, inner.rows - 1)
        let isPlain = headline.shape != .band && !isFramed
        let text = BlockText(
            headline.text, Style(role, .bold), fitting: place.size, glyphs, mostLines: 3,
            tallest: isPlain ? max(4, area.rows * 2 / 3) : .max)
        return (text, place)
    }

    private var role: StyleRole {
        switch headline.shape {
        case .band: .bad
        case .frame: .text
        case .plain(let role): role
        }
    }

    /// From so many rows on the frame has an upper and a lower edge too.
    private static let framedRows = 11

    private func frame(_ area: Rect, on canvas: inout Canvas) {
        var frame = Graph(window: area)
        if area.rows >= Self.framedRows {
            frame.add(box: area, .double, Style(.focusBorder, .bold))
        } else {
            for column in [area.column, area.endColumn - 1] {
                frame.add(
                    line: [Point(column, area.row), Point(column, area.endRow - 1)], .double,
                    Style(.focusBorder, .bold))
            }
        }
        frame.draw(in: area, on: &canvas)
    }

    private func centre(_ text: String, _ style: Style, line: Int, in area: Rect, on canvas: inout Canvas) {
        let shown = Text.clipped(text, to: area.columns, canvas.glyphs)
        let place = area.line(line)
        canvas.put(shown, style, at: place.origin.moved(columns: (area.columns - Text.width(shown)) / 2), in: place)
    }
}
