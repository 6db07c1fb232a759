import ArgumentParser
import MeshClient
import MeshModel

/// `gameday logs`: what the caller's proxies logged of an edge, with Envoy's response flags in words.
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs", abstract: "Print the last access-log lines of an edge, with response flags in words.",
        discussion: """
            Reads the access logs of the caller's proxies: the files of Envoys on this machine, the istio-proxy \
            containers on Kubernetes. Query strings are never shown, and nothing is recorded unless --record is given. \
            Exits with 69 when no log can be read.

              gameday logs 'bar>taps' --failing
              gameday logs bar taps --follow
            """)

    @OptionGroup var location: ControlPlaneLocation
    @OptionGroup var edge: EdgeArgument

    @Flag(help: "Print only failing requests.")
    var failing = false

    @Flag(help: "Print new lines as they come, until Ctrl-C.")
    var follow = false

    @Flag(help: "Print JSON: the response of the API, or with --follow one line per request.")
    var json = false

    @Flag(help: "Add the printed lines to the timeline and the recording, at most 20.")
    var record = false

    /// Notes are for people; more lines than these make no story.
    private static let mostNotes = 20

    func validate() throws {
        if record, follow { throw ValidationError("--record needs an end: use it without --follow.") }
    }

    mutating func run() async throws {
        let client = try location.client()
        let edge = try edge.edge()
        var log = try await read(client, edge)
        if json, !follow { return Output.json(log.json) }
        show(log.lines)
        for problem in log.problems { Output.error("gameday: \(problem)") }
        if log.lines.isEmpty, !log.problems.isEmpty, !follow {
            throw ExitCode.unavailable("gameday: no access log of \(edge) can be read.")
        }
        if record { try await note(log.lines.suffix(Self.mostNotes), edge, client) }
        while follow, !Output.isUnheard {
            try await Task.sleep(for: .seconds(1))
            let later = try await read(client, edge)
            show(later.news(since: log))
            log = later
        }
    }

    private func read(_ client: ControlPlaneClient, _ edge: Edge) async throws -> EdgeLog {
        try await asking { () async throws(ControlPlaneError) in try await client.log(of: edge, onlyFailing: failing) }
    }

    private func show(_ lines: [EdgeLog.Line]) {
        for line in lines {
            if json {
                Output.json(line.json)
            } else {
                let trace = line.line.trace.map { "  trace \($0)" } ?? ""
                Output.line("\(line.line.clock)  \(line.source)  \(line.line.summary)\(trace)")
            }
        }
    }

    private func note(_ lines: [EdgeLog.Line].SubSequence, _ edge: Edge, _ client: ControlPlaneClient) async throws {
        for line in lines {
            let note = Note(by: Environment.user, text: line.note(on: edge), kind: .note)
            try await asking { () async throws(ControlPlaneError) in try await client.note(note) }
        }
    }
}

/// An edge on the command line: `caller>callee`, or the two names.
struct EdgeArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The edge: caller>callee, or the two names.", valueName: "edge"))
    var names: [String]

    func validate() throws { _ = try edge() }

    func edge() throws -> Edge {
        let sides = names.count == 1 ? names[0].split(separator: ">", maxSplits: 1).map(String.init) : names
        guard sides.count == 2, !sides[0].isEmpty, !sides[1].isEmpty else {
            throw ValidationError("Use one edge, such as 'bar>taps'.")
        }
        return Edge(from: ServiceName(sides[0]), to: ServiceName(sides[1]))
    }
}
