import FoundationEssentials
import Testing

@testable import DemoMesh

@Suite(.timeLimit(.minutes(5))) struct TourTests {
    @Test func `the list names every file of the folder, once`() throws {
        let package = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
        let folder = package + "/Sources/DemoMesh/Experiments"
        let files = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        #expect(BarExperiment.all.map(name).sorted() == files)
        #expect(BarExperiment.all.map(\.file) == BarExperiment.all.map(\.file).sorted())
        for experiment in BarExperiment.all {
            let file = "\(folder)/\(name(of: experiment))"
            let text = try String(contentsOfFile: file, encoding: .utf8)
            #expect(experiment.text == text)
        }
    }

    /// Without the number.
    private func name(of experiment: BarExperiment) -> String {
        String(experiment.file.drop { $0 != "-" }.dropFirst())
    }

    @Test func `a demo writes its own door into the experiments; a model writes none that need one`() {
        let files = BarExperiment.files(door: 12_345)
        #expect(files.count == BarExperiment.all.count)
        #expect(String(decoding: files[0].bytes, as: UTF8.self).contains("\"http://127.0.0.1:12345\""))
        let modelled = BarExperiment.all.filter { !$0.needsDoor }.map(\.file)
        #expect(BarExperiment.files(door: nil).map(\.name) == modelled)
        #expect(modelled.count == 8 && !modelled.contains("1-a-tester-walks-in.yaml"))
    }

    @Test func `every fault that an experiment starts is on an edge of the bar, and is stopped again`() {
        for experiment in BarExperiment.all {
            let started = Set(edges(in: experiment.text, after: "fault, start"))
            #expect(started == Set(edges(in: experiment.text, after: "fault, stop")), "\(experiment.file)")
            for edge in started {
                #expect(MeshPlan.bar.service(edge[0])?.call(to: edge[1]) != nil, "\(experiment.file): \(edge)")
            }
        }
    }

    @Test(arguments: Tour.all.map(\.name))
    func `a tour takes about ten minutes and shows each of its experiments`(name: String) throws {
        let tour = try #require(Tour.all.first { $0.name == name })
        let shown = tour.cues.compactMap { cue in
            if case .run(let file) = cue.act { file } else { nil }
        }
        #expect(shown == (name == "bar" ? BarExperiment.bar : BarExperiment.fallacies).map(\.file))
        #expect((540...660).contains(tour.cues.reduce(0) { $0 + $1.seconds }))
        #expect(tour.cues.allSatisfy { !$0.say.isEmpty && !$0.press.isEmpty && !$0.look.isEmpty })
    }

    @Test func `each of the eight fallacies has a lesson: what the mesh did, and what only code can do`() {
        let lessons = Tour.fallacies.cues.compactMap(\.lesson)
        #expect(lessons.count == 8)
        #expect(lessons.allSatisfy { $0.contains("Mesh: ") && $0.contains("Code: ") })
        #expect(BarExperiment.fallacies.allSatisfy { $0.text.contains("fallacies") })
    }

    @Test func `each experiment of a fallacy has the lesson that its cue tells`() {
        for experiment in BarExperiment.fallacies {
            let cue = Tour.fallacies.cues.first { $0.act == .run(file: experiment.file) }
            let halves = cue?.lesson?.dropFirst("Mesh: ".count).split(separator: " Code: ").map { $0.dropLast() } ?? []
            #expect(halves.count == 2)
            for half in halves { #expect(experiment.text.contains("\"\(half)\""), "\(experiment.file): \(half)") }
        }
    }

    @Test func `the tour of the bar puts every word of the talk's list on the timeline, whole at 80 columns`() {
        let shown = Tour.bar.cues.compactMap(\.showing)
        #expect(Tour.meshWords.count == 11)
        for word in Tour.meshWords { #expect(shown.contains { $0.contains(word) }, "\(word)") }
        // Time, kind and name of the tour take the rest of the line.
        #expect(shown.allSatisfy { $0.count <= 80 - 2 - 21 - "tour: ".count })
        #expect(Tour.bar.cues.flatMap(\.shows).allSatisfy(Tour.meshWords.contains))
    }

    @Test func `the sheet tells when each cue begins, and what to run`() {
        let sheet = Tour.bar.sheet(folder: "/f")
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

@Suite(.timeLimit(.minutes(5))) struct GlancesTests {
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
