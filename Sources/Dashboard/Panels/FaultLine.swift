import MeshModel
import TerminalCanvas

/// The second line, on every screen: what is broken on purpose now and for how long, or that everything is halted.
struct FaultLine: Panel {
    func draw(_ state: DashboardState, in area: Rect, on canvas: inout Canvas) {
        if let asked = state.haltAskedAt {
            canvas.lay(.raised, behind: area)
            let age = Format.age(state.now.seconds(since: asked))
            canvas.write(
                [Span(" HALT ", Style(.bad, .bold)), Span(" requested \(age) ago, waiting for proof", Style(.warn))],
                line: 0, in: area)
        } else if let halt = state.mesh.halt, halt.isLatched {
            canvas.lay(.raised, behind: area)
            canvas.write(halted(halt, state), line: 0, in: area)
        } else if let run = state.toldRun {
            RunBanner(run: run).draw(state, in: area, on: &canvas)
        } else {
            // The past is shown below; what is broken on purpose is told as it is now.
            let now = state.isRewound ? [Span(" NOW ", Style(.banner, .bold))] : []
            canvas.write(now + faults(state, width: area.columns - now.width, canvas.glyphs), line: 0, in: area)
        }
    }

    private func halted(_ halt: Halt, _ state: DashboardState) -> [Span] {
        let clean = halt.proofs.count { $0.isClean }
        let dirty = halt.proofs.filter { !$0.isClean }.map(\.source)
        var spans = [Span(" HALTED ", Style(.banner, .bold)), Span(" by \(Text.clipped(halt.by, to: 16)): ")]
        if halt.proofs.isEmpty {
            spans.append(Span("waiting for proof", Style(.warn)))
        } else if dirty.isEmpty {
            spans.append(Span("\(clean) of \(clean) proxies verified clean", Style(.ok, .bold)))
        } else {
            let names = Text.clipped(dirty.prefix(3).joined(separator: ", "), to: 30)
            spans.append(Span(" \(dirty.count) NOT CLEAN: \(names) ", Style(.bad, .bold)))
        }
        if state.whyNot(.rearm) == nil { spans.append(Span("   \(state.keys(of: .rearm)) re-arms", Style(.muted))) }
        return spans
    }

    private func faults(_ state: DashboardState, width: Int, _ glyphs: Glyphs) -> [Span] {
        let active = state.mesh.activeFaults
        guard !active.isEmpty || !state.asking.isEmpty else {
            if let why = state.mesh.whySilent { return [Span(" No data: \(Text.sanitised(why))", Style(.warn))] }
            let hint = state.whyNot(.fault) == nil ? "; \(state.keys(of: .fault)) injects one on the selected edge" : ""
            return [Span(" No active faults", Style(.muted)), Span(hint, Style(.muted))]
        }
        var spans = [Span(" FAULTS \(active.count) ", Style(.fault, .bold))]
        for request in state.asking {
            spans.append(Span(" \(request.kind.label) on \(Look.edge(request.edge, to: 24, glyphs)) ", Style(.text)))
            spans.append(Span("requested", Style(.warn)))
        }
        let forms = Detail.allCases.map { detail in active.map { fault($0, state, detail, glyphs) } }
        let room = width - spans.width - 12
        let fitting = forms.first { $0.reduce(0) { $0 + $1.width + 2 } <= room + 12 } ?? forms[forms.count - 1]
        var used = 0
        for (index, next) in fitting.enumerated() {
            used += next.width + 2
            guard used <= room || index == 0 || index == fitting.count - 1 && used <= room + 12 else {
                spans.append(Span(" and \(active.count - index) more", Style(.warn)))
                break
            }
            if index > 0 || !state.asking.isEmpty { spans.append(Span(" |", Style(.muted))) }
            spans += next
        }
        return spans
    }

    /// How much is told of a fault: the more faults, the less of each.
    private enum Detail: CaseIterable {
        case all, withoutFuse, short, shortest
    }

