import Foundation
import MeshModel
import TestKit
import Testing

@testable import Recording

/// What a report opens with, and what its pictures show.
struct ReportTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../recordings").standardizedFileURL

    static var files: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: folder.path()).filter { $0.hasSuffix(".jsonl.bz3") }
                .sorted()
        }
    }

    private func report(_ file: String) throws -> DayReport {
        try RecordingReader(path: Self.folder.appending(path: file).path()).report()
    }

    @Test func `three sentences say what the day was, what broke, and how it ended`() throws {
        let sentences = ReportOpening(report: try report("tour.jsonl.bz3")).sentences
        #expect(
            sentences == [
                "A live session of 10 min 25 s on 10 services: 8 experiments, 12 faults, 1 halt.",
                "2 of 2 objectives broke: orders answered 3 times, orders quick 3 times; orders answered broke 0.9 s "
                    + "after F7 (ABORT 503 on tab>till) and recovered 1.8 s after the removal; orders quick broke 0.9 s "
                    + "after F1 (DELAY 300 ms on bar>taps) and recovered 1.9 s after the removal; 1 of 8 experiments did "
                    + "not hold: E8 Where is the bathroom?",
                "At the end every objective is met, no fault is active, the control plane ended, 10 of 10 proxies "
                    + "verified clean.",
            ])
    }

    @Test func `a day without objectives, faults and data has its three sentences too`() throws {
        let calm = try RecordingReader(bytes: ExportContractTests.bar(20).bytes).report()
        #expect(ReportOpening(report: calm).sentences[1] == "No objective broke.")
        var empty = calm
        (empty.objectives, empty.session, empty.services) = ([], nil, [:])
        let sentences = ReportOpening(report: empty).sentences
        #expect(
            sentences[0].hasPrefix("A session of ")
                && sentences[0].hasSuffix(" on 0 services: 0 experiments, 0 faults, 0 halts."))
        #expect(sentences[1] == "No objective was set.")
        #expect(sentences[2] == "At the end no objective has data, no fault is active.")
    }

    @Test(arguments: try files)
    func `an experiment's picture is of while its faults were active`(file: String) throws {
        let report = try report(file)
        for run in report.experiments {
            let faults = report.faults.map(\.fault).filter { $0.run == run.id && $0.acceptedAt != nil }
            guard !faults.isEmpty else {
                #expect(report.runMoments[run.id] == nil, "\(run.id)")
                continue
            }
            let moment = try #require(report.runMoments[run.id], "\(run.id)")
            for fault in faults {
                #expect(fault.acceptedAt.map { $0 <= moment.at } == true, "\(run.id) before \(fault.id)")
                #expect(fault.endedAt.map { moment.at <= $0 } == true, "\(run.id) after \(fault.id)")
            }
            #expect(moment.edges.flatMap(\.faults).sorted() == faults.map(\.id).sorted(), "\(run.id)")
            #expect(moment.title.hasPrefix("while active: "))
        }
        let own = report.faults.map(\.fault).filter { $0.run == nil && $0.acceptedAt != nil }
        let pictured = report.moments.filter { $0.title.hasPrefix("while active: ") }
        #expect(pictured.flatMap { $0.edges.flatMap(\.faults) } == own.prefix(8).map(\.id))
        #expect(report.moments.first?.edges.allSatisfy(\.faults.isEmpty) == true)
        #expect(report.moments.last?.title == "At the end")
    }

    @Test(arguments: try files)
    func `the slider has the whole day, and a page without script has none of it`(file: String) throws {
        let reader = try RecordingReader(path: Self.folder.appending(path: file).path())
        let report = reader.report()
        let frames = try #require(report.frames)
        let data = frames.json(for: try #require(report.moments.last), of: report)
        let times = try #require(data["t"]?.array).compactMap(\.double)
        #expect(times == times.sorted() && times.count <= 160 && times.count > 30)
        let (first, last) = (try #require(times.first), try #require(times.last))
        #expect(first < 10 && last > report.duration - 10)
        let count = try #require(report.moments.last?.services.count)
        let edges = try #require(report.moments.last?.edges.count)
        for (health, figures) in zip(data["h"]?.array ?? [], data["f"]?.array ?? []) {
            #expect(health.string?.count == count + edges && figures.array?.count == 2 * count)
        }
        #expect(data["faults"]?.array?.count == report.faults.count)
        let page = HTMLReport(report: report).page
        #expect(page.ranges(of: " hidden>").count == 2)
        #expect(page.utf8.count < 200_000)
    }
}
