import ArgumentParser
import MeshClient
import MeshModel

/// `gameday adopt [ADMIN]`: what to add to an Envoy's configuration so that faults can be injected there.
struct AdoptCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "adopt", abstract: "Print what to add to an Envoy's configuration so that faults can be injected.",
        discussion: """
            Reads the configuration of the Envoys in a gameday.yaml, or of one at an address, and prints the lines that
            are missing: an admin layer for runtime settings, and a fault filter for each callee. It changes nothing.

              gameday adopt http://127.0.0.1:9901
            """)

    @OptionGroup var mesh: MeshOptions

    @Argument(
        help: ArgumentHelp("Only the Envoy with this admin page; it need not be in the settings.", valueName: "admin"))
    var admin: String?

    mutating func run() async throws {
        let transport = try CurlTransport()
        var lines: [String] = []
        // How to ask a page behind TLS or a login stands in the settings.
        if let parts = try settings()?.adapters {
            for part in parts { lines += await part.advise?(transport, admin) ?? [] }
        }
        if lines.isEmpty, let admin {
            for part in try Self.adapters("proxies:\n- admin: \(JSON.string(admin).text)\n", file: "ADMIN") {
                lines += await part.advise?(transport, nil) ?? []
            }
        }
        for line in lines { Output.line(line) }
    }

    /// They may be missing where an address is given.
    private func settings() throws -> Settings? {
        do {
            return try mesh.settings()
        } catch {
            if admin != nil { return nil }
            throw ExitCode.badDocument(error.description)
        }
    }

    private static func adapters(_ text: String, file: String) throws -> [AdapterPart] {
        do { return try Settings.parse(text, file: file).adapters } catch {
            throw ExitCode.badDocument(error.description)
        }
    }
}
