internal import MeshClient
internal import MeshModel

// What the experiment desk answers with.
extension Problem {
    static func runIsOn(_ id: String, _ title: String) -> Problem {
        Problem(
            .experimentRunning, status: 409, title: "a run is on", detail: "\(id): \(title)",
            remedy: "Wait for its end, or stop it with `gameday experiment abort`.")
    }

    static func runIsOver(_ id: String) -> Problem {
        Problem(
            .notAllowed, status: 409, title: "the run is over", detail: "\(id) is over or being stopped",
            remedy: "A run starts nothing after its end.")
    }

    static var noRun: Problem {
        Problem(
            .notFound, status: 404, title: "no such run", detail: "no run of that id is on",
            remedy: "`gameday experiments` lists them.")
    }

    static func noExperiment(_ name: String, among known: [String]) -> Problem {
        let near = Quantity.nearest(to: name, among: known).map { "; did you mean \($0)?" } ?? ""
        return Problem(
            .notFound, status: 404, title: "no such experiment",
            detail: "the catalogue has no \(name)\(near.isEmpty ? ", and \(known.count) others" : near)",
            remedy: "`gameday experiments` lists them; a path with a slash in it is taken as a file.")
    }

    static func badExperiment(_ source: String, _ problems: [String]) -> Problem {
        Problem(
            .badExperiment, status: 422, title: "the experiment can't be run",
            detail: problems.prefix(20).joined(separator: "\n"), remedy: "`gameday validate \(source)` says more.")
    }

    static func gateIsShut(_ why: String) -> Problem {
        Problem(
            .gateShut, status: 409, title: "the gate is shut", detail: "\(why), so the run would prove nothing",
            remedy: "Wait for the steady state, or start with --override-gate; the journal then says so.")
    }

    static func journal(_ why: String) -> Problem {
        Problem(
            .ledgerUnwritable, status: 507, title: "the journal can't be written", detail: why,
            remedy: "Make room, or set XDG_DATA_HOME elsewhere.")
    }

    static func unknownToken() -> Problem {
        Problem(
            .notAllowed, status: 401, title: "who are you?", detail: "the request bears no token that is known here",
            remedy: "Send Authorization: Bearer TOKEN; `gameday status --json` tells address and token.")
    }

    static func notForRuns(_ what: String) -> Problem {
        Problem(
            .notAllowed, status: 403, title: "not for a run", detail: "a run may not \(what)",
            remedy: "It may read, start faults, take its own back, write notes, and halt.")
    }
}
