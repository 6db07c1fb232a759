internal import MeshModel

/// Reads answers of the query API, version 1 (docs/querying/api.md of Prometheus 3.14; VictoriaMetrics and Thanos add
/// members). A round of a large mesh has a hundred thousand series, so it looks at bytes and makes no values but those
/// asked for. No page makes it trap.
struct PrometheusWire {
    /// The labels that are wanted of each series. In the alphabet's order, as servers write them, they are found fastest.
    let labels: [String]
    private let names: [[UInt8]]
    private var answer = PrometheusAnswer()

    private init(labels: [String]) {
        self.labels = labels
        names = labels.map { Array($0.utf8) }
    }

    static func read(_ body: [UInt8], labels: [String] = []) throws(WireError) -> PrometheusAnswer {
        try body.withUnsafeBufferPointer { buffer throws(WireError) in
            var scanner = ByteScanner(buffer, page: "query answer")
            var wire = PrometheusWire(labels: labels)
            try wire.document(&scanner)
            return wire.answer
        }
    }

    private mutating func document(_ scanner: inout ByteScanner) throws(WireError) {
        var failure = PrometheusAnswer.Failure(type: "", text: "")
        var status = ""
        try scanner.expect(0x7B, "status")
        var isFirst = true
        while let name = try scanner.nextMember(&isFirst, "status") {
            if scanner.stands("status", name) {
                status = try scanner.text("status")
            } else if scanner.stands("data", name) {
                try data(&scanner)
            } else if scanner.stands("errorType", name) {
                failure.type = try scanner.text("errorType")
            } else if scanner.stands("error", name) {
                failure.text = try scanner.text("error")
            } else if scanner.stands("warnings", name) {
                answer.warnings += try texts(&scanner, "warnings")
            } else if scanner.stands("infos", name) {
                answer.infos += try texts(&scanner, "infos")
            } else if scanner.stands("isPartial", name) {
                scanner.skipSpace()
                answer.isPartial = scanner.take("true")
                if !answer.isPartial { try scanner.skipValue("isPartial") }
            } else {
                try scanner.skipValue("")
            }
        }
        scanner.skipSpace()
        guard scanner.next == nil else { throw scanner.error("") }
        switch status {
        case "success" where answer.form != nil: break
        case "error": answer.failure = failure
        default: throw WireError(page: scanner.page, path: "status", found: "“\(status.prefix(30))” without data")
        }
    }

    private mutating func data(_ scanner: inout ByteScanner) throws(WireError) {
        scanner.skipSpace()
        if scanner.take("null") { return }
        try scanner.expect(0x7B, "data")
        var isFirst = true
        while let name = try scanner.nextMember(&isFirst, "data") {
            if scanner.stands("resultType", name) {
                let word = try scanner.text("data.resultType")
                guard let form = PrometheusAnswer.Form(rawValue: word) else {
                    throw WireError(page: scanner.page, path: "data.resultType", found: "“\(word.prefix(30))”")
                }
                answer.form = form
            } else if scanner.stands("result", name) {
                try result(&scanner)
            } else {
                try scanner.skipValue("data")
            }
        }
    }

    /// A list of series, or one point; the word for it may come later, so that its form has to tell.
    private mutating func result(_ scanner: inout ByteScanner) throws(WireError) {
        scanner.skipSpace()
        if scanner.take("null") { return }
        try scanner.expect(0x5B, "data.result")
        scanner.skipSpace()
        guard let next = scanner.next, next != 0x7B, next != 0x5D else {
            var isFirst = true
            while try scanner.nextItem(&isFirst, "data.result") { answer.series.append(try series(&scanner)) }
            return
        }
        answer.series.append(
            PrometheusAnswer.Series(
                labels: Array(repeating: "", count: labels.count), points: [try restOfPoint(&scanner)]))
    }

    private func series(_ scanner: inout ByteScanner) throws(WireError) -> PrometheusAnswer.Series {
        var series = PrometheusAnswer.Series(labels: Array(repeating: "", count: labels.count), points: [])
        try scanner.expect(0x7B, "data.result")
        var isFirst = true
        while let name = try scanner.nextMember(&isFirst, "data.result") {
            if scanner.stands("metric", name) {
                try metric(&scanner, into: &series)
            } else if scanner.stands("value", name) {
                try scanner.expect(0x5B, "data.result.value")
                series.points.append(try restOfPoint(&scanner))
            } else if scanner.stands("histogram", name) {
                try scanner.expect(0x5B, "data.result.histogram")
                series.points.append(try restOfHistogram(&scanner))
            } else if scanner.stands("values", name) || scanner.stands("histograms", name) {
                let isHistogram = name.count > 6
                try scanner.expect(0x5B, "data.result.values")
                var isFirst = true
                while try scanner.nextItem(&isFirst, "data.result.values") {
                    try scanner.expect(0x5B, "data.result.values")
                    series.points.append(isHistogram ? try restOfHistogram(&scanner) : try restOfPoint(&scanner))
                }
            } else {
                try scanner.skipValue("data.result")
            }
        }
        return series
    }