    private func fault(_ fault: Fault, _ state: DashboardState, _ detail: Detail, _ glyphs: Glyphs) -> [Span] {
        let isFull = detail == .all || detail == .withoutFuse
        let seen =
            state.mesh.seen(of: fault).flatMap(\.ratio).map { " observed \(FaultWords.share($0, of: fault))" } ?? ""
        let label = fault.kind.label
        let kind = detail == .shortest ? label.split(separator: " ").first.map(String.init) ?? label : label
        var spans = [
            Span(" \(fault.id) \(kind) \(Format.asked(fault.share))", Style(.fault, .bold)),
            Span(" \(Look.edge(fault.edge, to: isFull ? 30 : 18, glyphs))", Style(.text)),
        ]
        // In a short line only what is not as it should be has room for its word.
        if isFull || fault.phase != .active || fault.isOrphan || state.mesh.isPartial(fault) {
            spans.append(
                Span(" \(FaultWords.phase(fault, in: state.mesh))\(isFull ? seen : "")", Style(Look.role(fault.phase))))
        }
        guard !fault.isOrphan else { return spans }
        spans.append(Span(" \(Format.countdown(fault.leaseRemaining(at: state.now)))", Style(.lease, .bold)))
        if detail == .all { spans += [Span(" ")] + FaultWords.fuse(fault, at: state.now, columns: 10, glyphs) }
        return spans
    }
}

/// The words and pictures that several panels have for a fault.
enum FaultWords {
    /// The phase in a word; PARTIAL when some of its proxies do not show it.
    static func phase(_ fault: Fault, in mesh: MeshState) -> String {
        mesh.isPartial(fault) && !fault.isOrphan ? "PARTIAL" : phase(fault)
    }

    /// What the proxies' counters show since the fault was confirmed as it is, with its interval: `30% (27-33%) n=812`.
    static func seen(_ fault: Fault, _ mesh: MeshState, hasCount: Bool = true) -> String {
        if let words = held(fault) {
            // Hits that somebody counted say more than that the fault is in place.
            return mesh.seen(of: fault).flatMap(\.ratio).map { share($0, of: fault) } ?? words
        }
        let sightings = mesh.watch.sightings[fault.id]?.values
        let whole = sightings.map { all in
            all.reduce(SeenShare(hit: 0, requests: 0)) {
                SeenShare(hit: $0.hit &+ $1.hit, requests: $0.requests &+ $1.requests)
            }
        }
        return seen(whole, hasCount: hasCount)
    }

    /// A share of the edge's requests, which is not the one asked for where only some of them are meant.
    static func share(_ ratio: Double, of fault: Fault) -> String {
        Format.share(ratio) + (fault.kind.only == nil ? "" : " of all")
    }

    /// What stands for counters where nobody counts; nil where somebody does.
    static func held(_ fault: Fault) -> String? {
        let more = fault.sources.count > 1 ? " +\(fault.sources.count - 1)" : ""
        return switch fault.evidence {
        case .counted: nil
        case .held: "confirmed by \(Text.sanitised(fault.sources.first ?? "no source"))\(more)"
        case .asked: "requested, not confirmed"
        case let other: "evidence: \(Text.sanitised(other.rawValue))"
        }
    }

    static func seen(_ seen: SeenShare?, hasCount: Bool = true) -> String {
        guard let seen, let ratio = seen.ratio else { return "not yet" }
        guard let interval = seen.interval else { return Format.share(ratio) }
        let low = Format.decimal(interval.lowerBound * 100, places: 0)
        let high = Format.decimal(interval.upperBound * 100, places: 0)
        return "\(Format.share(ratio)) (\(low)-\(high)%)" + (hasCount ? " n=\(seen.requests)" : "")
    }

    static func phase(_ fault: Fault) -> String {
        if fault.isOrphan, !fault.phase.isOver { return "ORPHAN" }
        if let ending = fault.ending { return ending.rawValue.uppercased() }
        return switch fault.phase {
        case .requested: "requested"
        case .accepted: "configured"
        case .active: "ACTIVE"
        case .reverting: "removing"
        case .reverted: "removed"
        case .lost: "LOST"
        case .stuck: "STUCK"
        case .refused: "REFUSED"
        case .other(let word): word
        }
    }

    /// The lease as a fuse that burns down.
    static func fuse(_ fault: Fault, at now: Timestamp, columns: Int, _ glyphs: Glyphs) -> [Span] {
        let whole = fault.leaseLength
        let share = whole > 0 ? min(1, fault.leaseRemaining(at: now) / whole) : 0
        let burning = min(columns, Int((share * Double(columns)).rounded(.up)))
        func line(_ stroke: Stroke, _ count: Int) -> String {
            String(repeating: Character(glyphs.line(stroke, isHorizontal: true).scalar), count: count)
        }
        return [
            Span(line(.heavy, burning), Style(.lease)), Span(line(.dotted, columns - burning), Style(.muted)),
        ]
    }
}
