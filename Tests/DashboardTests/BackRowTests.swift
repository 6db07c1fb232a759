import MeshModel
import TerminalCanvas
import TestKit
import Testing

@testable import Dashboard
@testable import TerminalCanvas

/// Whether the headline can be read from a picture that is only 320 pixels wide and out of focus.
struct BackRowTests {
    /// What a room has to tell apart.
    enum Scene: String, CaseIterable {
        case slow = "DOOR IS TOO SLOW"
        case failing = "DOOR IS FAILING"
        case halted = "HALTED 10 OF 10"
        case deviated = "DEVIATED"

        func day(_ size: Size) -> BarDay {
            var day = BarDay(size)
            day.run(seconds: 30)
            day.press("P")
            switch self {
            case .slow:
                let slow = Objective(
                    name: "orders quick", service: "door", indicator: .latency(quantile: 0.99, limit: 10))
                day.send(
                    .session(
                        Session(
                            id: "gd1", name: "the bar", mode: .live, startedAt: BarDay.start, entrance: "door",
                            objectives: [slow])))
            case .failing:
                day.begin(
                    BarDay.fault("F1", .abort(status: 503), Edge(from: "bar", to: "taps"), share: 0.5, at: day.now))
            case .halted:
                let proofs = BarDay.services.map { Halt.Proof(source: $0.text, isClean: true, explanation: nil) }
                day.send(.halt(Halt(isLatched: true, by: "mv", reason: "halt key", proofs: proofs)))
            case .deviated:
                day.showCatalogue()
                day.goOn(to: "deviated")
            }
            day.run(seconds: 8)
            return day
        }
    }

    static let sizes = [Size(60, 20), Size(80, 24), Size(120, 40), Size(200, 60), Size(240, 67)]

    /// The projector's own theme has the same black ground and still more contrast.
    @Test(arguments: Scene.allCases, sizes)
    func `a blurred picture 320 pixels wide still says what is broken`(scene: Scene, size: Size) throws {
        let day = scene.day(size)
        let headline = try #require(Headline.urgent(day.state) ?? day.state.board.shown?.headline)
        #expect(headline.text == scene.rawValue)
        let canvas = Screen.draw(day.state)
        let area = Rect(0, 1, size.columns, max(9, (size.rows - 2) * 2 / 5))
        let place = HeadlinePanel(headline: headline).letters(in: area, .full)
        let text = try #require(place.text, "no letters fit")
        let read = Reader(canvas, .midnight).text(text, in: place.area, on: canvas)
        #expect(read == scene.rawValue)
    }

    @Test(arguments: sizes)
    func `a warning is smaller than what is broken, and no filled block`(size: Size) {
        let area = Rect(0, 1, size.columns, max(9, (size.rows - 2) * 2 / 5))
        let warn = HeadlinePanel(headline: Headline(text: "DOOR WARNS", detail: "", shape: .plain(.warn)))
        let bad = HeadlinePanel(headline: Headline(text: "DOOR FAILS", detail: "", shape: .band))
        var canvas = Canvas(size)
        let state = BarDay(size).state
        warn.draw(state, in: area, on: &canvas)
        #expect(!canvas.cells.contains { $0.style.role == .bad })
        bad.draw(state, in: area, on: &canvas)
        let filled = canvas.cells.count { $0.style.role == .bad }
        #expect(filled == area.columns * area.rows)
        let dots = [warn, bad].map { $0.letters(in: area, .full).text?.down ?? 0 }
        #expect(dots[0] <= dots[1] && dots[0] > 0)
    }
}

/// Reads block letters from a small and blurred picture, as a person far away does: by the nearest letter it knows.
private struct Reader {
    /// Pixels across the whole screen, and its columns.
    private let pixels = 320.0
    private let columns: Int
    /// The luminance of each style's ink and ground.
    private let lights: [Style: (ink: Double, ground: Double)]

    init(_ canvas: Canvas, _ theme: Theme) {
        columns = canvas.size.columns
        lights = Dictionary(
            Set(canvas.cells.map(\.style)).map { style in
                let paint = theme.paint(style, .trueColor)
                return (style, (paint.foreground.color?.luminance ?? 0, paint.background.color?.luminance ?? 0))
            }, uniquingKeysWith: { one, _ in one })
    }

