internal import MeshClient
internal import MeshModel

// The problems that the desk and the server answer with, each in one place and in one voice.
extension Problem {
    static func rail(_ title: String, _ detail: String, _ remedy: String? = nil) -> Problem {
        Problem(.refusedByGuardRail, status: 422, title: title, detail: detail, remedy: remedy)
    }

    static func badRequest(_ detail: String) -> Problem {
        Problem(.badRequest, status: 400, title: "invalid request", detail: detail)
    }

    static func halted(_ halt: Halt?) -> Problem {
        let why = halt.map { "halted by \($0.by): \($0.reason)" } ?? "everything is halted"
        return Problem(
            .halted, status: 409, title: "halted", detail: why, remedy: "Run `gameday rearm` to allow new faults.")
    }

    static func ledger(_ error: LedgerError) -> Problem {
        Problem(
            .ledgerUnwritable, status: 507, title: "cannot write the ledger", detail: error.text,
            remedy: "A fault starts only once its undo is on disk. Free space, or set XDG_STATE_HOME.")
    }

    static func noFault(_ id: String) -> Problem {
        Problem(
            .notFound, status: 404, title: "unknown fault", detail: "\(id) was never started here",
            remedy: "Run `gameday faults` to list them.")
    }

    static func over(_ fault: Fault) -> Problem {
        Problem(
            .notProven, status: 409, title: "it has ended", detail: "\(fault.id) is \(fault.phase.word)",
            remedy: "Run `gameday faults` to list active faults.")
    }

    static func stands(_ id: String) -> Problem {
        Problem(
            .notProven, status: 409, title: "it is active", detail: "\(id) is still in the mesh",
            remedy: "Run `gameday fault stop \(id)`. Only a fault that cannot be removed can be forgotten.")
    }

    static func stillShown(_ id: String, _ what: String) -> Problem {
        Problem(
            .notProven, status: 409, title: "it is still there", detail: "\(id) cannot be forgotten: \(what)",
            remedy: "Remove it at that proxy; retrying every second.")
    }

    static func ofAnotherMesh(_ place: String) -> Problem {
        Problem(
            .notProven, status: 409, title: "it is in another mesh", detail: place,
            remedy: "It is being removed in the background. Run `gameday up` on that mesh, or `gameday forget ID`.")
    }

    static func injection(_ error: InjectionError) -> Problem {
        switch error {
        case .unreachable:
            unreachable(error.summary, error.remedy)
        case .rejected:
            refused(error.summary, error.remedy)
        case .impossible, .unprepared, .unknownService:
            rail("not possible", error.summary, error.remedy)
        }
    }

    static func unreachable(_ detail: String, _ remedy: String? = nil) -> Problem {
        Problem(
            .proxyUnreachable, status: 503, title: "the proxy did not respond", detail: detail,
            remedy: remedy ?? "Check that the proxy runs and that its admin page can be reached.")
    }

    static func refused(_ detail: String, _ remedy: String? = nil) -> Problem {
        Problem(.proxyRefused, status: 502, title: "refused by the proxy", detail: detail, remedy: remedy)
    }

    static func busy() -> Problem {
        Problem(
            .busy, status: 503, title: "too busy", detail: "too many requests at once",
            remedy: "Try again in a moment. A halt is never refused.")
    }

    static let tooSlow = Problem(
        .badRequest, status: 408, title: "request timed out", detail: "the request was not complete in time")

    static func onlyHalts() -> Problem {
        Problem(
            .notFound, status: 404, title: "not on this socket", detail: "this socket accepts only a halt or an end",
            remedy: "Use the socket without .halt at the end of its name.")
    }

    static func notForPages(_ why: String) -> Problem {
        Problem(
            .notAllowed, status: 403, title: "not allowed for web pages", detail: String(why.prefix(200)),
            remedy: "Use a program, at the address that `gameday status --json` prints.")
    }
}
