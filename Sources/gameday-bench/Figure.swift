import Foundation

/// One measured number, and how it stands to the baseline that was measured beside it.
struct Figure: Encodable {
    /// A multiple of another number of the same run.
    struct Ratio: Encodable {
        var times: Double
        var of: String
    }

    /// The sub-command that measured it.
    var group: String
    var name: String
    var value: Double
    var unit: String
    var ratios: [Ratio]
    /// What the project wants it to be.
    var aim: String?
    /// How it was measured, where that matters.
    var note: String?

    init(
        _ group: String, _ name: String, _ value: Double, _ unit: String, ratios: [Ratio] = [],
        aim: String? = nil, note: String? = nil
    ) {
        (self.group, self.name, self.value, self.unit) = (group, name, value, unit)
        (self.ratios, self.aim, self.note) = (ratios, aim, note)
    }
}

extension Figure.Ratio {
    init(_ value: Double, to baseline: Double, _ name: String) {
        self.init(times: value / baseline, of: name)
    }
}

/// What a run has measured, for a person or for a script.
struct Report: Encodable {
    var cores = ProcessInfo.processInfo.activeProcessorCount
    /// The machine's load average of the last minute, when the run began and when it ended.
    var loadBefore = Report.load
    var loadAfter = 0.0
    var figures: [Figure] = []

    static var load: Double {
        var loads = [0.0]
        return getloadavg(&loads, 1) == 1 ? loads[0] : .nan
    }

    /// Ends the run and prints it.
    mutating func finish(asJSON: Bool) throws {
        loadAfter = Self.load
        if asJSON { try printJSON() } else { printTable() }
    }

    private func printJSON() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "unknown")
        print(String(decoding: try encoder.encode(self), as: UTF8.self))
    }

    private func printTable() {
        let width = figures.map(\.name.count).max() ?? 0
        var group = ""
        for figure in figures {
            if figure.group != group { print("\n\(figure.group)") }
            group = figure.group
            var line = "  " + figure.name.padding(toLength: width, withPad: " ", startingAt: 0)
            line += String(format: "%10.*f ", Self.decimals(figure.value), figure.value)
            line += figure.unit.padding(toLength: 6, withPad: " ", startingAt: 0)
            for ratio in figure.ratios {
                line += String(format: "  %.*f x ", ratio.times < 0.2 ? 3 : 2, ratio.times) + ratio.of
            }
            if let aim = figure.aim { line += "  (aim: \(aim))" }
            if let note = figure.note { line += "  \(note)" }
            print(line)
        }
        print(String(format: "\nload average %.1f before, %.1f after, on %d cores", loadBefore, loadAfter, cores))
    }

    private static func decimals(_ value: Double) -> Int {
        value < 10 ? 2 : value < 1_000 ? 1 : 0
    }
}

extension [Double] {
    /// The value that this share of all lies at or below.
    func quantile(_ share: Double) -> Double {
        guard !isEmpty else { return .nan }
        return sorted()[Swift.min(count - 1, Int((share * Double(count)).rounded(.up)) - 1)]
    }
}