    func text(_ text: BlockText, in area: Rect, on canvas: Canvas) -> String {
        var read: [String] = []
        var top = max(0, (4 * area.rows - 2 * (text.lines.count * 8 - 1) * text.down) / 4) + 2 * area.row
        for line in text.lines {
            let letters = Array(line.map(\.text).joined().unicodeScalars)
            let dots = letters.reduce(-1) { $0 + BlockFont.width(of: $1) + 1 }
            var left = 2 * (area.column + max(0, (area.columns - (dots * text.across + 1) / 2) / 2))
            var words = ""
            for letter in letters {
                let width = BlockFont.width(of: letter)
                if letter == " " {
                    words += " "
                } else {
                    let box = Rect(left, top, width * text.across, 7 * text.down)
                    words += nearest(to: box, text, on: canvas)
                }
                left += (width + 1) * text.across
            }
            read.append(words)
            top += 8 * text.down
        }
        return read.joined(separator: " ")
    }

    /// The letter that looks most like what stands in a box of half cells.
    private func nearest(to box: Rect, _ text: BlockText, on canvas: Canvas) -> String {
        let light = lights[canvas[box.column / 2, box.row / 2].style] ?? (1, 0)
        let seen = picture(of: box) { (luminance(of: canvas, $0, $1) - light.ground) / (light.ink - light.ground) }
        let known = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".unicodeScalars
        let rated = known.map { letter -> (String, Double) in
            let drawn = BlockFont.picture(of: letter)
            let wanted = picture(of: box) { column, row in
                let (dot, line) = (column - box.column, row - box.row)
                guard let drawn, dot >= 0, line >= 0, dot / text.across < drawn.width, line / text.down < 7 else {
                    return 0
                }
                return drawn.hasInk(dot / text.across, line / text.down) ? 1 : 0
            }
            return (String(letter), zip(seen, wanted).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) })
        }
        return rated.min { $0.1 < $1.1 }?.0 ?? "?"
    }

    /// The pixels of a box, blurred by their neighbours. The light of a half column and half row is asked for.
    private func picture(of box: Rect, _ light: (Int, Int) -> Double) -> [Double] {
        // A half column is half as wide as a half row is high.
        let scale = pixels / Double(2 * columns)
        let (left, top) = (Int(Double(box.column) * scale) - 1, Int(Double(box.row) * 2 * scale) - 1)
        let (width, height) = (
            Int(Double(box.endColumn) * scale) + 2 - left, Int(Double(box.endRow) * 2 * scale) + 2 - top
        )
        var sharp = [Double](repeating: 0, count: width * height)
        for y in 0..<height {
            for x in 0..<width {
                for (dx, dy) in [(0.25, 0.25), (0.75, 0.25), (0.25, 0.75), (0.75, 0.75)] {
                    let column = Int(((Double(left + x) + dx) / scale).rounded(.down))
                    let row = Int(((Double(top + y) + dy) / (2 * scale)).rounded(.down))
                    sharp[y * width + x] += light(column, row) / 4
                }
            }
        }
        var values: [Double] = []
        for y in 1..<height - 1 {
            for x in 1..<width - 1 {
                var sum = 0.0
                for place in [-width - 1, -width, 1 - width, -1, 0, 1, width - 1, width, width + 1] {
                    sum += sharp[y * width + x + place]
                }
                values.append(sum / 9)
            }
        }
        return values
    }

    private static let quarters: [Unicode.Scalar: Int] = [
        "▘": 1, "▝": 2, "▀": 3, "▖": 4, "▌": 5, "▞": 6, "▛": 7, "▗": 8, "▚": 9, "▐": 10, "▜": 11, "▄": 12, "▙": 13,
        "▟": 14, "█": 15,
    ]

    private func luminance(of canvas: Canvas, _ column: Int, _ row: Int) -> Double {
        guard column >= 0, row >= 0 else { return 0 }
        let cell = canvas[column / 2, row / 2]
        guard let light = lights[cell.style] else { return 0 }
        let isInk = Self.quarters[cell.glyph.scalar].map { $0 & 1 << (column % 2 + 2 * (row % 2)) != 0 } ?? false
        return isInk ? light.ink : light.ground
    }
}
