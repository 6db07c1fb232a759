import ArgumentParser
import Foundation

/// What every figure can be told.
struct BenchOptions: ParsableArguments {
    @Option(help: "Seconds to measure each part for.")
    var seconds = 8

    @Flag(help: "Print one JSON object instead of a table.")
    var json = false

    func validate() throws {
        if !(1...600).contains(seconds) { throw ValidationError("--seconds is 1 to 600.") }
    }
}

/// A group of figures that are measured together.
protocol Measurement {
    /// Measures, each part for about so many seconds.
    func measure(seconds: Int) async throws -> [Figure]
}

/// A sub-command that measures one group.
protocol MeasuringCommand: AsyncParsableCommand, Measurement {
    var options: BenchOptions { get }
}

extension MeasuringCommand {
    func run() async throws {
        var report = Report()
        report.figures = try await measure(seconds: options.seconds)
        try report.finish(asJSON: options.json)
    }
}

/// Something that a measurement needs is not there.
struct BenchError: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Tells a person that it goes on, beside the results.
func tellProgress(_ text: String) {
    FileHandle.standardError.write(Data((text + "…\n").utf8))
}
