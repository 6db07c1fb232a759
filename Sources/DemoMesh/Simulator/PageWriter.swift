/// Writes a page of a simulated proxy. The names come prepared, so that a page costs little more than copying it.
struct PageWriter {
    private(set) var bytes: [UInt8] = []
    private var isFirst = true

    init() {
        bytes.reserveCapacity(8_192)
    }

    /// A comma, unless this is the first item.
    mutating func separate() {
        if !isFirst { bytes.append(UInt8(ascii: ",")) }
        isFirst = false
    }

    mutating func append(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func append(_ text: [UInt8]) {
        bytes.append(contentsOf: text)
    }

    mutating func append(_ value: UInt64) {
        let start = bytes.count
        var rest = value
        repeat {
            bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        bytes[start...].reverse()
    }

    /// A number as Envoy writes it: no fraction where there is none, and `null` where there is nothing.
    mutating func append(_ value: Double?) {
        guard let value else { return append("null") }
        if value == value.rounded(), value >= 0, value < 1e15 {
            append(UInt64(value))
        } else {
            bytes.append(contentsOf: value.description.utf8)
        }
    }

    mutating func append(bins: [(bin: Int, count: UInt32)]) {
        for (place, bin) in bins.enumerated() {
            let (lower, width) = LatencyBins.bounds(of: bin.bin)
            if place > 0 { append(",") }
            append("{\"lower_bound\":")
            append(UInt64(lower))
            append(",\"width\":")
            if width == 0.1 { append("0.1") } else { append(UInt64(width)) }
            append(",\"count\":")
            append(UInt64(bin.count))
            append("}")
        }
    }

    mutating func append(cumulative: [Double?], interval: [Double?]) {
        for (place, pair) in zip(cumulative, interval).enumerated() {
            if place > 0 { append(",") }
            append("{\"cumulative\":")
            append(pair.0)
            append(",\"interval\":")
            append(pair.1)
            append("}")
        }
    }
}
