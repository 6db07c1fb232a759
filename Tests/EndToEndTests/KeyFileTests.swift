import Dashboard
import MeshClient
import MeshModel
import TerminalCanvas
import TestKit
import Testing

@testable import gameday

/// The keys a person chooses, and the lists that are made of the table.
struct KeyFileTests {
    private func mistakes(_ text: String) -> [String] {
        do {
            _ = try KeyFile.parse(text, file: "keys.yaml")
            return []
        } catch {
            return error.description.split(separator: "\n").filter { !$0.hasPrefix(" ") }.map(String.init)
        }
    }

    @Test func `keys are changed, added to the halt, and turned off`() throws {
        let keymap = try KeyFile.parse(
            "fault: [F, ctrl-f]\nhalt: f9\nfreeze: []\nblast: z\n# a remark\n", file: "keys.yaml")
        #expect(keymap.action(for: .character("F")) == .fault && keymap.action(for: .control("f")) == .fault)
        #expect(keymap.action(for: .character("f")) == nil)
        #expect(keymap.action(for: .character("z")) == .blast && keymap.keys(of: .freeze).isEmpty)
        for key in [Key.character("!"), .control("x"), .function(12), .function(9)] {
            #expect(keymap.action(for: key) == .halt)
        }
        #expect(keymap.haltsEverywhere(.function(9)) && !keymap.haltsEverywhere(.character("!")))
        #expect(try KeyFile.parse("", file: "keys.yaml") == Keymap())
    }

