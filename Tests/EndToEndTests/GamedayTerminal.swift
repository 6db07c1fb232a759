import Foundation
import TestKit
import Testing

extension GamedayHome {
    /// What the program finds around it on a usual terminal, with real Envoys at hand.
    func terminal() throws -> [String: String] {
        let envoy = try #require(
            ProcessInfo.processInfo.environment["GAMEDAY_ENVOY"], "make test installs Envoy and names it here")
        return [
            "GAMEDAY_ENVOY": envoy, "GAMEDAY_SOCKET": socket, "XDG_STATE_HOME": folder + "/state",
            "XDG_RUNTIME_DIR": folder, "HOME": folder, "USER": "tester", "PATH": "/usr/bin:/bin",
            "TERM": "xterm-256color", "LC_ALL": "C.UTF-8", "SWIFT_BACKTRACE": "interactive=no,color=no",
        ]
    }

    /// Puts a file where the program looks for a person's own settings.
    func configure(_ name: String, _ text: String) throws {
        let path = folder + "/.config/gameday/" + name
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
        try text.write(toFile: path, atomically: true, encoding: .utf8)
    }

    /// The files of a folder below this home.
    func contents(of place: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder + "/" + place)) ?? []).sorted()
    }
}
