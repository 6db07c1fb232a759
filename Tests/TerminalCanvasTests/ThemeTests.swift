import Foundation
import TerminalCanvas
import Testing
import Yams

/// The theme files of the repository, found from this test's place in it.
private enum Themes {
    static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path())) ?? []
        return files.filter { $0.hasSuffix(".yaml") }.map { String($0.dropLast(5)) }.sorted()
    }()

    static func load(_ name: String) throws -> Theme {
        let text = try String(contentsOf: folder.appending(path: name + ".yaml"), encoding: .utf8)
        let document = try YAMLDecoder().decode(ThemeDocument.self, from: text)
        return try Theme(document, inheritingFrom: document.inherits.map(load))
    }

    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../themes").standardized
}

@Suite struct ThemeFileTests {
    @Test func `the six themes are there`() {
        #expect(Themes.names == ["midnight", "mono", "nord", "paper", "projector", "sixteen"])
    }

    @Test func `the built-in theme is midnight's file`() throws {
        #expect(try Themes.load("midnight") == .midnight)
    }

    @Test(arguments: Themes.names)
    func `a theme is named as its file`(name: String) throws {
        #expect(try Themes.load(name).name == name)
    }

    @Test(arguments: Themes.names, [ColorTier.sixteen, .indexed, .trueColor])
    func `every pair of colours can be read`(name: String, tier: ColorTier) throws {
        let theme = try Themes.load(name)
        let text = name == "projector" ? 7.0 : 4.5
        let weak = theme.weakPairs(tier, text: text, graphics: name == "projector" ? 4.5 : 3)
        #expect(weak.isEmpty, "\(weak.map(\.description).joined(separator: "\n"))")
    }

    @Test(arguments: Themes.names.filter { $0 != "mono" }, ColorVision.allCases)
    func `the key that halts looks like nothing broken, to any eye`(name: String, vision: ColorVision) throws {
        let theme = try Themes.load(name)
        for tier in [ColorTier.sixteen, .indexed, .trueColor] {
            // Of sixteen colours few are readable on a projector; to eyes without blue the word and the mark tell.
            if tier == .sixteen, vision == .tritan { continue }
            // The key is plain text reversed: its ground has the colour of words.
            let halt = try #require(theme.paint(Style(.text, [.bold, .reverse]), tier).foreground.color)
            let bad = try #require(theme.paint(Style(.bad, .bold), tier).background.color)
            #expect(vision.seen(halt).distance(to: vision.seen(bad)) > 30, "\(tier.rawValue)")
        }
    }

    /// Colour comes third, after mark and word, but it should still tell a bad state from the others.
    @Test(arguments: Themes.names.filter { $0 != "mono" }, ColorVision.allCases)
    func `states differ for every kind of colour vision`(name: String, vision: ColorVision) throws {
        let theme = try Themes.load(name)
        for tier in [ColorTier.sixteen, .indexed, .trueColor] {
            func seen(_ role: StyleRole) -> (ink: Color, paper: Color)? {
                let paint = theme.paint(Style(role), tier)
                guard let ink = paint.foreground.color, let paper = paint.background.color else { return nil }
                return (vision.seen(ink), vision.seen(paper))
            }
            let states: [StyleRole] = [.ok, .warn, .bad]
            for (index, one) in states.enumerated() {
                for other in states.dropFirst(index + 1) {
                    let (left, right) = (try #require(seen(one)), try #require(seen(other)))
                    let distance = max(left.ink.distance(to: right.ink), left.paper.distance(to: right.paper))
                    #expect(distance >= 20, "\(one.name) and \(other.name) on \(tier.rawValue): \(distance)")
                }
            }
        }
    }

    @Test(arguments: Themes.names, ColorTier.allCases)
    func `no theme has states that somebody could not tell apart`(name: String, tier: ColorTier) throws {
        let alike = try Themes.load(name).similarStates(tier)
        #expect(alike.isEmpty, "\(alike.map(\.description).joined(separator: "\n"))")
    }

    @Test func `states that look alike are named with the eyes that see them so`() throws {
        let yaml = "name: ladder\nroles: { ok: { fg: \"#00A000\" }, warn: { fg: \"#A0A000\" } }"
        let document = try YAMLDecoder().decode(ThemeDocument.self, from: yaml)
        let alike = try Theme(document, inheritingFrom: .midnight).similarStates(.trueColor)
        #expect(Set(alike.map(\.vision)).isSuperset(of: [.protan]))
        #expect(!alike.contains { $0.vision == .usual })
        #expect(alike.first?.description.hasPrefix("ok and warn look alike to eyes without") == true)
    }

    @Test(arguments: Themes.names)
    func `without colours the states still differ`(name: String) throws {
        let theme = try Themes.load(name)
        let looks = [StyleRole.ok, .warn, .bad, .fault, .stale].map { theme.paint(Style($0), .mono).emphasis }
        #expect(Set(looks).count == looks.count)
        let selected = theme.paint(Style(.text, on: .selected), .mono)
        #expect(selected.emphasis.contains(.reverse))
        #expect(selected.foreground == .standard && selected.background == .standard)
    }
}

@Suite struct ThemeTests {
    private func document(_ yaml: String) throws -> ThemeDocument {
        try YAMLDecoder().decode(ThemeDocument.self, from: yaml)
    }

