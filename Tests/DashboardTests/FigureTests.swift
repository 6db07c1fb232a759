import MeshModel
import TerminalCanvas
import TestKit
import Testing

@testable import Dashboard

/// Figures are marked one by one when they are off, and stand where they stood.
struct FigureTests {
    private static let late = Edge(from: "kitchen", to: "cellar")
    private static let failing = Edge(from: "bar", to: "taps")

    @Test func `a delay is marked on the latency, an abort on the errors, and both make the edge bad`() {
        let day = BarDay.broken(Size(120, 40))
        let (slow, broken) = (day.state.readings[Self.late], day.state.readings[Self.failing])
        #expect(slow.marks == [.p99: .bad] && slow.health == .bad && Look.word(slow) == "SLOW")
        #expect(broken.marks == [.success: .bad] && broken.health == .bad && Look.word(broken) == "BAD")
        let picture = CanvasText.glyphs(Screen.draw(day.state))
        #expect(picture.contains("✖410ms") && picture.contains("✖51%"))
        #expect(!picture.contains("✖0%"))
        #expect(day.state.readings[Edge(from: "tab", to: "till")].marks.isEmpty)
    }

    @Test func `without faults there is no band to be out of`() {
        var day = BarDay(Size(120, 40))
        day.run(seconds: 30)
        #expect(day.state.readings.services.values.allSatisfy { $0.marks.isEmpty && $0.health == .ok })
    }

    @Test(arguments: SeededGenerator.seeds(200))
    func `a figure stands where it stood, whatever the others read`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var reading = Reading(health: .bad)
        reading.rate = Double(generator.int(in: 0...9999)) / 10
        reading.requests = UInt64(generator.int(in: 20...5000))
        reading.errors = Double(generator.int(in: 0...1000)) / 1000
        reading.p99 = Double(generator.int(in: 1...9_000_000)) / 1000
        if generator.bool() { reading.mark([.success: .bad]) }
        if generator.bool() { reading.mark([.p99: .warn]) }
        let figures = FigureWords(reading: reading, glyphs: .full)
        let text = figures.line(to: 24).map(\.text).joined()
        func words(_ spans: [Span]) -> String { spans.map(\.text).joined() }
        #expect(text.hasSuffix(words(figures.p99)), "seed \(seed)")
        #expect(text.dropLast(FigureWords.latencyField).hasSuffix(words(figures.errors)), "seed \(seed)")
        let rest = text.dropLast(FigureWords.latencyField + FigureWords.errorsField)
        #expect(rest.hasSuffix(words(figures.rate)), "seed \(seed)")
        for columns in 7...24 {
            let line = figures.line(to: columns)
            #expect(line.width <= columns && line.width > 0, "seed \(seed): \(columns)")
            #expect(
                columns < 12 || words(line).contains(words(figures.rate)) || columns >= 14, "seed \(seed): \(columns)")
            guard let mark = reading.marks[.p99], columns >= 14 || reading.marks[.success] == nil else { continue }
            #expect(words(line).contains(Look.mark(mark, .full)), "seed \(seed): \(columns)")
        }
    }

    @Test func `of few requests the failures are counted`() {
        #expect(Format.failures(2.0 / 16, of: 16) == "2/16")
        #expect(Format.failures(2.0 / 16, of: 16, between: " of ") == "2 of 16")
        #expect(Format.failures(0, of: 16) == "0%" && Format.failures(0.125, of: 160) == "13%")
        #expect(Format.count(1000) == "1,000" && Format.count(999) == "999" && Format.count(1_234_567) == "1,234,567")
    }

    @Test func `the name of a service is whole, and the word of its state beside it or below it`() {
        let day = BarDay.broken(Size(120, 40))
        var reading = day.state.readings["bar"]
        reading.requests = 100
        let box = BoxWords(name: "bouncer", reading: reading, state: day.state, glyphs: .full)
        let lines = box.lines(columns: 13, rows: 3).map { $0.map(\.text).joined() }
        #expect(lines[0].contains("bouncer") && !lines[0].contains("…") && !lines[0].contains("BAD"))
        #expect(lines[2].contains("BAD"))
        #expect(box.lines(columns: 15, rows: 2)[0].map(\.text).joined() == " ✖ bouncer  BAD")
        let wide = box.lines(columns: 24, rows: 3)[0].map(\.text).joined()
        #expect(wide.hasPrefix(" ✖ bouncer ") && wide.hasSuffix("  BAD ") && Text.width(wide) == 24)
    }

    @Test func `a service that calls itself says how these calls do`() {
        var day = BarDay(Size(120, 40))
        day.extra = [(Edge(from: "tab", to: "tab"), 7)]
        day.run(seconds: 10)
        let tree = ServiceTree(day.state.digraph, entrance: "door")
        let own = tree.rows.first { $0.edge == Edge(from: "tab", to: "tab") }
        #expect(own?.isRepeat == true)
        day.press("v v")
        let rows = CanvasText.glyphs(Screen.draw(day.state)).split(separator: "\n")
        #expect(rows.count { $0.contains("▶ ● tab ") } == 2)
    }
}