    private func metric(
        _ scanner: inout ByteScanner, into series: inout PrometheusAnswer.Series
    ) throws(WireError) {
        try scanner.expect(0x7B, "data.result.metric")
        var isFirst = true
        // The next one that is wanted is most often the next one that stands there.
        var likely = 0
        while let name = try scanner.nextMember(&isFirst, "data.result.metric") {
            let place =
                likely < names.count && scanner.stands(names[likely], name)
                ? likely : names.firstIndex { scanner.stands($0, name) }
            if let place {
                series.labels[place] = try scanner.text("data.result.metric")
                likely = place + 1
            } else {
                _ = try scanner.rawText("data.result.metric")
            }
        }
    }

    /// The rest of `[1700000000.1,"29.58"]` behind its bracket.
    private func restOfPoint(_ scanner: inout ByteScanner) throws(WireError) -> PrometheusAnswer.Point {
        let at = try scanner.double("data.result.value") ?? 0
        try scanner.expect(0x2C, "data.result.value")
        let value = answer.form == .string ? try unread(&scanner) : try number(&scanner)
        try scanner.expect(0x5D, "data.result.value")
        return PrometheusAnswer.Point(at: at, value: value, histogram: nil)
    }

    private func unread(_ scanner: inout ByteScanner) throws(WireError) -> Double {
        _ = try scanner.rawText("data.result.value")
        return .nan
    }

    private func restOfHistogram(_ scanner: inout ByteScanner) throws(WireError) -> PrometheusAnswer.Point {
        let at = try scanner.double("data.result.histogram") ?? 0
        try scanner.expect(0x2C, "data.result.histogram")
        try scanner.expect(0x7B, "data.result.histogram")
        var histogram = PrometheusAnswer.NativeHistogram(count: 0, sum: 0, buckets: [])
        var isFirst = true
        while let name = try scanner.nextMember(&isFirst, "data.result.histogram") {
            if scanner.stands("count", name) {
                histogram.count = try number(&scanner)
            } else if scanner.stands("sum", name) {
                histogram.sum = try number(&scanner)
            } else if scanner.stands("buckets", name) {
                histogram.buckets += try buckets(&scanner)
            } else {
                try scanner.skipValue("data.result.histogram")
            }
        }
        try scanner.expect(0x5D, "data.result.histogram")
        return PrometheusAnswer.Point(at: at, value: .nan, histogram: histogram)
    }

    /// `[[rule, "lower", "upper", "count"], …]`; the rule says which of the bounds belong to it.
    private func buckets(
        _ scanner: inout ByteScanner
    ) throws(WireError) -> [PrometheusAnswer.NativeHistogram.Bucket] {
        scanner.skipSpace()
        if scanner.take("null") { return [] }
        var buckets: [PrometheusAnswer.NativeHistogram.Bucket] = []
        try scanner.expect(0x5B, "data.result.histogram.buckets")
        var isFirst = true
        while try scanner.nextItem(&isFirst, "data.result.histogram.buckets") {
            try scanner.expect(0x5B, "data.result.histogram.buckets")
            _ = try scanner.count("data.result.histogram.buckets")
            var figures: [Double] = []
            for _ in 0..<3 {
                try scanner.expect(0x2C, "data.result.histogram.buckets")
                figures.append(try number(&scanner))
            }
            try scanner.expect(0x5D, "data.result.histogram.buckets")
            buckets.append(.init(lower: figures[0], upper: figures[1], count: figures[2]))
        }
        return buckets
    }

    /// A number in quotes, `"+Inf"` and `"NaN"` among them.
    private func number(_ scanner: inout ByteScanner) throws(WireError) -> Double {
        let start = scanner.at
        let range = try scanner.rawText("data.result.value")
        let text = String(decoding: scanner.bytes[range], as: UTF8.self)
        guard range.count < 400, let number = Double(text) else {
            scanner.at = start
            throw scanner.error("data.result.value")
        }
        return number
    }

    private func texts(_ scanner: inout ByteScanner, _ member: StaticString) throws(WireError) -> [String] {
        scanner.skipSpace()
        if scanner.take("null") { return [] }
        var texts: [String] = []
        try scanner.expect(0x5B, member)
        var isFirst = true
        while try scanner.nextItem(&isFirst, member) { texts.append(try scanner.text(member)) }
        return texts
    }
}

extension ByteScanner {
    /// The name of the next member of an object that was opened; nil when it is closed.
    mutating func nextMember(_ isFirst: inout Bool, _ member: StaticString) throws(WireError) -> Range<Int>? {
        if take(0x7D) { return nil }
        if !isFirst { try expect(0x2C, member) }
        isFirst = false
        let name = try rawText(member)
        try expect(0x3A, member)
        return name
    }

    /// Whether the list that was opened goes on; where it does, an item begins here.
    mutating func nextItem(_ isFirst: inout Bool, _ member: StaticString) throws(WireError) -> Bool {
        if take(0x5D) { return false }
        if !isFirst { try expect(0x2C, member) }
        isFirst = false
        return true
    }

    /// Whether these bytes stand there and nothing else.
    func stands(_ text: StaticString, _ range: Range<Int>) -> Bool {
        var scanner = self
        scanner.at = range.lowerBound
        return range.count == text.utf8CodeUnitCount && scanner.take(text)
    }

    func stands(_ text: [UInt8], _ range: Range<Int>) -> Bool {
        guard range.count == text.count else { return false }
        return text.withUnsafeBufferPointer { known in
            var scanner = self
            scanner.at = range.lowerBound
            return scanner.take(known, 0..<known.count)
        }
    }
}
