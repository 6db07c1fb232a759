internal import MeshModel

/// The proxies that a fleet polls now.
typealias EnvoyRoster = PollRoster<EnvoyEndpoint>

extension EnvoyEndpoint: PollTarget {}

/// A sidecar of a fleet, and the directory that it tells who it is.
final class EnvoyMember: Polled {
    let sidecar: EnvoySidecar
    private let directory: EnvoyDirectory

    init(_ sidecar: EnvoySidecar, _ directory: EnvoyDirectory) {
        self.sidecar = sidecar
        self.directory = directory
    }

    var target: EnvoyEndpoint { sidecar.endpoint }
    var source: String? { sidecar.source }
    var request: HTTPRequest { sidecar.request }
    var asksAgain: Bool { sidecar.asksAgain }
    var isFailing: Bool { sidecar.isFailing }
    var simulatorSeed: String? { sidecar.simulatorSeed }

    func update(_ target: EnvoyEndpoint) {}

    func isDue(at time: Double) -> Bool { true }

    func receive(_ result: Result<HTTPResponse, TransportError>, at time: Double) -> [Observation] {
        sidecar.receive(result, at: time, directory: directory)
    }

    func leave() -> [Observation] { sidecar.leave(directory) }
}
