import Foundation
import MeshModel
import Recording
import TerminalCanvas
import TestKit
import Testing

@testable import gameday

/// What a recording is told as, taken in by the programs that it is for.
@Suite(.serialized, .timeLimit(.minutes(3))) struct RetellTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../..").standardizedFileURL
    private static let recording = folder.appending(path: "recordings/taps-brownout.jsonl.bz3").path()

    /// A folder of the test's own, gone when it ends.
    private final class Scratch {
        let path = FileManager.default.temporaryDirectory.path() + "/gameday-retell-\(UUID().uuidString)"
        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private func reader() throws -> RecordingReader { try RecordingReader(path: Self.recording) }

    private func export(_ name: String, to path: String, _ options: ExportOptions = ExportOptions()) throws {
        try export(name, of: try reader(), to: path, options)
    }

    private func export(
        _ name: String, of reader: RecordingReader, to path: String, _ options: ExportOptions
    ) throws {
        let format = try #require(Exporter.format(named: name))
        var bytes: [UInt8] = []
        try Exporter.export(reader, to: format, options: options) { bytes += $0 }
        try Data(bytes).write(to: URL(filePath: path))
    }

    /// Runs a program that `make test` installs, and answers what it said.
    private func run(_ name: String, _ arguments: [String], in folder: String) throws -> (code: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [name] + arguments
        process.currentDirectoryURL = URL(filePath: folder)
        process.environment = [
            "PATH": "\(URL(filePath: BuiltProgram.path("gameday")).deletingLastPathComponent().path()):/usr/bin:/bin",
            "HOME": folder, "LC_ALL": "C.UTF-8",
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus != 127, "missing \(name); make test installs it")
        return (process.terminationStatus, String(decoding: bytes, as: UTF8.self))
    }

    @Test func `asciinema plays the film to its last frame`() async throws {
        let scratch = try Scratch()
        let size = Size(100, 30)
        let rendering = ScreenRendering(theme: .midnight, size: size)
        var options = ExportOptions()
        options.screen = rendering.image
        // The player that Debian has is older than format 3.
        options.prefersOldCast = true
        try export("asciicast", to: scratch.path + "/day.cast", options)
        let day = try reader()
        let last = rendering.image(day.state(at: day.end).state, day.end)
        let rows = last.rows.map { row in
            var text = row.map(\.text).joined()
            while text.last == " " { text.removeLast() }
            return text
        }
        let session = try PtySession(
            "/usr/bin/asciinema", ["play", "-s", "500", "-i", "0.01", scratch.path + "/day.cast"],
            environment: [
                "PATH": "/usr/bin:/bin", "HOME": scratch.path, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8",
            ],
            size: size)
        try await session.wait(for: String(rows[0].prefix(60)))
        #expect(try await session.waitForEnd() == 0)
        let screen = await session.screen
        // What the player says when it goes may stand in the last row.
        for row in 0..<(size.rows - 2) { #expect(screen.text(row: row) == rows[row]) }
    }

    /// What a player found out about a film, in a browser.
    private func played(_ film: String, in scratch: Scratch) throws -> JSON {
        let python = try #require(ProcessInfo.processInfo.environment["GAMEDAY_PYTHON"], "make test installs it")
        let packages = try run(
            python, ["-c", "import sysconfig; print(sysconfig.get_path('purelib'), end='')"], in: scratch.path)
        let player = packages.output + "/sphinxcontrib/asciinema/_static/asciinema-player_3.12.1.js"
        try #require(FileManager.default.fileExists(atPath: player), "make test installs \(player)")
        // JSON is JavaScript too, but a browser must not take anything in it for the end of the script.
        let data = String(decoding: JSON.string(film).bytes, as: UTF8.self).replacing("<", with: "\\u003c")
        let page = """
            <!DOCTYPE html><meta charset="utf-8"><body><div id="film"></div><pre id="found">nothing</pre>
            <script src="file://\(player)"></script>
            <script>
            const found = {marks: []}
            // A document that is being written keeps the page from being loaded, and so the browser waits for the end.
            const gate = document.body.appendChild(document.createElement("iframe")).contentDocument
            gate.open()
            const player = AsciinemaPlayer.create(
              {data: \(data)}, document.getElementById("film"), {speed: 100, preload: true, controls: true})
            player.addEventListener("marker", mark => found.marks.push([mark.time, mark.label]))
            player.addEventListener("ended", async () => {
              found.lasts = await player.getDuration()
              await new Promise(next => requestAnimationFrame(() => requestAnimationFrame(next)))
              found.rows = [...document.querySelectorAll(".ap-line")].map(line => line.textContent)
              const around = document.querySelector(".ap-player")
              found.background = getComputedStyle(around).getPropertyValue("--term-color-background").trim()
              found.onTheBar = document.querySelectorAll(".ap-marker").length
              document.getElementById("found").textContent = encodeURIComponent(JSON.stringify(found))
              gate.close()
            })
            player.play()
            </script>
            """
        try Data(page.utf8).write(to: URL(filePath: scratch.path + "/film.html"))
        // A film that never ends is shown as it is after a minute.
        let seen = try run(
            "chromium",
            [
                "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=\(scratch.path)/profile",
                "--timeout=60000", "--dump-dom", "file://\(scratch.path)/film.html",
            ], in: scratch.path)
        let begin = try #require(seen.output.range(of: "<pre id=\"found\">"))
        let end = try #require(seen.output.range(of: "</pre>", range: begin.upperBound..<seen.output.endIndex))
        let text = try #require(String(seen.output[begin.upperBound..<end.lowerBound]).removingPercentEncoding)
        return try JSON(parsing: Array(text.utf8))
    }

    @Test(arguments: [false, true])
    func `asciinema's player in a browser plays the film, with its marks`(isOld: Bool) throws {
        let scratch = try Scratch()
        let size = Size(100, 30)
        let rendering = ScreenRendering(theme: .midnight, size: size)
        var options = ExportOptions()
        options.screen = rendering.image
        options.prefersOldCast = isOld
        try export("asciicast", to: scratch.path + "/day.cast", options)
        let film = try String(contentsOfFile: scratch.path + "/day.cast", encoding: .utf8)
        #expect(film.hasPrefix("{\"version\":\(isOld ? 2 : 3),"))
        let found = try played(film, in: scratch)
        let day = try reader()
        #expect(found["lasts"]?.double.map { abs($0 - day.duration) < 0.002 } == true)
        let last = rendering.image(day.state(at: day.end).state, day.end)
        let rows = try #require(found["rows"]?.array).map { $0.string ?? "" }
        try #require(rows.count == size.rows)
        let background = String(last.background, radix: 16)
        let padded = String(repeating: "0", count: max(0, 6 - background.count)) + background
        #expect(found["background"]?.string == "#" + padded)
        // The player paints blocks and shades itself, and has a space in their place.
        func withoutBlocks(_ text: String) -> String { text.replacing(/[\u{2580}-\u{259F}]/, with: " ") }
        for (row, text) in rows.enumerated() {
            #expect(withoutBlocks(text) == withoutBlocks(last.rows[row].map(\.text).joined()), "row \(row)")
        }
        let told = day.story().timeline.filter { $0.kind.isSaid || [.fault, .halt, .experiment].contains($0.kind) }
        let marks = try #require(found["marks"]?.array)
        #expect(marks.map { $0.array?.last?.string } == told.map(\.text) && !told.isEmpty)
        for (mark, entry) in zip(marks, told) {
            let at = mark.array?.first?.double ?? -1
            #expect(abs(at - entry.at.seconds(since: day.start)) < 0.002, "\(entry.text)")
        }
        // Its bar has no room for a mark at the very end.
        #expect(found["onTheBar"]?.integer == Int64(told.count { $0.at < day.end }))
    }

    @Test func `a browser shows the report, and its numbers are the recording's`() throws {
        let scratch = try Scratch()
        try export("html", to: scratch.path + "/day.html")
        let common = ["--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=\(scratch.path)/profile"]
        let page = "file://\(scratch.path)/day.html"
        let seen = try run("chromium", common + ["--dump-dom", page], in: scratch.path)
        #expect(seen.code == 0)
        var requests: [ServiceName: UInt64] = [:]
        var cursor = try reader().events()
        while let event = cursor.next() {
            guard case .traffic(let report) = event.observation, let inbound = report.inbound else { continue }
            requests[report.service, default: 0] += inbound.completed
        }
        #expect(requests.count == 10)
        for (service, count) in requests {
            #expect(seen.output.contains("<td>\(service)</td><td class=\"number\">\(count)</td>"), "\(service)")
        }
        let report = try reader().report()
        // Its policy lets its script run, and the slider stands where the first objective is broken.
        #expect(seen.output.contains("<html lang=\"en\" class=\"live\">"))
        #expect(seen.output.contains("<dd id=\"active\">F1 ABORT 503 50% on bar&gt;taps</dd>"))
        #expect(seen.output.contains("<dd id=\"broken\">orders answered BROKEN</dd>"))
        for judged in report.objectives { #expect(seen.output.contains("<dd>\(judged.day.requests)</dd>")) }
        for fault in report.faults {
            #expect(seen.output.contains("<td>\(fault.fault.id) \(fault.fault.kind.label)</td>"))
        }
        // The pictures are there as pictures, not as text.
        #expect(seen.output.contains("<svg class=\"chart\"") && seen.output.contains("<svg class=\"graph\""))
        let shot = try run(
            "chromium", common + ["--window-size=1000,1600", "--screenshot=\(scratch.path)/day.png", page],
            in: scratch.path)
        #expect(shot.code == 0)
        let size = try FileManager.default.attributesOfItem(atPath: scratch.path + "/day.png")[.size] as? Int
        // A page that stayed blank compresses to a tenth of this.
        #expect((size ?? 0) > 40_000)
        let printed = try run(
            "chromium", common + ["--print-to-pdf=\(scratch.path)/day.pdf", page], in: scratch.path)
        #expect(printed.code == 0 && FileManager.default.fileExists(atPath: scratch.path + "/day.pdf"))
    }

    @Test func `a telephone needs no scrolling sideways, and a long day is few pages of paper`() throws {
        let scratch = try Scratch()
        let tour = try RecordingReader(path: Self.folder.appending(path: "recordings/tour.jsonl.bz3").path())
        try export("html", of: tour, to: scratch.path + "/day.html", ExportOptions())
        let probe = """
            <!DOCTYPE html><iframe id="day" width="390" height="844" src="day.html"></iframe><pre id="width"></pre><script>
            day.onload = () => { const page = day.contentDocument;
              const wide = [...page.querySelectorAll("main *")].filter(e => !e.closest("svg") && e.scrollWidth > e.clientWidth
                && getComputedStyle(e).overflowX !== "visible");
              width.textContent = day.contentWindow.innerWidth + " " + (page.documentElement.scrollWidth <= 390) + " "
                + wide.length; };
            </script>
            """
        try Data(probe.utf8).write(to: URL(filePath: scratch.path + "/probe.html"))
        let common = ["--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=\(scratch.path)/profile"]
        let seen = try run(
            "chromium",
            common + ["--allow-file-access-from-files", "--dump-dom", "file://\(scratch.path)/probe.html"],
            in: scratch.path)
        #expect(seen.output.contains("<pre id=\"width\">390 true 0</pre>"))
        let printed = try run(
            "chromium", common + ["--print-to-pdf=\(scratch.path)/day.pdf", "file://\(scratch.path)/day.html"],
            in: scratch.path)
        let paper = try Data(contentsOf: URL(filePath: scratch.path + "/day.pdf"))
        let pages = paper.ranges(of: Data("/Type /Page\n".utf8)).count
        #expect(printed.code == 0 && (1...6).contains(pages), "\(pages) pages")
    }

    @Test func `Prometheus takes the series with their times`() throws {
        let scratch = try Scratch()
        try export("openmetrics", to: scratch.path + "/day.om")
        let made = try run(
            "promtool", ["tsdb", "create-blocks-from", "openmetrics", "day.om", "blocks"], in: scratch.path)
        #expect(made.code == 0)
        // It looks for a log of writes too, which blocks alone have not.
        try FileManager.default.createDirectory(
            atPath: scratch.path + "/blocks/wal", withIntermediateDirectories: true)
        let dump = try run("promtool", ["tsdb", "dump", "blocks"], in: scratch.path).output.split(separator: "\n")
        let total = try reader().report().services["door"]?.requests ?? 0
        let wanted = "__name__=\"gameday_requests_total\", scope=\"service\", service=\"door\""
        let last = dump.filter { $0.contains(wanted) }.last?.split(separator: "} ").last?.split(separator: " ").first
        #expect(last.flatMap { Double($0) } == Double(total))
    }

    @Test func `the Chaos Toolkit finds nothing wrong with the experiment of a journal`() throws {
        let python = try #require(ProcessInfo.processInfo.environment["GAMEDAY_PYTHON"], "make test installs it")
        let scratch = try Scratch()
        let script = """
            import json, sys
            from datetime import datetime
            from chaoslib.experiment import ensure_experiment_is_valid
            journal = json.load(open(sys.argv[1]))
            ensure_experiment_is_valid(journal["experiment"])
            assert journal["status"] in ("completed", "failed", "aborted", "interrupted")
            for entry in [journal] + journal["run"] + journal["rollbacks"]:
                datetime.fromisoformat(entry["start"]), datetime.fromisoformat(entry["end"])
            print(journal["status"], len(journal["run"]), journal["deviated"])
            """
        for file in try FileManager.default.contentsOfDirectory(atPath: Self.folder.path() + "/recordings") {
            let reader = try RecordingReader(path: Self.folder.path() + "/recordings/" + file)
            let runs = reader.story().last.experiments
            for run in runs.map(Optional.some) + (runs.isEmpty ? [nil] : []) {
                var options = ExportOptions()
                options.experiment = run?.id
                try export("journal", of: reader, to: scratch.path + "/journal.json", options)
                let checked = try self.run(python, ["-c", script, "journal.json"], in: scratch.path)
                #expect(checked.code == 0, "\(file) \(run?.id ?? "")")
                let isDeviated = run.map { $0.verdict?.outcome == .deviated } ?? (reader.report().isHeld == false)
                #expect(checked.output.hasSuffix(isDeviated ? " True\n" : " False\n"), "\(file): \(checked.output)")
            }
        }
    }

    @Test func `the manual's example reads a recording without gameday`() throws {
        let manual = try String(
            contentsOf: Self.folder.appending(path: "Sources/gameday/Topics/recording.md"), encoding: .utf8)
        let begin = try #require(manual.range(of: "```python\n"))
        let end = try #require(manual.range(of: "```", range: begin.upperBound..<manual.endIndex))
        let script = String(manual[begin.upperBound..<end.lowerBound])
        #expect(script.split(separator: "\n").count <= 27)
        let scratch = try Scratch()
        for file in try FileManager.default.contentsOfDirectory(atPath: Self.folder.path() + "/recordings") {
            let path = Self.folder.path() + "/recordings/" + file
            let pipe = "bzip3 -d -c \"$1\" | python3 -c \"$2\""
            let found = try run("sh", ["-c", pipe, "sh", path, script], in: scratch.path)
            let expected = try RecordingReader(path: path).report().services.sorted { $0.key < $1.key }
                .map { "\($0.key) \($0.value.requests) \($0.value.errors)" }
            #expect(found.code == 0 && found.output.split(separator: "\n").map(String.init) == expected, "\(file)")
        }
    }
}
