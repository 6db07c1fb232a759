internal import MeshClient
internal import MeshModel

// What the experiment desk answers with.
extension Problem {
    static func runIsOn(_ id: String, _ title: String) -> Problem {
        Problem(
            .experimentRunning, status: 409, title: "another run is active", detail: "\(id): \(title)",
            remedy: "Wait for its end, or run `gameday experiment abort`.")
    }

    static func runIsOver(_ id: String) -> Problem {
        Problem(
            .notAllowed, status: 409, title: "the run has ended", detail: "\(id) has ended or is being stopped",
            remedy: "A run cannot start faults after its end.")
    }

    static var noRun: Problem {
        Problem(
            .notFound, status: 404, title: "unknown run", detail: "no running experiment has this id",
            remedy: "Run `gameday experiments` to list them.")
    }

    static func noExperiment(_ name: String, among known: [String]) -> Problem {
        let near = Quantity.nearest(to: name, among: known).map { "; did you mean \($0)?" } ?? ""
        return Problem(
            .notFound, status: 404, title: "unknown experiment",
            detail: "unknown experiment '\(name)'\(near.isEmpty ? "; the catalogue has \(known.count)" : near)",
            remedy: "Run `gameday experiments` to list them, or give a path with a slash for a file.")
    }

    static func badExperiment(_ source: String, _ problems: [String]) -> Problem {
        Problem(
            .badExperiment, status: 422, title: "the experiment cannot run",
            detail: problems.prefix(20).joined(separator: "\n"), remedy: "Run `gameday validate \(source)` for details."
        )
    }

    static func gateIsShut(_ why: String) -> Problem {
        Problem(
            .gateShut, status: 409, title: "the gate is closed", detail: "\(why), so the run would prove nothing",
            remedy: "Wait for the steady state, or use --override-gate; the journal records it.")
    }

    static func journal(_ why: String) -> Problem {
        Problem(
            .ledgerUnwritable, status: 507, title: "cannot write the journal", detail: why,
            remedy: "Free space, or set XDG_DATA_HOME.")
    }

    static func unknownToken() -> Problem {
        Problem(
            .notAllowed, status: 401, title: "not authenticated", detail: "the request has no valid token",
            remedy: "Send Authorization: Bearer TOKEN. Run `gameday status --json` for address and token.")
    }

    static func notForRuns(_ what: String) -> Problem {
        Problem(
            .notAllowed, status: 403, title: "not allowed for a run", detail: "a run cannot \(what)",
            remedy: "A run can read, start faults, stop its own faults, add notes, and halt.")
    }
}
