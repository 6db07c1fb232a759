import ArgumentParser
import MeshModel
import Recording

/// `gameday judge FILE`: the verdict on a recorded day, by its own objectives or by others.
struct JudgeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "judge", abstract: "Judge a recorded day, by its own SLOs or by others.",
        discussion: """
            The file with SLOs is a gameday.yaml of which only `slos` is read. Exits with 0 when every SLO held all \
            day, with 1 when one was broken or there was nothing to judge.
              gameday judge day.jsonl --slo stricter.yaml
            """)

    @OptionGroup var recording: RecordingFile

    @Option(
        help: ArgumentHelp("Judge by the SLOs of this file.", valueName: "file"),
        completion: .file(extensions: ["yaml", "yml"]))
    var slo: String?

    @Flag(help: "Print one JSON object.")
    var json = false

    mutating func run() async throws {
        var objectives: [Objective]?
        if let slo {
            do { objectives = try Settings.read(file: slo, needsProxies: false).objectives } catch {
                throw ExitCode.badDocument(error.description)
            }
        }
        let report = try recording.open().report(objectives: objectives)
        if json { Output.json(Self.json(report)) } else { Self.show(report) }
        if report.isHeld != true { throw ExitCode.failure }
    }

    private static func show(_ report: DayReport) {
        if report.objectives.isEmpty { Output.line("there are no SLOs to judge by, or no traffic of their services") }
        for judged in report.objectives {
            Output.line(judged.sentence)
            for breach in judged.breaches { Output.line("  " + report.sentence(breach)) }
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
                        "worst": JSON(judged.worst?.value), "requests": .integer(Int64(clamping: judged.requests)),
                        "brokenSeconds": .double(judged.brokenSeconds), "budgetSpent": JSON(judged.budgetSpent),
                    ]
                }),
        ]
    }
}
