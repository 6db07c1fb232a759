internal import MeshClient
internal import MeshModel

// The problems that the desk and the server answer with, each in one place and in one voice.
extension Problem {
    static func rail(_ title: String, _ detail: String, _ remedy: String? = nil) -> Problem {
        Problem(.refusedByGuardRail, status: 422, title: title, detail: detail, remedy: remedy)
    }

    static func badRequest(_ detail: String) -> Problem {
        Problem(.badRequest, status: 400, title: "bad request", detail: detail)
    }

    static func halted(_ halt: Halt?) -> Problem {
        let why = halt.map { "halted by \($0.by): \($0.reason)" } ?? "everything is halted"
        return Problem(
            .halted, status: 409, title: "halted", detail: why, remedy: "`gameday rearm` lets faults start again.")
    }

    static func ledger(_ error: LedgerError) -> Problem {
        Problem(
            .ledgerUnwritable, status: 507, title: "the ledger can't be written", detail: error.text,
            remedy: "Without its undo on disk no fault is started. Make room, or set XDG_STATE_HOME elsewhere.")
    }

    static func noFault(_ id: String) -> Problem {
        Problem(
            .notFound, status: 404, title: "no such fault", detail: "\(id) was never started here",
            remedy: "`gameday faults` lists them.")
    }

    static func over(_ fault: Fault) -> Problem {
        Problem(
            .notProven, status: 409, title: "it is over", detail: "\(fault.id) is \(fault.phase.rawValue)",
            remedy: "`gameday faults` lists those that stand.")
    }

    static func stands(_ id: String) -> Problem {
        Problem(
            .notProven, status: 409, title: "it stands", detail: "\(id) is in the mesh, and nobody took it back",
            remedy: "`gameday fault stop \(id)` ends it; only what can't be ended can be forgotten.")
    }

    static func stillShown(_ id: String, _ what: String) -> Problem {
        Problem(
            .notProven, status: 409, title: "it is still there", detail: "\(id) is not forgotten, for \(what)",
            remedy: "Take it away at that proxy; it is tried on every second.")
    }

    static func ofAnotherMesh(_ place: String) -> Problem {
        Problem(
            .notProven, status: 409, title: "it is in another mesh", detail: place,
            remedy: "It is taken back in the background. `gameday up` on that mesh ends it, or `gameday forget ID`.")
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
            .proxyUnreachable, status: 503, title: "the proxy did not answer", detail: detail,
            remedy: remedy ?? "See whether the proxy runs and its admin page can be reached.")
    }

    static func refused(_ detail: String, _ remedy: String? = nil) -> Problem {
        Problem(.proxyRefused, status: 502, title: "the proxy refused", detail: detail, remedy: remedy)
    }

    static func busy() -> Problem {
        Problem(
            .busy, status: 503, title: "too busy", detail: "too many requests are under way",
            remedy: "Try again in a moment. A halt is never refused.")
    }

    static let tooSlow = Problem(
        .badRequest, status: 408, title: "too slow", detail: "the request did not come whole in time")

    static func onlyHalts() -> Problem {
        Problem(
            .notFound, status: 404, title: "not here", detail: "this socket takes only what ends everything",
            remedy: "Ask at the socket without .halt at its end.")
    }

    static func notForPages(_ why: String) -> Problem {
        Problem(
            .notAllowed, status: 403, title: "not for web pages", detail: String(why.prefix(200)),
            remedy: "Ask from a program, at the address that `gameday status --json` tells.")
    }
}
