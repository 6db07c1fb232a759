import Foundation
import TerminalCanvas
import Testing

@testable import gameday

@Suite struct ThemeFilesTests {
    /// A folder with these files, gone when the test ends.
    private final class Folder {
        let path = FileManager.default.temporaryDirectory.appending(path: "themes-\(UUID().uuidString)").path()

        init(_ files: [String: String]) throws {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            for (name, text) in files { try text.write(toFile: path + "/" + name, atomically: true, encoding: .utf8) }
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private let shipped = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../themes")
        .standardized.path()

    @Test func `the themes of the repository can be chosen by name`() throws {
        let files = ThemeFiles(folders: [shipped])
        #expect(files.names == ["midnight", "mono", "nord", "paper", "projector", "sixteen"])
        for name in files.names { #expect(try files.theme(name).name == name) }
    }

    @Test func `midnight needs no file`() throws {
        #expect(try ThemeFiles(folders: []).theme("midnight") == .midnight)
    }

    @Test func `a person's own theme comes before ours and may inherit from it`() throws {
        let own = try Folder([
            "nord.yaml": "name: nord\ninherits: midnight\nroles: { ok: { fg: \"#77CCFF\", fg16: cyan } }"
        ])
        let theme = try ThemeFiles(folders: [own.path, shipped]).theme("nord")
        #expect(theme.paint(Style(.ok), .trueColor).foreground == .mixed(Color(rgb: 0x77CCFF)))
        #expect(theme.paint(Style(.bad), .trueColor) == Theme.midnight.paint(Style(.bad), .trueColor))
        #expect(try ThemeFiles(folders: []).theme(own.path + "/nord.yaml") == theme)
    }

    @Test(arguments: [
        ("name: x\nroles: [", "line 3: invalid YAML"), ("name: x\nroles: { ok: { fg: greenish } }", "roles.ok.fg"),
        ("name: x\ncolors: {}", "“colors” is none of"), ("roles: {}", "“name” is missing"),
        ("name: x\ninherits: x", "it inherits from itself: x > x"), ("name: x", "“text” has no look"),
        ("name: x\ninherits: midnight\nroles: { ok: { fg: \"#303030\" } }", "ok on base has a contrast of 1.5:1"),
        ("name: x\ninherits: nowhere", "unknown theme"),
        (
            "name: x\ninherits: midnight\nroles: { ok: { fg: \"#00A000\" }, warn: { fg: \"#A0A000\" } }",
            "ok and warn look alike to eyes without red (protan)"
        ),
        ("name: projector\ninherits: midnight", "needs 7.0:1"),
    ])
    func `what is wrong with a theme is said with its place`(text: String, words: String) throws {
        let name = text.contains("name: projector") ? "projector" : "x"
        let folder = try Folder(["\(name).yaml": text])
        let error = try #require(throws: ThemeError.self) { try ThemeFiles(folders: [folder.path]).theme(name) }
        #expect(error.description.contains(words))
    }

    @Test func `folders come from the environment and from where the program is`() {
        let files = ThemeFiles(
            environment: ["GAMEDAY_THEMES": "/one", "XDG_CONFIG_HOME": "", "HOME": "/home/me"],
            executableFolder: "/src/.build/x/release")
        #expect(
            files.folders == [
                "/one", "/home/me/.config/gameday/themes", "/src/.build/x/release/themes",
                "/src/.build/x/release/../share/gameday/themes", "/src/themes",
            ])
    }
}
