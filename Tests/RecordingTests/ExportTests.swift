import MeshModel
import TestKit
import Testing

@testable import Recording

/// What holds for every format, whatever the day was.
@Suite struct ExportContractTests {
    static func options(hidesNames: Bool = false) -> ExportOptions {
        var options = ExportOptions()
        options.hidesNames = hidesNames
        options.screen = { state, at in
            let rows = [
                "\(state.session?.name ?? "-") \(state.lastNumber)", state.timeline.last?.text ?? "", at.timeOfDay,
            ]
            return ScreenImage(
                columns: 40, foreground: 0xEEEEEE, background: 0x111111,
                rows: rows.map { [ScreenImage.Run($0, columns: 40, foreground: 0xFFAA00)] })
        }
        return options
    }

    static func export(_ name: String, _ bytes: [UInt8], _ options: ExportOptions? = nil) throws -> [UInt8] {
        let format = try #require(Exporter.format(named: name))
        var output: [UInt8] = []
        try Exporter.export(RecordingReader(bytes: bytes), to: format, options: options ?? Self.options()) {
            output += $0
        }
        return output
    }

    static func bar(_ seconds: Int = 80) -> Recorded {
        var script = DayScript(seed: 31, services: 5)
        script.rate = 10
        return Recorded(script.events(seconds: seconds))
    }

    @Test(arguments: Exporter.formats.map(\.name))
    func `a day gives a text without a stray byte`(name: String) throws {
        var generator = SeededGenerator(seed: 3)
        let days = [Self.bar().bytes, Recorded(generator.day(events: 150)).bytes, Recorded([]).bytes]
        for (place, day) in days.enumerated() {
            let output = try Self.export(name, day)
            let text = try #require(String(validating: output, as: UTF8.self), "day \(place)")
            #expect(!output.contains { $0 < 0x20 && $0 != 0x0A && $0 != 0x0D }, "day \(place)")
            if place == 0 { #expect(output.last == 0x0A && text.utf8.count > 100) }
        }
    }

    @Test(arguments: Exporter.formats.map(\.name))
    func `no name is left when names are hidden`(name: String) throws {
        var day = Self.bar(60).events
        let last = try #require(day.last)
        let secret = Note(by: "Mallory", text: "service-0 is on 10.1.2.3")
        day.append(Event(number: last.number + 1, at: last.at, observation: .note(secret)))
        var named = day
        for place in named.indices { named[place].observation = Self.renamed(named[place].observation) }
        let output = try Self.export(name, Recorded(named).bytes, Self.options(hidesNames: true))
        let text = String(decoding: output, as: UTF8.self)
        for secret in ["payments", "Mallory", "10.1.2.3", "127.0.0.1", "orders", "the bar", "day-1", "ann"] {
            #expect(!text.contains(secret), "\(secret) is in \(name)")
        }
    }

    private static func renamed(_ observation: Observation) -> Observation {
        func name(_ service: ServiceName) -> ServiceName { ServiceName("payments-\(service)") }
        switch observation {
        case .traffic(let report):
            return .traffic(
                TrafficReport(
                    source: name(report.service).text, service: name(report.service), inbound: report.inbound,
                    outbound: report.outbound.map { TrafficReport.Outbound(to: name($0.to), sample: $0.sample) }))
        case .fault(var fault):
            fault.edge = Edge(from: name(fault.edge.from), to: name(fault.edge.to))
            fault.sources = fault.sources.map { "payments-\($0)" }
            return .fault(fault)
        case .source(var report):
            report.service = report.service.map(name)
            report.name = "payments-\(report.name)"
            return .source(report)
        default: return observation
        }
    }

    @Test func `formats have names of their own`() {
        let names = Exporter.formats.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(Exporter.format(named: "pdf") == nil)
    }
}

@Suite struct ExportTests {
    private func text(_ name: String, _ bytes: [UInt8], _ options: ExportOptions? = nil) throws -> String {
        String(decoding: try ExportContractTests.export(name, bytes, options), as: UTF8.self)
    }

