// The points of a chart as one list of whole numbers: [t, rate, success ratio, p50, p99, t, …] in milliseconds,
// hundredths and hundred-thousandths, each as its difference to the one before. A mesh of a thousand services has a
// million of them in a key frame, and a difference is short and quick to write and to read.

extension [ScopeState.Point] {
    private static let parts: [Double] = [100, 100_000, 100, 100]

    /// Nil when a value is no multiple of its part, which a point that was made by polls always is.
    var packed: [Int64?]? {
        var packed: [Int64?] = []
        packed.reserveCapacity(count * 5)
        var before: [Int64] = [0, 0, 0, 0, 0]
        for point in self {
            packed.append(point.at.milliseconds &- before[0])
            before[0] = point.at.milliseconds
            for (place, value) in [point.rate, point.successRatio, point.p50, point.p99].enumerated() {
                guard let value else {
                    packed.append(nil)
                    continue
                }
                let scaled = (value * Self.parts[place]).rounded()
                guard let whole = Int64(exactly: scaled), Double(whole) / Self.parts[place] == value else { return nil }
                packed.append(whole &- before[place + 1])
                before[place + 1] = whole
            }
        }
        return packed
    }

    init(packed numbers: [JSON], _ fields: WireFields) throws(WireError) {
        guard numbers.count.isMultiple(of: 5) else { throw fields.wrong("chart", "points are not groups of five") }
        self = []
        reserveCapacity(numbers.count / 5)
        var before: [Int64] = [0, 0, 0, 0, 0]
        for start in stride(from: 0, to: numbers.count, by: 5) {
            guard let step = numbers[start].integer else { throw fields.wrong("chart", "a point has no time") }
            before[0] &+= step
            func value(_ place: Int) -> Double? {
                guard let step = numbers[start + place].integer else { return nil }
                before[place] &+= step
                return Double(before[place]) / Self.parts[place - 1]
            }
            append(
                ScopeState.Point(
                    at: Timestamp(milliseconds: before[0]), rate: value(1), successRatio: value(2), p50: value(3),
                    p99: value(4)))
        }
    }
}
