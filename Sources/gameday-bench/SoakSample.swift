import Foundation
import Glibc

/// What one process held at a moment of a soak.
struct SoakSample: Codable {
    /// Seconds since the soak began.
    var at: Double
    /// Which of the processes.
    var process: String
    /// Megabytes resident, shared pages in full; by its share in them; and of its own making alone.
    var resident: Double
    var proportional: Double
    var anonymous: Double
    var threads: Int
    var descriptors: Int
    /// Seconds of processor time so far.
    var processor: Double

    /// Nil when the process is gone.
    init?(_ identifier: Int32, called process: String, at: Double) {
        guard let usage = try? ProcessUsage(of: identifier),
            let resident = try? ProcessUsage.resident(identifier),
            let proportional = try? ProcessUsage.proportional(identifier),
            let anonymous = try? ProcessUsage.anonymous(identifier),
            let threads = Self.count("task", of: identifier), let descriptors = Self.count("fd", of: identifier)
        else { return nil }
        (self.at, self.process) = (at, process)
        (self.resident, self.proportional, self.anonymous) = (resident, proportional, anonymous)
        (self.threads, self.descriptors, processor) = (threads, descriptors, usage.processor)
    }

    private static func count(_ folder: String, of process: Int32) -> Int? {
        try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/\(folder)").count
    }
}

/// The samples of one process, and whether they are flat.
struct SoakCourse {
    let process: String
    let all: [SoakSample]
    /// Those after the beginning, in which caches and histories of a fixed length fill.
    let judged: [SoakSample]

    /// Megabytes that memory may rise by in an hour.
    static let slopeLimit = 2.0
    /// Histories of a fixed length fill for some fifteen minutes, so that a short soak tells no slope: its memory may rise
    /// by so many megabytes in all, which is a third of what a run a minute once left behind.
    static let riseLimit = 6.0
    private static let shortestSlope = 0.5
    /// A run or a request that is on when it is looked may hold some.
    static let countLimit = 2

    init(_ process: String, _ samples: [SoakSample], settling: Double) {
        self.process = process
        all = samples.filter { $0.process == process }
        judged = all.filter { $0.at >= settling }
    }

    /// Hours between the first and the last judged sample.
    private var hours: Double { ((judged.last?.at ?? 0) - (judged.first?.at ?? 0)) / 3600 }

    /// How much a value rises in an hour, by least squares.
    func slope(_ value: KeyPath<SoakSample, Double>) -> Double {
        let count = Double(judged.count)
        let meanTime = judged.reduce(0) { $0 + $1.at } / count
        let mean = judged.reduce(0) { $0 + $1[keyPath: value] } / count
        let spread = judged.reduce(0) { $0 + ($1.at - meanTime) * ($1.at - meanTime) }
        let common = judged.reduce(0) { $0 + ($1.at - meanTime) * ($1[keyPath: value] - mean) }
        return spread > 0 ? common / spread * 3600 : .nan
    }

    /// How much the lowest of the last third is above the lowest of the first: what is held while a run is on comes and
    /// goes, what leaks stays.
    func rise(_ value: KeyPath<SoakSample, Int>) -> Int {
        let third = max(1, judged.count / 3)
        let first = judged.prefix(third).map { $0[keyPath: value] }.min() ?? 0
        return (judged.suffix(third).map { $0[keyPath: value] }.min() ?? 0) - first
    }

    var isFlat: Bool {
        guard judged.count >= 6 else { return false }
        let slope = slope(\.resident)
        let isSteady = hours < Self.shortestSlope ? slope * hours < Self.riseLimit : slope < Self.slopeLimit
        return isSteady && rise(\.threads) <= Self.countLimit && rise(\.descriptors) <= Self.countLimit
    }

    /// What the table shows of it.
    var figures: [Figure] {
        guard let first = all.first, let last = all.last else { return [] }
        func memory(_ name: String, _ value: KeyPath<SoakSample, Double>, aim: String? = nil) -> Figure {
            Figure(
                process, name, slope(value), "MB/h", aim: aim,
                note: String(
                    format: "%.1f MB at first, %.1f after settling, %.1f at the end", first[keyPath: value],
                    judged.first?[keyPath: value] ?? .nan, last[keyPath: value]))
        }
        func count(_ name: String, _ value: KeyPath<SoakSample, Int>) -> Figure {
            let values = judged.map { $0[keyPath: value] }
            return Figure(
                process, name, Double(rise(value)), "more", aim: "at most \(Self.countLimit)",
                note: "\(values.min() ?? 0) to \(values.max() ?? 0), \(last[keyPath: value]) at the end")
        }
        let aim =
            hours < Self.shortestSlope
            ? "\(Int(Self.riseLimit)) MB in all, for a short soak" : "under \(Int(Self.slopeLimit))"
        let busy = (last.processor - first.processor) / max(1, last.at - first.at) * 100
        return [
            memory("resident", \.resident, aim: aim),
            memory("proportional", \.proportional), memory("its own pages", \.anonymous),
            count("threads", \.threads), count("descriptors", \.descriptors),
            Figure(process, "processor", busy, "%", note: isFlat ? "FLAT" : "NOT FLAT"),
        ]
    }
}