    private func samples(_ recorded: Recorded) -> [(ServiceName?, ServiceName, TrafficSample)] {
        recorded.events.flatMap { event -> [(ServiceName?, ServiceName, TrafficSample)] in
            guard case .traffic(let report) = event.observation else { return [] }
            return (report.inbound.map { [(nil, report.service, $0)] } ?? [])
                + report.outbound.compactMap { out in out.sample.map { (report.service, out.to, $0) } }
        }
    }

    @Test func `a table has every sample of the day`() throws {
        let recorded = ExportContractTests.bar()
        let rows = try text("csv", recorded.bytes).split(separator: "\r\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        let samples = samples(recorded)
        #expect(rows.count == samples.count + 1)
        #expect(rows.allSatisfy { $0.count == 27 })
        let requests = rows.dropFirst().reduce(0) { $0 + (UInt64($1[6]) ?? 0) }
        #expect(requests == samples.reduce(0) { $0 + $1.2.completed })
        #expect(CSVExport.quoted("a,\"b\"") == "\"a,\"\"b\"\"\"")
        #expect(CSVExport.quoted("=1+1") == "'=1+1" && CSVExport.quoted("@x\n") == "'@x\u{FFFD}")
    }

    @Test func `metrics are families, in order, with the day's totals`() throws {
        let recorded = ExportContractTests.bar()
        let lines = try text("openmetrics", recorded.bytes).split(separator: "\n").map(String.init)
        #expect(lines.last == "# EOF")
        var last: [String: Double] = [:]
        var closed: Set<String> = []
        var series = ""
        for line in lines where !line.hasPrefix("#") {
            let parts = line.split(separator: "} ")
            let (name, rest) = (String(parts[0]), parts[1].split(separator: " "))
            if name != series {
                #expect(closed.insert(series).inserted, "\(series) is in two places")
                series = name
            }
            let at = try #require(Double(rest[1]))
            #expect(last[name].map { $0 <= at } ?? true)
            last[name] = at
        }
        let total = samples(recorded).filter { $0.0 == nil && $0.1 == "service-0" }.reduce(0) { $0 + $1.2.completed }
        let expected = "gameday_requests_total{service=\"service-0\",scope=\"service\"} \(total) "
        #expect(lines.contains { $0.hasPrefix(expected) })
        #expect(lines.contains { $0.hasPrefix("gameday_fault_active{fault=\"F1\"") && $0.contains("} 1 ") })
    }

    @Test func `a film tells its time in steps, and marks faults and notes`() throws {
        let recorded = ExportContractTests.bar()
        let lines = try text("asciicast", recorded.bytes).split(separator: "\n").map { try JSON(parsing: String($0)) }
        #expect(lines[0]["version"] == 3 && lines[0]["term"]?["cols"] == 40 && lines[0]["term"]?["rows"] == 3)
        let events = lines.dropFirst().compactMap(\.array)
        let length = events.reduce(0) { $0 + ($1[0].double ?? -1e9) }
        let start = try #require(recorded.events.first?.at)
        #expect(abs(length - (recorded.events.last?.at.seconds(since: start) ?? 0)) < 0.002)
        let marks = events.filter { $0[1] == "m" }.compactMap { $0[2].string }
        let story = try RecordingReader(bytes: recorded.bytes).story()
        #expect(marks == story.timeline.filter { [.fault, .note, .halt, .experiment].contains($0.kind) }.map(\.text))
        #expect(!marks.isEmpty && events.last?[1] == "x")
        var old = ExportContractTests.options()
        old.prefersOldCast = true
        let older = try text("asciicast", recorded.bytes, old).split(separator: "\n").map {
            try JSON(parsing: String($0))
        }
        #expect(older[0]["version"] == 2 && older[0]["width"] == 40)
        let times = older.dropFirst().compactMap { $0.array?[0].double }
        #expect(times == times.sorted() && abs((times.last ?? 0) - length) < 0.002)
    }

    @Test func `the changes of a film add up to its last screen`() throws {
        let recorded = ExportContractTests.bar()
        var options = ExportContractTests.options()
        options.screen = { state, at in
            func run(_ text: String, _ colour: UInt32) -> ScreenImage.Run {
                ScreenImage.Run(text, columns: text.count, foreground: colour)
            }
            let number = String("0000\(state.lastNumber)".suffix(5))
            let rows = [
                [run("left ", 1), run(number, 2), run(" right", 3)], [run(at.timeOfDay, 4), run("12345678", 5)],
            ]
            return ScreenImage(columns: 16, foreground: 0, background: 1, rows: rows)
        }
        let lines = try text("asciicast", recorded.bytes, options).split(separator: "\n")
        var screen = [[Character]](repeating: Array(repeating: "?", count: 16), count: 2)
        for line in lines.dropFirst() {
            guard let event = try JSON(parsing: String(line)).array, event[1] == "o" else { continue }
            Self.play(event[2].string ?? "", on: &screen)
        }
        let end = try #require(recorded.events.last)
        let expected = ["left \(String("0000\(end.number)".suffix(5))) right", end.at.timeOfDay + "12345678"]
        #expect(screen.map { String($0) } == expected)
    }

    /// As much of a terminal as a film needs.
    private static func play(_ output: String, on screen: inout [[Character]]) {
        var row = 0
        var column = 0
        for part in output.split(separator: "\u{1B}[") {
            guard let final = part.firstIndex(where: { $0.isLetter }) else { continue }
            if part[final] == "H" {
                let place = part[..<final].split(separator: ";").compactMap { Int($0) }
                (row, column) = (place[0] - 1, place[1] - 1)
            }
            for character in part[part.index(after: final)...] {
                screen[row][column] = character
                column += 1
            }
        }
    }

    @Test func `a picture shows the moment that was asked for`() throws {
        let recorded = ExportContractTests.bar()
        var options = ExportContractTests.options()
        let event = recorded.events[120]
        options.moment = event.at
        let svg = try text("svg", recorded.bytes, options)
        let number = recorded.events.last { $0.at <= event.at }?.number ?? 0
        #expect(svg.hasPrefix("<svg ") && svg.contains("the\u{A0}bar\u{A0}\(number)<"))
    }

    @Test func `a journal has what the Chaos Toolkit wants of one`() throws {
        let json = try JSON(parsing: try ExportContractTests.export("journal", ExportContractTests.bar().bytes))
        for key in [
            "chaoslib-version", "platform", "node", "experiment", "start", "status", "deviated", "steady_states", "run",
            "rollbacks", "end", "duration",
        ] { #expect(json[key] != nil, "\(key)") }
        #expect(json["start"]?.string == "2025-11-24T16:00:00.000000+00:00")
        #expect(json["run"]?.array?.count == 1 && json["rollbacks"]?.array?.count == 1)
        let entry = try #require(json["run"]?.array?.first)
        #expect(entry["status"] == "succeeded" && entry["activity"]?["provider"]?["type"] == "process")
        #expect(json["experiment"]?["method"]?.array?.count == 1)
    }

    @Test func `a recording made anew is the same day`() throws {
        let recorded = ExportContractTests.bar()
        let anew = try RecordingReader(bytes: try ExportContractTests.export("recording", recorded.bytes))
        #expect(anew.verified().isSound)
        #expect(anew.state(after: .max).state == recorded.states(after: [recorded.events.count]).first?.state)
    }

    @Test(arguments: [([], "0 halts"), ([false], "1 halt"), ([false, false], "1 halt")])
    func `the halt that ends a control plane is no halt of the day`(halts: [Bool], words: String) throws {
        var day = ExportContractTests.bar(20).events
        let last = try #require(day.last)
        for (place, isEnd) in (halts + [true, true]).enumerated() {
            let halt = Halt(isLatched: true, by: "ann", reason: "key", isEnd: isEnd)
            day.append(Event(number: last.number + UInt64(place) + 1, at: last.at, observation: .halt(halt)))
        }
        #expect(try text("markdown", Recorded(day).bytes).contains("0 faults, \(words).\n"))
    }

    /// What happened to the latch, in short: a halt by somebody, its proof, a halt by a guard, a re-arming, an end.
    private static func halts(_ steps: String) -> [Halt] {
        let proof = [Halt.Proof(source: "bar", isClean: true)]
        return steps.map { step in
            switch step {
            case "h": Halt(isLatched: true, by: "ann", reason: "key")
            case "p": Halt(isLatched: true, by: "ann", reason: "key", proofs: proof)
            case "g": Halt(isLatched: true, by: "gameday", reason: "guard 'errors' tripped")
            case "e": Halt(isLatched: true, by: "gameday", reason: "the control plane is ending", isEnd: true)
            case "o": Halt(isLatched: true, by: "gameday", reason: "signal 15 ended it", proofs: proof)
            case "q": Halt(isLatched: true, by: "ann", reason: "the control plane ends")
            default: Halt(isLatched: false, by: "ann", reason: "rearmed")
            }
        }
    }

    @Test(arguments: [
        ("hp", 1), ("hpp", 1), ("hhp", 1), ("hgp", 1), ("gp", 1), ("hprgp", 2), ("hpre", 1), ("hproo", 1), ("hpqoo", 1),
        ("rh", 1), ("eh", 1), ("o", 0), ("qo", 0), ("hrhrh", 3),
    ])
    func `each halt counts once, until it is re-armed`(steps: String, count: Int) throws {
        var day = ExportContractTests.bar(20).events
        let last = try #require(day.last)
        for (place, halt) in Self.halts(steps).enumerated() {
            day.append(Event(number: last.number + UInt64(place) + 1, at: last.at, observation: .halt(halt)))
        }
        let words = "\(count) halt\(count == 1 ? "" : "s")"
        #expect(try text("markdown", Recorded(day).bytes).contains("0 faults, \(words).\n"))
        // A state that is told whole has the halt that is in force: it is neither lost nor counted twice.
        var state = MeshState()
        for event in day { state.apply(event) }
        let whole = Event(number: state.lastNumber, at: last.at, observation: .keyframe(state))
        #expect(try text("markdown", Recorded(day + [whole]).bytes).contains("0 faults, \(words).\n"))
    }

    @Test func `the report's figures are those of the recording`() throws {
        let recorded = ExportContractTests.bar()
        let html = try text("html", recorded.bytes)
        let markdown = try text("markdown", recorded.bytes)
        var totals: [ServiceName: UInt64] = [:]
        for (from, to, sample) in samples(recorded) where from == nil { totals[to, default: 0] += sample.completed }
        for (name, total) in totals {
            #expect(html.contains("<td>\(name)</td><td class=\"number\">\(total)</td>"))
            #expect(markdown.contains("| \(name) | \(total) |"))
        }
        let story = try RecordingReader(bytes: recorded.bytes).story()
        for entry in story.timeline { #expect(html.contains(Markup.escaped(entry.text))) }
        #expect(html.contains(">BROKEN</span>") && markdown.hasPrefix("# the bar: BROKEN"))
        #expect(!html.contains("http://") && !html.contains("https://") && !html.contains(" src="))
        #expect(html.ranges(of: "<script").count == 1 && html.contains("<script>\(HTMLScript.source)</script>"))
    }

    @Test func `names in a report are never markup`() throws {
        let start = Timestamp(milliseconds: 1_764_000_000_000)
        let evil = "<script>alert(1)</script>\u{1B}[2J\u{202E}\"'&|`*"
        var script = DayScript(seed: 1, calls: [(ServiceName(evil), ["b"]), ("b", [])])
        script.name = evil
        var day = script.events(seconds: 45)
        let note = Note(by: evil, text: evil)
        day.append(Event(number: UInt64(day.count + 1), at: start.advanced(bySeconds: 46), observation: .note(note)))
        for name in ["html", "markdown", "svg"] {
            let output = try text(name, Recorded(day).bytes)
            #expect(!output.contains("<script>alert") && !output.contains("\u{1B}"), "\(name)")
            #expect(output.ranges(of: "<script").count == (name == "html" ? 1 : 0), "\(name)")
            if name != "markdown" { #expect(!output.contains("\u{202E}"), "\(name)") }
        }
    }
}
