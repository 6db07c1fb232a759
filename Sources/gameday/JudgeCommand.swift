import ArgumentParser
import MeshModel
import Recording

/// `gameday judge FILE`: the verdict on a recorded day, by its own objectives or by others.
struct JudgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "judge", abstract: "Evaluate a recording against its own or other SLOs.",
        discussion: """
            The file with SLOs is a gameday.yaml of which only `slos` is read. Exits with 0 when every SLO was met all the \
            time, with 1 when one was broken or had no traffic, and with 65 when there is no SLO.
              gameday judge day.jsonl --slo stricter.yaml
            """)

    @OptionGroup var recording: RecordingFile

    @Option(
        help: ArgumentHelp("Use the SLOs of this file.", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"]))
    var slo: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func run() async throws {
        var objectives: [Objective]?
        if let slo {
            do { objectives = try Settings.read(file: slo, needsAdapters: false).mesh.objectives } catch {
                throw ExitCode.badDocument(error.description)
            }
        }
        if objectives?.isEmpty == true { throw ExitCode.badDocument("gameday: \(slo ?? "") has no SLOs") }
        let report = try recording.open().report(objectives: objectives)
        guard !report.objectives.isEmpty else {
            throw ExitCode.badDocument("gameday: the recording has no SLOs; use --slo FILE")
        }
        if json { Output.json(Self.json(report)) } else { Self.show(report) }
        if report.isHeld != true { throw ExitCode.failure }
    }

    private static func show(_ report: DayReport) {
        for judged in report.objectives {
            Output.line(judged.sentence)
            for breach in judged.breaches { Output.line("         " + report.sentence(breach)) }
            for broken in report.breaking(judged) { Output.line("         " + report.sentence(broken.stopwatch)) }
        }
        let unknown = report.objectives.filter {
            $0.objective.query == nil && report.services[$0.objective.service] == nil
        }
        if !unknown.isEmpty {
            let known = report.services.keys.sorted().map(\.text).joined(separator: ", ")
            Output.error("gameday: services with traffic in this recording: \(known.isEmpty ? "none" : known)")
        }
    }

    private static func json(_ report: DayReport) -> JSON {
        [
            "held": report.isHeld.map { .bool($0) } ?? .null,
            "slos": .array(
                report.objectives.map { judged in
                    [
                        "name": .string(judged.objective.name), "service": .string(judged.objective.service.text),
                        "held": judged.isHeld.map { .bool($0) } ?? .null, "value": JSON(judged.value),
                        "worst": JSON(judged.worst?.value), "requests": .integer(Int64(clamping: judged.day.requests)),
                        "brokenSeconds": .double(judged.brokenSeconds), "budgetLeft": JSON(judged.budget?.left),
                        "faultWindows": .array(
                            report.breaking(judged).map { broken in
                                [
                                    "faults": .array(broken.faults.map { .string($0) }),
                                    "timeToDetect": JSON(broken.stopwatch.secondsToDetect),
                                    "timeToRecover": JSON(broken.stopwatch.secondsToRecover),
                                ]
                            }),
                    ]
                }),
        ]
    }
}
