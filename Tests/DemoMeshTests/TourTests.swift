import FoundationEssentials
import Testing

@testable import DemoMesh

@Suite struct TourTests {
    @Test func `the list names every file of the folder, once`() throws {
        let package = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
        let folder = package + "/Sources/DemoMesh/Experiments"
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(BarExperiment.all.map { String($0.file.dropFirst(2)) }.sorted() == files)
        #expect(BarExperiment.all.map(\.file) == BarExperiment.all.map(\.file).sorted())
        for experiment in BarExperiment.all {
            let file = "\(folder)/\(experiment.file.dropFirst(2))"
            let text = try String(contentsOfFile: file, encoding: .utf8)
            #expect(experiment.text == text)
        }
    }

    @Test func `a demo writes its own door into the experiments; a model writes none that need one`() {
        let files = BarExperiment.files(door: 12_345)
        #expect(files.count == BarExperiment.all.count)
        #expect(String(decoding: files[0].bytes, as: UTF8.self).contains("\"http://127.0.0.1:12345\""))
        #expect(BarExperiment.files(door: nil).map(\.name) == BarExperiment.all.dropFirst().map(\.file))
    }

    @Test func `every fault that an experiment starts is on an edge of the bar, and is stopped again`() {
        for experiment in BarExperiment.all {
            let started = edges(in: experiment.text, after: "fault, start")
            #expect(started == edges(in: experiment.text, after: "fault, stop"), "\(experiment.file)")
            for edge in started {
                #expect(MeshPlan.bar.service(edge[0])?.call(to: edge[1]) != nil, "\(experiment.file): \(edge)")
            }
        }
    }

    @Test func `the tour takes about ten minutes and shows every experiment`() {
        let shown = Tour.cues.compactMap { cue in
            if case .run(let file) = cue.act { file } else { nil }
        }
        #expect(shown == BarExperiment.all.map(\.file))
        #expect((540...660).contains(Tour.cues.reduce(0) { $0 + $1.seconds }))
        #expect(Tour.cues.allSatisfy { !$0.say.isEmpty && !$0.press.isEmpty && !$0.look.isEmpty })
    }

    @Test func `the sheet tells when each cue begins, and what to run`() {
        let sheet = Tour.sheet(folder: "/f")
        #expect(sheet.first == "0:00  1. The bar is open  (50 s)")
        #expect(sheet.contains("0:50  2. A tester walks into the bar  (50 s)"))
        #expect(sheet.contains("      or     gameday run /f/8-where-is-the-bathroom.yaml"))
    }

    /// The edges of the commands that begin so, sorted.
    private func edges(in text: String, after command: String) -> [[String]] {
        text.split(separator: "\n").filter { $0.contains("[\(command)") }.map { line in
            let words = line.split(whereSeparator: { ", []".contains($0) }).map(String.init)
            return ["--from", "--to"].map { flag in words[(words.firstIndex(of: flag) ?? 0) + 1] }
        }.sorted { $0.joined() < $1.joined() }
    }
}

@Suite struct GlancesTests {
    @Test func `the bouncer closes after two bad looks in a row and opens at the first good one`() async {
        let sight = Sight([true, false, true, false, false, false, true])
        let glances = Glances(at: ["bathroom"], every: .zero) { _ in await sight.next() }
        var seen: [String?] = []
        for _ in 0..<7 { seen.append(await glances.closed()) }
        #expect(seen == [nil, nil, nil, nil, "bathroom", "bathroom", nil])
    }

    @Test func `between two looks the last one counts`() async {
        let sight = Sight([false, false, false])
        let glances = Glances(at: ["bathroom"], every: .seconds(3_600)) { _ in await sight.next() }
        for _ in 0..<5 { #expect(await glances.closed() == nil) }
        #expect(await sight.left == 2)
    }

    @Test func `while the bathroom is closed the bouncer lets nobody in`() async {
        let bouncer = BarWork(service: "bouncer", closed: { "bathroom" }, ask: { _, _ in .ok("") })
        let answer = await bouncer.answer(ServiceRequest(method: "GET", path: "/check"))
        #expect(answer.status == 503)
        #expect(answer.body.contains("the bathroom is closed"))
    }

    @Test func `without water in the bathroom nobody comes into the model of the bar, and no edge says why`() throws {
        var pages = AdminPages(of: Fleet(of: .bar, rate: 40, seed: 1))
        pages.let(seconds: 10)
        pages.modify("bathroom", "edge.cellar.abort_pct=100&edge.cellar.abort_status=503")
        pages.let(seconds: 4)
        let closed = pages.fleet
        pages.let(seconds: 10)
        let during = pages.fleet
        pages.modify("bathroom", "edge.cellar.abort_pct=&edge.cellar.abort_status=")
        pages.let(seconds: 4)
        let open = pages.fleet
        pages.let(seconds: 10)
        let door = try #require(closed.service("door")).inbound
        #expect(during.failedShare(door, since: closed) == 1)
        #expect(pages.fleet.failedShare(door, since: open) < 0.05)
        #expect(MeshPlan.bar.service("bouncer")?.calls.isEmpty == true)
    }

    private actor Sight {
        private var looks: [Bool]
        var left: Int { looks.count }
        init(_ looks: [Bool]) { self.looks = looks }
        func next() -> Bool { looks.removeFirst() }
    }
}