/// The table of a large mesh, and the proxies below it.
struct LargeMeshTests {
    @Test func `the worst is first, what nobody hears is no idler, and the idle are last`() {
        var readings = Readings()
        var bad = Reading(health: .bad)
        bad.errors = 0.5
        var lost = Reading(health: .unknown)
        lost.absence = .unreachable
        var hidden = Reading(health: .unknown)
        hidden.absence = .noProxy
        readings.set("a-idle", Reading(health: .unknown))
        readings.set("b-hidden", hidden)
        readings.set("c-ok", Reading(health: .ok))
        readings.set("d-warn", Reading(health: .warn))
        readings.set("e-lost", lost)
        readings.set("f-bad", bad)
        #expect(readings.worstFirst() == ["f-bad", "e-lost", "d-warn", "c-ok", "b-hidden", "a-idle"])
    }

    @Test func `a key sorts the table by the next figure`() {
        var day = BarDay(Size(120, 40))
        day.run(seconds: 6)
        day.press("W")
        #expect(day.state.picture == .table && day.state.tableOrder == .worst)
        day.press("W")
        #expect(day.state.table.first == "door")
        day.press("W W W")
        #expect(day.state.table == day.state.table.sorted() && day.state.tableOrder == .name)
    }

    @Test func `rows have strips of what was where there is room`() {
        var day = BarDay.broken(Size(200, 60))
        day.press("v v")
        let tree = CanvasText.glyphs(Screen.draw(day.state))
        #expect(tree.contains("rate over time") && tree.contains("errors over time") && tree.contains("▇"))
        day.press("v")
        let table = CanvasText.glyphs(Screen.draw(day.state))
        #expect(table.contains("rate over time") && table.contains("errors over time"))
    }

    @Test func `each proxy tells what it was asked, holds and counted, and how often it restarted`() {
        var day = BarDay.broken(Size(120, 40))
        let sample = TrafficSample(seconds: 1)
        day.send(
            .traffic(TrafficReport(source: "till", service: "till", inbound: sample, outbound: [], restarted: true)))
        day.press("6")
        let rows = CanvasText.glyphs(Screen.draw(day.state)).split(separator: "\n")
        let bar = rows.first { $0.contains("● fresh       bar ") }
        #expect(bar?.contains("1/1") == true && bar?.contains(" of ") == true)
        #expect(rows.first { $0.contains("fresh       till") }?.contains(" 1 ") == true)
        day.press("4")
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("PROXY EVIDENCE"))
    }

    @Test func `proxies that are fresh and hold nothing are one line where they do not all fit`() {
        var day = BarDay(Size(120, 40))
        day.run(seconds: 2)
        day.send(day.source("menu", .unreachable, "connection refused"))
        let rows = day.state.proxyRows
        let (listed, fresh) = day.state.listedProxies(rows, height: 4)
        #expect(listed.map(\.report.name) == ["menu", "bar", "bathroom"] && fresh == 7)
        let many = (0..<1000).map { number in
            MeshState.SourceStatus(
                report: SourceReport(
                    name: "s\(number)", kind: .envoy, endpoint: "http://127.0.0.1:1", service: nil, state: .fresh),
                heardAt: day.now)
        }
        #expect(day.state.listedProxies(Array(rows.prefix(1)) + many, height: 4).listed.count == 1)
        #expect(day.state.listedProxies(rows, height: 20).fresh == 0)
    }
}

/// A graph that leads from the top down, for terminals that are higher than wide.
struct TopDownTests {
    @Test func `the bar stands from the top down where only that shows all of it`() {
        var day = BarDay.broken(Size(90, 70))
        day.press("2")
        guard case .boxes(let plan) = day.state.picture else {
            Issue.record("no boxes")
            return
        }
        #expect(plan.shape.isTopDown && plan.fits)
        #expect((plan.boxes["door"]?.row ?? 99) < (plan.boxes["bar"]?.row ?? 0))
        #expect(plan.routes.values.allSatisfy { $0.heading == .down })
        Golden.check(CanvasText.describe(Screen.draw(day.state)), "top-down-90x70.frame")
        day.state.select(.service("door"))
        day.press("down")
        guard case .edge(let edge) = day.state.selection else {
            Issue.record("down does not lead to a callee")
            return
        }
        #expect(edge.from == "door")
        day.press("down")
        #expect(day.state.selection == .service(edge.to))
    }

    @Test(arguments: SeededGenerator.seeds(30))
    func `no line runs through a box, nor a word out of the room of its line`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let edges = (0..<generator.int(in: 1...40)).map { _ in
            Edge(
                from: ServiceName("s\(generator.int(in: 0...14))"), to: ServiceName("s\(generator.int(in: 0...14))"))
        }
        let graph = Digraph(services: ["s0"], edges: edges)
        let plan = GraphPlan(graph, entrance: "s0", area: Size(100, 90), isTopDown: true)
        #expect(Set(plan.boxes.keys) == Set(graph.names))
        plan.expectClearLines("seed \(seed)")
        for (edge, route) in plan.routes {
            #expect(plan.boxes.values.allSatisfy { $0.intersection(route.label).isEmpty }, "seed \(seed): \(edge)")
        }
    }
}
