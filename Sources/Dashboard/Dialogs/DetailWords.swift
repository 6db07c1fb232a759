import MeshModel
import TerminalCanvas

/// All that is known of the selection, as lines.
enum DetailWords {
    static func lines(_ state: DashboardState, _ glyphs: Glyphs) -> [[Span]] {
        switch state.selection {
        case .service(let name): service(name, state, glyphs)
        case .edge(let edge): self.edge(edge, state, glyphs)
        case nil: [[Span("Nothing selected.")]]
        }
    }

    private static func service(_ name: ServiceName, _ state: DashboardState, _ glyphs: Glyphs) -> [[Span]] {
        var lines = Text.wrapped(name.text, to: 60).prefix(8).map { [Span($0, Style(.title, .bold))] }
        lines.append(numbers(state.shownReadings[name], glyphs))
        lines += difference(of: .service(name), state, glyphs)
        lines += counts(state.shown.services[name], state)
        let sentences = EdgeSentences.lines(of: name, in: state.shown)
        for sentence in sentences { lines += Text.wrapped(sentence, to: 60).map { [Span($0)] } }
        lines += InstanceWords.lines(of: name, state, glyphs)
        guard let number = state.digraph.number(of: name) else { return lines }
        let callers = state.digraph.callers[number].map { Edge(from: state.digraph.names[$0], to: name) }
        let callees = state.digraph.callees[number].map { Edge(from: name, to: state.digraph.names[$0]) }
        for (title, edges) in [("Called by", callers), ("Calls", callees)] where !edges.isEmpty {
            lines += [[], [Span(title, Style(.title, .bold))]]
            for edge in edges.prefix(100) {
                let other = edge.from == name ? edge.to : edge.from
                let left = Text.fitted(Look.name(other, to: 24, glyphs), to: 25)
                lines.append([Span(" \(left)")] + numbers(state.shownReadings[edge], glyphs))
            }
        }
        return lines
    }

    private static func edge(_ edge: Edge, _ state: DashboardState, _ glyphs: Glyphs) -> [[Span]] {
        var lines = [
            [Span(Look.edge(edge, to: 60, glyphs), Style(.title, .bold))], numbers(state.shownReadings[edge], glyphs),
        ]
        lines += difference(of: .edge(edge), state, glyphs)
        lines += counts(state.shown.edges[edge], state)
        let sentences = EdgeSentences.lines(of: edge, in: state.shown, at: state.shownAt)
        if !sentences.isEmpty { lines += [[], [Span("Protection", Style(.title, .bold))]] }
        for sentence in sentences { lines += Text.wrapped(sentence, to: 60).map { [Span($0)] } }
        for fault in state.shown.activeFaults where fault.edge == edge {
            lines += [[], [Span(EdgeWords.marked(fault, at: state.shownAt, to: 60), Style(.fault, .bold))]]
            lines.append([Span("\(FaultWords.phase(fault)) by \(fault.by)")])
            if let seen = state.shown.seen(of: fault) {
                let words = "\(seen.hit) of \(seen.requests) requests hit: \(Format.share(seen.ratio))"
                lines.append([Span("requested \(Format.asked(fault.share)), \(words)")])
            }
            if let why = fault.explanation { lines.append([Span(why, Style(.warn))]) }
        }
        let radius = state.shown.blastRadius(of: edge, share: 1, at: state.shownAt)
        lines += [[], [Span("If every request were hit", Style(.title, .bold))]]
        return lines + BlastWords.lines(radius, entrance: state.shown.session?.entrance).map { [Span($0)] }
    }

    /// What changed since before the faults, while figures are told so.
    private static func difference(of scope: Scope, _ state: DashboardState, _ glyphs: Glyphs) -> [[Span]] {
        guard state.showsDifferences else { return [] }
        let words = DifferenceWords.changes(
            state.difference(of: scope), Difference.Measure.allCases, to: 48, glyphs)
        return [[Span("DIFF", Style(.accent)), Span(" ")] + words]
    }

    private static func numbers(_ reading: Reading, _ glyphs: Glyphs) -> [Span] {
        let role = Look.role(reading.health)
        let figures = FigureWords(reading: reading, glyphs: glyphs)
        return [
            Span("\(Look.mark(reading.health, glyphs)) \(Look.word(reading))", Style(role)),
            Span("  \(Format.rate(reading.rate))  "),
            Span(
                "\(Format.failures(reading.errors, of: reading.requests, between: " of ")) errors",
                figures.errors.first?.style ?? .plain), Span("  p50 "),
        ] + figures.p50 + [Span("  p99 ")] + figures.p99
    }

    /// What the proxy counted in the last seconds; what it did not say is left out.
    private static func counts(_ scope: ScopeState?, _ state: DashboardState) -> [[Span]] {
        guard let scope, let sample = scope.sample(until: state.shownAt) else {
            return [[Span("no traffic in the last 5 s", Style(.muted))]]
        }
        let all: [(String, UInt64)] = [
            ("responses", sample.completed), ("2xx", sample.answers2xx), ("3xx", sample.answers3xx),
            ("4xx", sample.answers4xx), ("5xx", sample.answers5xx), ("resets", sample.resets),
            ("retries", sample.retries), ("timeouts", sample.timeouts), ("overflows", sample.overflows),
            ("connect failures", sample.connectFailures), ("aborts injected", sample.abortsInjected),
            ("delays injected", sample.delaysInjected), ("limits injected", sample.rateLimitsInjected),
            ("connections", sample.connections), ("ejected hosts", sample.ejectedHosts),
        ]
        let bytes = [("received", sample.bytesReceived), ("sent", sample.bytesSent)].filter { $0.1 > 0 }
        let words =
            (all.filter { $0.1 > 0 }.map { "\($0.0) \($0.1)" }
            + bytes.map { "\($0.0) \(Format.bytes($0.1))" }).joined(separator: ", ")
        var lines = Text.wrapped("in 5 s: \(words)", to: 60).map { [Span($0, Style(.muted))] }
        if let total = sample.totalHosts, let healthy = sample.healthyHosts {
            lines.append([Span("healthy hosts \(healthy) of \(total)", Style(healthy == 0 ? .bad : .muted))])
        }
        lines.append([Span("updated \(Format.age(scope.age(at: state.shownAt))) ago", Style(.muted))])
        return lines
    }
}