    @Test func `keys of dialogs are changed, but never so that a second press agrees`() throws {
        let keymap = try KeyFile.parse("yes: [j, ctrl-y]\nno: []\nhaltAndQuit: \"0\"\n", file: "keys.yaml")
        #expect(keymap.keys(of: .yes) == [.character("j"), .control("y")] && keymap.keys(of: .no).isEmpty)
        #expect(keymap.keys(of: .haltAndQuit) == [.character("0")] && keymap.keys(of: .stay) == [.character("s")])
        #expect(
            mistakes("yes: [enter, n, f]\nstay: \"!\"\nno: l\nleaveAndQuit: esc") == [
                "keys.yaml:1: enter means the same in every dialog",
                "keys.yaml:1: f for yes is a key of fault: a second press would confirm",
                "keys.yaml:2: ! for stay is already a key of halt",
                "keys.yaml:4: esc means the same in every dialog",
            ])
        #expect(mistakes("yes: o") == ["keys.yaml:1: o for yes is already a key of override"])
        #expect(
            mistakes("yes: F\nfault: F") == ["keys.yaml:1: F for yes is a key of fault: a second press would confirm"])
        #expect(mistakes("yes: []") == ["keys.yaml:1: yes needs a key"])
        #expect(mistakes("haltAndQuit: l") == ["keys.yaml:1: l for haltAndQuit is already a key of leaveAndQuit"])
    }

    @Test func `every mistake is told at once, with its line`() {
        let text = """
            freze: f
            fault: [hyper-f, b]
            blast: "!"
            filter: ctrl-c
            view: up
            """
        #expect(
            mistakes(text) == [
                "keys.yaml:1: unknown key 'freze' in the key file",
                "keys.yaml:2: invalid key 'hyper-f'",
                "keys.yaml:3: ! for blast is already a key of halt",
                "keys.yaml:4: ctrl-c always quits",
                "keys.yaml:5: up for view is already a key of up",
            ])
        #expect(mistakes("note: ctrl-h") == ["keys.yaml:1: terminals send ctrl-h for backspace"])
        #expect(mistakes("a: [") == ["keys.yaml:2: invalid YAML: did not find expected node content"])
        #expect(
            mistakes("- f") == [
                "keys.yaml:1: the key file must be a mapping with: \((Action.all.map(\.name) + DialogKey.allCases.map(\.name)).joined(separator: ", "))"
            ])
        #expect(mistakes("fault: B\nblast: B") == ["keys.yaml:2: B for blast is already a key of fault"])
    }

    @Test func `the file to begin with changes nothing`() throws {
        #expect(try KeyFile.parse(KeysCommand.file, file: "keys.yaml") == Keymap())
    }

    @Test func `the list of keys marks those that were changed`() throws {
        let keymap = try KeyFile.parse("fault: F\nfreeze: []\nyes: J", file: "keys.yaml")
        let lines = KeysCommand.lines(keymap)
        #expect(lines.count == Action.all.count + 2 + DialogKey.allCases.count)
        #expect(lines.filter { $0.hasPrefix("*") }.count == 3)
        #expect(lines.contains { $0.hasPrefix("* J ") && $0.contains(" yes ") })
        #expect(lines.contains { $0.hasPrefix("* F ") && $0.hasSuffix("inject a fault on the selected edge") })
        #expect(lines.contains { $0.hasPrefix("* (no key) ") })
    }

    @Test func `the file to begin a mesh with is a good one`() throws {
        let settings = try Settings.parse(ConfigCommand.file, file: "gameday.yaml")
        let mesh = settings.mesh
        #expect(
            settings.adapters.map(\.summary) == ["2 proxies"] && mesh.objectives.count == 2 && mesh.guards.count == 4)
    }

    @Test func `the manual has every command and every key, in words that roff takes`() throws {
        let page = try #require(ManPage.text(of: "gameday"))
        #expect(ManPage.commandNames.contains("demo") && !ManPage.commandNames.contains("guard"))
        for name in ManPage.commandNames { #expect(page.contains(".SS gameday \(name)\n"), "\(name)") }
        for action in Action.all { #expect(page.contains("(\(action.name))"), "\(action.name)") }
        let requests = ["TH", "SH", "SS", "TP", "IP", "PP", "RS", "RE", "B", "nf", "fi"]
        for line in page.split(separator: "\n") where line.hasPrefix(".") {
            #expect(requests.contains(String(line.dropFirst().prefix { $0.isLetter })), "\(line)")
        }
        #expect(ManPage.escaped(".a\\b-c") == "\\&.a\\eb\\-c")
    }

    @Test func `colours follow the wish, then the environment`() {
        let rich = ["TERM": "xterm-256color", "COLORTERM": "truecolor"]
        #expect(ColorWish.auto.printingTier(rich, isTerminal: false) == .mono)
        #expect(ColorWish.auto.printingTier(rich, isTerminal: true) == .trueColor)
        #expect(ColorWish.auto.printingTier(rich.merging(["NO_COLOR": "1"]) { $1 }, isTerminal: true) == .mono)
        #expect(ColorWish.auto.printingTier(rich.merging(["NO_COLOR": ""]) { $1 }, isTerminal: true) == .trueColor)
        #expect(
            ColorWish.always.printingTier(["NO_COLOR": "1", "TERM": "xterm-256color"], isTerminal: false) == .indexed)
        #expect(ColorWish.never.printingTier(rich, isTerminal: true) == .mono)
        #expect(ColorWish.auto.tier(rich) == nil && ColorWish.sixteen.tier(rich) == .sixteen)
        #expect(ColorWish.always.tier(["NO_COLOR": "1"]) == .sixteen)
    }

    @Test func `a light background chooses paper where the environment tells of one`() {
        #expect(Background.theme([:]) == "midnight")
        #expect(Background.theme(["COLORFGBG": "15;0"]) == "midnight")
        #expect(Background.theme(["COLORFGBG": "0;15"]) == "paper")
        #expect(Background.theme(["COLORFGBG": "0;default;7"]) == "paper")
        #expect(Background.canBeAsked(["TERM": "xterm-256color"]) && !Background.canBeAsked(["TERM": "linux"]))
    }

    @Test(arguments: ["80x24", "1x1", "1000x500"])
    func `a size reads back`(text: String) { #expect(ScreenSize(argument: text)?.defaultValueDescription == text) }

    @Test(arguments: ["80", "x", "80x", "0x5", "80x24x3", "-5x5", "1001x20"])
    func `what is no size is refused`(text: String) { #expect(ScreenSize(argument: text) == nil) }
}
