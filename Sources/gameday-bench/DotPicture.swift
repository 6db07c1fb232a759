import Dashboard
import Foundation
import MeshModel

/// What graphviz `dot` makes of a graph, read from its plain output (graphviz.org/docs/outputs/plain): ranks by the rows
/// of its nodes, and the order in each rank by where nodes and lines are in that row.
struct DotPicture {
    let order: LayeredOrder
    /// How long the program ran.
    let milliseconds: Double

    private struct Line {
        var from: Substring
        var to: Substring
        /// The control points of its cubic curves.
        var points: [(x: Double, y: Double)]

        /// Where the line crosses a row.
        func place(at row: Double) -> Double? {
            for start in stride(from: 0, to: points.count - 3, by: 3) {
                let piece = Array(points[start...start + 3])
                guard (piece[0].y - row) * (piece[3].y - row) <= 0 else { continue }
                var (low, high) = (0.0, 1.0)
                let isFalling = piece[0].y > piece[3].y
                for _ in 0..<40 {
                    let middle = (low + high) / 2
                    if (Self.curve(piece.map(\.y), middle) > row) == isFalling { low = middle } else { high = middle }
                }
                return Self.curve(piece.map(\.x), low)
            }
            return nil
        }

        private static func curve(_ values: [Double], _ share: Double) -> Double {
            let rest = 1 - share
            return values[0] * rest * rest * rest + 3 * values[1] * share * rest * rest
                + 3 * values[2] * share * share * rest + values[3] * share * share * share
        }
    }

    init(of edges: [Edge], program: String, keep: String?) throws {
        let folder = try ScratchFolder()
        let lines = edges.map { "  \($0.from.text) -> \($0.to.text);" }.joined(separator: "\n")
        let text = "digraph calls {\n  node [shape=box, width=0.5, height=0.3, label=\"\"];\n\(lines)\n}\n"
        let file = try folder.write(text, as: "calls.dot")
        if let keep { try text.write(toFile: keep, atomically: false, encoding: .utf8) }
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = ["-Tplain", file, "-o", folder.path + "/calls.plain"]
        let start = ContinuousClock.now
        try process.run()
        process.waitUntilExit()
        milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
        guard process.terminationStatus == 0 else { throw BenchError("dot ended with \(process.terminationStatus)") }
        order = try Self.order(try String(contentsOfFile: folder.path + "/calls.plain", encoding: .utf8))
    }

    private static func order(_ plain: String) throws -> LayeredOrder {
        var places: [Substring: (x: Double, y: Double)] = [:]
        var lines: [Line] = []
        for line in plain.split(separator: "\n") {
            let words = line.split(separator: " ")
            switch words.first {
            case "node":
                guard words.count > 3, let x = Double(words[2]), let y = Double(words[3]) else { continue }
                places[words[1]] = (x, y)
            case "edge":
                guard words.count > 3, let count = Int(words[3]), words.count >= 4 + 2 * count else { continue }
                let numbers = words[4..<4 + 2 * count].compactMap { Double($0) }
                let points = stride(from: 0, to: numbers.count - 1, by: 2).map { (numbers[$0], numbers[$0 + 1]) }
                lines.append(Line(from: words[1], to: words[2], points: points))
            default: break
            }
        }
        let rows = Set(places.values.map(\.y)).sorted(by: >)
        let ranks = Dictionary(uniqueKeysWithValues: rows.enumerated().map { ($0.element, $0.offset) })
        var slots = rows.map { _ in [(slot: Int, x: Double)]() }
        var (numbers, spans, count): ([Substring: Int], [(upper: Int, lower: Int)], Int) = ([:], [], 0)
        for (name, place) in places.sorted(by: { $0.key < $1.key }) {
            numbers[name] = count
            slots[ranks[place.y] ?? 0].append((count, place.x))
            count += 1
        }
        for line in lines {
            guard let from = places[line.from], let to = places[line.to], let upper = ranks[from.y],
                let lower = ranks[to.y], var above = numbers[line.from], let end = numbers[line.to], upper < lower
            else { throw BenchError("dot draws \(line.from) > \(line.to) upwards") }
            for rank in upper + 1..<lower {
                guard let x = line.place(at: rows[rank]) else { throw BenchError("a line of dot's has a hole") }
                slots[rank].append((count, x))
                spans.append((above, count))
                above = count
                count += 1
            }
            spans.append((above, end))
        }
        return LayeredOrder(layers: slots.map { $0.sorted { $0.x < $1.x }.map(\.slot) }, spans: spans)
    }
}
