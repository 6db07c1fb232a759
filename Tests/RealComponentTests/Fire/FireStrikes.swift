import Glibc
import TestKit
import Testing

extension FireStage {
    /// How long a victim is stopped: the guard process is patient for three seconds.
    private static let pause = Duration.seconds(4)

    func strike(_ process: pid_t?, _ signal: Int32) throws { kill(try #require(process), signal) }

    /// Both at the same moment: the guard process can't run in between.
    func strikeBoth(_ signal: Int32) throws {
        let (controlPlane, guardProcess) = (home.controlPlane, home.guardProcess)
        try strike(guardProcess, SIGSTOP)
        try strike(controlPlane, signal)
        try strike(guardProcess, signal)
    }

    /// Strikes, and lets go of the request that is held. Returns when the blow is over.
    func strike(_ fire: FireCase) async throws {
        let victims = try await processes(of: fire.victim)
        try #require(!victims.isEmpty, "nobody to strike: \(home.description)")
        switch fire.blow {
        case .kill: fire.victim == .both ? try strikeBoth(SIGKILL) : victims.forEach { kill($0, SIGKILL) }
        case .terminate: for victim in victims { kill(victim, SIGTERM) }
        case .hangUp: for victim in victims { kill(victim, SIGHUP) }
        case .memory: for victim in victims { try await starveOfMemory(victim) }
        case .stop:
            for victim in victims { kill(victim, SIGSTOP) }
            relay.open()
            try await Task.sleep(for: Self.pause)
            for victim in victims { kill(victim, SIGCONT) }
        case .starve:
            relay.open()
            let end = ContinuousClock.now + Self.pause
            while ContinuousClock.now < end {
                for victim in victims { kill(victim, SIGSTOP) }
                try await Task.sleep(for: .milliseconds(90))
                for victim in victims { kill(victim, SIGCONT) }
                try await Task.sleep(for: .milliseconds(10))
            }
        }
        relay.open()
        if fire.victim == .controlPlane, fire.blow == .terminate || fire.blow == .hangUp {
            // It answers until it has ended, and nobody is to ask it for anything meanwhile.
            try await eventually("the control plane has ended") {
                victims.allSatisfy { kill($0, 0) != 0 || Self.isZombie($0) }
            }
        }
        if fire.victim == .envoy, fire.blow != .stop, fire.blow != .starve {
            try await eventually("Envoy gone") { kill(victims[0], 0) != 0 || Self.isZombie(victims[0]) }
            try await restartEnvoy()
        }
    }

    private func processes(of victim: FireCase.Victim) async throws -> [pid_t] {
        switch victim {
        case .controlPlane: [home.controlPlane].compactMap { $0 }
        case .guardProcess: [home.guardProcess].compactMap { $0 }
        case .both: [home.guardProcess, home.controlPlane].compactMap { $0 }
        case .client: home.clients
        case .envoy: [await envoyProcess]
        case .program:
            home.processes(
                running: [FireRun.hypothesis, FireRun.method, FireRun.rollbacks].flatMap {
                    [$0, "/bin/sh -c \($0)"]
                })
        }
    }

    private static func isZombie(_ process: pid_t) -> Bool {
        GamedayHome.text(of: "/proc/\(process)/cmdline").isEmpty
    }

    /// Its next request for memory from the system fails, wherever it is.
    private func starveOfMemory(_ process: pid_t) async throws {
        let pages = home.text(of: "/proc/\(process)/statm").split(separator: " ").first.flatMap { Int($0) } ?? 0
        let limit = "--as=\(pages * Int(getpagesize())):unlimited"
        let outcome = try await home.run(program: "/usr/bin/prlimit", ["--pid", "\(process)", limit])
        try #require(outcome.code == 0, "\(outcome.output)")
    }
}
