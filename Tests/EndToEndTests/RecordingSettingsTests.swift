import MeshClient
import MeshModel
import Testing

@testable import gameday

struct RecordingSettingsTests {
    private func mistakes(_ text: String) -> String {
        do {
            _ = try Settings.parse(text, file: "gameday.yaml")
            return ""
        } catch {
            return error.description
        }
    }

    @Test func `a secret in a URL is refused, so that it reaches no recording`() {
        let found = mistakes("proxies:\n  - admin: http://ann:s3cret@127.0.0.1:9901\n")
        #expect(
            found.hasPrefix("gameday.yaml:2: admin must not contain a user name or password")
                && !found.contains("s3cret"))
        #expect(mistakes("proxies:\n  - admin: http://127.0.0.1:9901\n") == "")
    }

    @Test func `how much is recorded is read, and mistakes in it are told`() throws {
        let proxies = "proxies:\n  - admin: http://127.0.0.1:9901\n"
        let kept = try Settings.parse(proxies + "recording: {keep: 7, size: 20MB}\n", file: "f").mesh.recording
        #expect(kept.isOn && kept.keep == 7 && kept.bytes == 20 << 20)
        #expect(try Settings.parse(proxies + "recording: off\n", file: "f").mesh.recording.isOn == false)
        #expect(try Settings.parse(proxies, file: "f").mesh.recording.keep == 100)
        for wrong in ["{keep: 0}", "{keep: many}", "{size: 5}", "{size: 5kB}", "{folder: here}", "[1]"] {
            #expect(mistakes(proxies + "recording: \(wrong)\n").contains(":3:"), "\(wrong)")
        }
    }
}