    @Test func `what a theme leaves out comes from the one it inherits from`() throws {
        let theme = try Theme(
            document("name: mine\ninherits: midnight\nroles: { ok: { fg: \"#102030\" } }"), inheritingFrom: .midnight)
        #expect(theme.paint(Style(.ok), .trueColor).foreground == .mixed(Color(0x10, 0x20, 0x30)))
        #expect(theme.paint(Style(.ok), .indexed).foreground != Theme.midnight.paint(Style(.ok), .indexed).foreground)
        #expect(theme.paint(Style(.bad), .trueColor) == Theme.midnight.paint(Style(.bad), .trueColor))
    }

    @Test func `everything that is wrong with a theme is told at once`() throws {
        let document = try document("name: mine\nroles: { okay: { fg: red }, \"e\\evil\": {} }\ngrounds: { floor: {} }")
        let error = try #require(throws: ThemeError.self) { try Theme(document) }
        #expect(error.problems.contains { $0.contains("okay") })
        #expect(error.problems.contains { $0.contains("floor") })
        #expect(error.problems.contains { $0.contains("“base” has no look") })
        #expect(!error.description.unicodeScalars.contains("\u{1B}"))
    }

    @Test(arguments: [
        "name: x\nroles: { ok: { fg: greenish } }", "name: x\nroles: { ok: { fgg: red } }",
        "name: x\nroles: { ok: { attr: blinking } }", "name: x\ncolours: {}", "roles: {}", "name: x\nbackground: blue",
    ])
    func `a mistake in a file is refused, not passed over`(yaml: String) {
        #expect(throws: DecodingError.self) { try document(yaml) }
    }

    @Test func `a role with its own background covers the ground`() {
        let bad = Theme.midnight.paint(Style(.bad, on: .selected), .trueColor)
        #expect(bad.background == .mixed(Color(rgb: 0xD55E00)))
        let selected = Theme.midnight.paint(Style(.ok, on: .selected), .sixteen)
        #expect(selected.foreground == .indexed(0) && selected.background == .indexed(7))
    }

    @Test func `a weak pair is named with its ratio`() throws {
        let theme = try Theme(
            document("name: weak\nroles: { ok: { fg: \"#333333\" } }"), inheritingFrom: .midnight)
        let pair = try #require(theme.weakPairs(.trueColor).first)
        #expect(pair.description == "ok on base has a contrast of 1.6:1, and needs 4.5:1")
    }
}

@Suite struct ColorTests {
    /// The figures were computed apart from this code, from the same definitions.
    @Test(
        arguments: [
            (0x56B4E9, 9.1), (0xF0E442, 15.9), (0xD55E00, 5.4), (0xCC79A7, 6.9), (0x8A8A8A, 6.1), (0xCD0000, 3.6),
        ] as [(UInt32, Double)])
    func `contrast is WCAG's`(rgb: UInt32, ratio: Double) {
        #expect(abs(Color(rgb: rgb).contrast(with: Color(0, 0, 0)) - ratio) < 0.06)
    }

