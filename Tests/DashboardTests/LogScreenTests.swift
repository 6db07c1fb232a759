import MeshModel
import TerminalCanvas
import TestKit
import Testing

@testable import Dashboard

/// The access log of an edge on the screen.
struct LogScreenTests {
    private static let edge = Edge(from: "bar", to: "kitchen")
    private static let trace = "0af7651916cd43dd8448eb211c80319c"

    private static func line(_ number: Int, _ status: Int, _ flags: [String] = []) -> EdgeLog.Line {
        var line = AccessLogLine()
        line.time = "2026-11-28T01:07:\(number + 10).762Z"
        (line.method, line.path, line.status, line.flags) = ("POST", "/meals", status, flags)
        (line.duration, line.host, line.details) = (number * 7, "127.0.0.1:21206", "via_upstream")
        if number.isMultiple(of: 2) { line.trace = trace } else { line.request = "request-\(number)" }
        return EdgeLog.Line(source: "bar", line: line)
    }

    private static func log() throws -> EdgeLog {
        var log = EdgeLog(edge)
        log.lines = [
            line(0, 200), line(1, 503, ["UO"]), line(2, 200, ["DI"]), line(3, 500), line(4, 503, ["UF", "URX"]),
        ]
        log.links = [
            try #require(MeshLink(name: "jaeger", url: "http://localhost:16686")),
            try #require(MeshLink(name: "kiali", url: "http://localhost:20001")),
        ]
        return log
    }

    /// The log of the selected edge is open and answered.
    private static func opened(_ size: Size = Size(120, 40)) throws -> BarDay {
        var day = BarDay.broken(size)
        day.state.selection = .edge(edge)
        #expect(day.press("t") == [.learnLog(edge, onlyFailing: false)])
        _ = day.state.update(.outcome(.logged(try log(), onlyFailing: false)))
        return day
    }

    @Test(arguments: [Size(80, 24), Size(120, 40), Size(200, 60)])
    func `the log at every size`(size: Size) throws {
        let day = try Self.opened(size)
        Golden.check(CanvasText.describe(Screen.draw(day.state)), "log-\(size.columns)x\(size.rows).frame")
    }

    @Test func `it is read again each second while it is open, one question at a time`() throws {
        var day = try Self.opened()
        let start = day.now
        func tick(_ seconds: Double) -> [Effect] {
            day.state.update(.tick(Timestamp(milliseconds: start.milliseconds + Int64(seconds * 1000))))
        }
        #expect(tick(0.5).isEmpty)
        #expect(tick(1.1) == [.learnLog(Self.edge, onlyFailing: false)])
        #expect(tick(2.2).isEmpty)
        #expect(tick(10) == [.learnLog(Self.edge, onlyFailing: false)])
        day.press("esc")
        #expect(tick(20).isEmpty)
    }

    @Test func `a key leaves only what failed, and an answer to another question is not shown`() throws {
        var day = try Self.opened()
        #expect(day.press("f") == [.learnLog(Self.edge, onlyFailing: true)])
        _ = day.state.update(.outcome(.logged(try Self.log(), onlyFailing: false)))
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("Reading the logs of bar"))
        var failing = try Self.log()
        failing.lines.removeAll { !$0.line.isFailing }
        _ = day.state.update(.outcome(.logged(failing, onlyFailing: true)))
        let text = CanvasText.glyphs(Screen.draw(day.state))
        #expect(text.contains("FAILING REQUESTS"))
        #expect(text.contains("all retries are used up"))
    }

    @Test func `the chosen line stays chosen when others come, and its trace can be taken along`() throws {
        var day = try Self.opened()
        day.press("up up")
        var later = try Self.log()
        later.lines.append(Self.line(6, 200))
        _ = day.state.update(.outcome(.logged(later, onlyFailing: false)))
        guard case .log(let view)? = day.state.layers.last else { Issue.record("no log"); return }
        #expect(view.current == later.lines[2])
        #expect(day.press("c") == [.copy(Self.trace)])
        #expect(day.press("1") == [.openLink("http://localhost:16686/trace/\(Self.trace)")])
        #expect(day.press("2").count == 1)
        #expect(day.press("9").isEmpty)
        day.press("up")
        // Without a trace only Kiali is left.
        #expect(
            day.press("1") == [.openLink("http://localhost:20001/kiali/console/namespaces/default/services/kitchen")])
        #expect(day.press("c") == [.copy("request-1")])
    }

    @Test func `a line is kept on the timeline only when a key asks for it`() throws {
        var day = try Self.opened()
        let effects = day.press("N")
        guard case .note(let text, .note)? = effects.first else { Issue.record("\(effects)"); return }
        #expect(text.hasPrefix("Log of bar>kitchen, bar at 01:07:14.762: POST /meals 503 UF,URX after 28 ms"))
        #expect(text.hasSuffix("(trace \(Self.trace))"))
        guard case .log? = day.state.layers.last else { Issue.record("closed"); return }
    }

    @Test func `the details of an edge lead to its log`() {
        var day = BarDay.broken(Size(120, 40))
        day.state.selection = .edge(Self.edge)
        day.press("enter")
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("t access log"))
        #expect(day.press("t") == [.learnLog(Self.edge, onlyFailing: false)])
        day.press("esc")
        #expect(day.state.layers.isEmpty)
    }

    @Test func `why there is no log is said`() throws {
        var day = BarDay.broken(Size(120, 40))
        day.state.selection = .service("bar")
        #expect(day.press("t").isEmpty)
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("Select an edge first"))
        day.state.selection = .edge(Self.edge)
        day.press("t")
        _ = day.state.update(
            .outcome(.failed(.learnLog(Self.edge, onlyFailing: false), summary: "Timed out", remedy: "Try again.")))
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("Timed out. Try again."))
        var log = EdgeLog(Self.edge)
        log.problems = ["bar: its access log is on another machine"]
        _ = day.state.update(.outcome(.logged(log, onlyFailing: false)))
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("bar: its access log is on another machine"))
    }

    @Test func `the halt works from the log`() throws {
        var day = try Self.opened()
        #expect(day.press("!") == [.halt(reason: "halt key")])
    }
}
