import Foundation
import MeshClient
import MeshModel
import Recording

/// A real `gameday up` on a mesh, beside this process, with files of its own.
final class ControlPlaneProgram {
    let identifier: Int32
    let client: ControlPlaneClient
    let socket: String
    /// What a program needs to find the same files.
    let environment: [String: String]
    private let folder: ScratchFolder
    private let program: ChildProgram

    init(settings: String) async throws {
        folder = try ScratchFolder()
        let file = try folder.write(settings, as: "gameday.yaml")
        socket = folder.path + "/gameday.sock"
        environment = [
            "HOME": folder.path, "XDG_DATA_HOME": folder.path, "XDG_STATE_HOME": folder.path,
            "XDG_RUNTIME_DIR": folder.path,
        ]
        client = ControlPlaneClient(socket: socket, transport: try CurlTransport())
        let log = folder.path + "/log"
        program = try ChildProgram(
            ["tether", "--", Programs.gameday(), "up", "--foreground", "-f", file, "--socket", socket],
            environment: environment, log: log)
        identifier = Int32(try program.line()) ?? 0
        for _ in 0..<400 {
            if (try? await client.health()) != nil { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        let words = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        throw BenchError("the control plane does not answer: \(words.suffix(400))")
    }

    deinit { program.end() }

    /// How many bytes it has recorded so far.
    var recordedBytes: Int {
        let recordings = RecordingFolder.standard { self.environment[$0] }
        return recordings.items().reduce(0) { $0 + $1.bytes }
    }

    /// Waits until so many of its proxies have been heard.
    func waitUntilHeard(_ count: Int) async throws {
        for _ in 0..<600 {
            let sources = try await client.status()["sources"]?.array ?? []
            if sources.count(where: { $0["state"]?.string == "fresh" }) >= count { return }
            try await Task.sleep(for: .milliseconds(100))
        }
        throw BenchError("the control plane does not hear its \(count) proxies")
    }
}