    @Test(arguments: zip(ColorVision.allCases, [112.0, 115, 113, 60]))
    func `distances between ok and warn are the known ones`(vision: ColorVision, distance: Double) {
        let (ok, warn) = (vision.seen(Color(rgb: 0x56B4E9)), vision.seen(Color(rgb: 0xF0E442)))
        #expect(abs(ok.distance(to: warn) - distance) < 1.5)
    }

    @Test func `an ink is reduced to the nearest that a terminal has`() {
        #expect(Ink.mixed(Color(rgb: 0x5FAFD7)).reduced(to: .indexed) == .indexed(74))
        #expect(Ink.mixed(Color(rgb: 0x111111)).reduced(to: .indexed) == .indexed(233))
        #expect(Ink.mixed(Color(rgb: 0xFE0101)).reduced(to: .sixteen) == .indexed(9))
        #expect(Ink.indexed(196).reduced(to: .sixteen) == .indexed(9))
        #expect(Ink.indexed(3).reduced(to: .sixteen) == .indexed(3))
        #expect(Ink.mixed(Color(rgb: 0xFE0101)).reduced(to: .mono) == .standard)
    }

    @Test(arguments: ["#56B4E9", "default", "bright-red", "166"])
    func `an ink reads back as it is written`(text: String) {
        #expect(Ink(text)?.description == text)
    }

    @Test(arguments: ["", "#12345", "#1234567", "#GGGGGG", "256", "-1", "reddish", "+12345"])
    func `what is no colour is refused`(text: String) {
        #expect(Ink(text) == nil)
    }

    @Test func `the tier follows the environment and the terminal`() {
        #expect(ColorTier.detected(in: ["NO_COLOR": "1", "COLORTERM": "truecolor"], maxColors: 256) == .mono)
        #expect(ColorTier.detected(in: ["NO_COLOR": "", "COLORTERM": "24bit"], maxColors: 256) == .trueColor)
        #expect(ColorTier.detected(in: [:], maxColors: 256) == .indexed)
        #expect(ColorTier.detected(in: ["COLORTERM": "truecolor"], maxColors: 8) == .sixteen)
        #expect(ColorTier.detected(in: [:], maxColors: -1) == .mono)
        #expect(ColorTier.detected(in: [:], maxColors: 1 << 24, hasDirectColor: true) == .trueColor)
    }

    @Test func `glyphs follow the locale and the console`() {
        #expect(Glyphs.detected(in: ["LANG": "de_DE.UTF-8"]) == .full)
        #expect(Glyphs.detected(in: ["LC_ALL": "C", "LANG": "de_DE.UTF-8"]) == .ascii)
        #expect(Glyphs.detected(in: ["LC_ALL": "", "LC_CTYPE": "C.utf8", "TERM": "linux"]) == .console)
        #expect(Glyphs.detected(in: [:]) == .ascii)
    }

    @Test func `a blank is not underlined, but in a field to type in`() {
        var canvas = Canvas(Size(4, 1))
        canvas.put(" f", Style(.key), at: Point(0, 0))
        canvas.put("x ", Style(.input), at: Point(2, 0))
        let line = Theme.midnight.paintedLine(canvas)
        #expect(line == "\u{1B}[0;1m \u{1B}[0;1;4mf\u{1B}[0;4mx \u{1B}[0m")
    }
}

extension Theme {
    fileprivate func paintedLine(_ canvas: Canvas) -> String { canvas.painted(self, .mono)[0] }
}
