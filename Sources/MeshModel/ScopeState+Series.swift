extension ScopeState {
    /// The points of a chart, oldest first, in a fourth of their room: a mesh of ten thousand services has millions of
    /// them. They lie in parts, so that one who holds a copy for a while shares all but the newest.
    public struct Series: RandomAccessCollection, Equatable, Sendable, ExpressibleByArrayLiteral {
        /// A point in whole parts, as `Point` rounds them, and its time since that of its part; the largest is nil.
        private struct Packed {
            var at: UInt32
            var rate: UInt32
            var successRatio: UInt32
            var p50: UInt32
            var p99: UInt32
        }

        /// Some points that follow one another. Those that do not fit are held as they are.
        private struct Part {
            var start: Timestamp
            var packed: [Packed] = []
            var wide: [Point] = []
            var count: Int { packed.count + wide.count }
        }

        /// How many points are dropped at a time, which keeps the cost of a full series constant on average.
        static let partSize = keptPoints / 4

        /// All but the last are full.
        private var parts: [Part] = []
        public private(set) var count = 0

        public init(_ points: some Sequence<Point> = []) {
            for point in points { append(point) }
        }

        public init(arrayLiteral elements: Point...) { self.init(elements) }

        public var startIndex: Int { 0 }
        public var endIndex: Int { count }

        public subscript(place: Int) -> Point {
            let part = parts[place / Self.partSize]
            let place = place % Self.partSize
            return part.wide.isEmpty ? Self.point(part.packed[place], since: part.start) : part.wide[place]
        }

        public static func == (left: Series, right: Series) -> Bool {
            left.count == right.count && left.elementsEqual(right)
        }

        mutating func append(_ point: Point) {
            if count == parts.count * Self.partSize {
                var part = Part(start: point.at)
                part.packed.reserveCapacity(Self.partSize)
                parts.append(part)
            }
            count += 1
            let last = parts.count - 1
            guard parts[last].wide.isEmpty, let packed = Self.packed(point, since: parts[last].start) else {
                widen(last)
                return parts[last].wide.append(point)
            }
            parts[last].packed.append(packed)
        }

        mutating func replaceLast(with point: Point) {
            guard count > 0 else { return }
            let last = parts.count - 1
            if parts[last].wide.isEmpty, let packed = Self.packed(point, since: parts[last].start) {
                parts[last].packed[parts[last].packed.count - 1] = packed
            } else {
                widen(last)
                parts[last].wide[parts[last].wide.count - 1] = point
            }
        }

        /// Lets go of the oldest quarter of a full series.
        mutating func dropOldest() {
            guard parts.count > 1 else { return }
            count -= parts.removeFirst().count
        }

        private mutating func widen(_ number: Int) {
            let start = parts[number].start
            parts[number].wide += parts[number].packed.map { Self.point($0, since: start) }
            parts[number].packed = []
        }

        private static func packed(_ point: Point, since start: Timestamp) -> Packed? {
            guard let at = UInt32(exactly: point.at.milliseconds &- start.milliseconds),
                let rate = whole(point.rate, of: 100), let success = whole(point.successRatio, of: 100_000),
                let p50 = whole(point.p50, of: 100), let p99 = whole(point.p99, of: 100)
            else { return nil }
            return Packed(at: at, rate: rate, successRatio: success, p50: p50, p99: p99)
        }

        private static func point(_ packed: Packed, since start: Timestamp) -> Point {
            func value(_ whole: UInt32, of parts: Double) -> Double? { whole == .max ? nil : Double(whole) / parts }
            // Rounding what was rounded changes nothing.
            return Point(
                at: start.advanced(byMilliseconds: Int64(packed.at)), rate: value(packed.rate, of: 100),
                successRatio: value(packed.successRatio, of: 100_000), p50: value(packed.p50, of: 100),
                p99: value(packed.p99, of: 100))
        }

        /// Nil when it is no such number of parts.
        private static func whole(_ value: Double?, of parts: Double) -> UInt32? {
            guard let value else { return .max }
            let scaled = (value * parts).rounded()
            guard let whole = UInt32(exactly: scaled), whole < .max, Double(whole) / parts == value else { return nil }
            return whole
        }
    }
}
