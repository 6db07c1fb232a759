internal import MeshModel

extension PromQuery {
    /// One series at one moment.
    struct Sample: Sendable {
        var labels: [String: String]
        var value: Double
        /// Of durations, before a quantile is taken.
        var latency: LatencyHistogram?
    }

    enum Result: Sendable {
        case scalar(Double)
        case vector([Sample])
    }

    /// The answer from what is observed. Whatever range the query names, rates are those of the last five seconds,
    /// which is what the screen shows.
    func value(in state: MeshState, at now: Timestamp) throws(Mistake) -> Result {
        try Self.value(of: expression, in: state, at: now)
    }

    private static func value(
        of expression: Expression, in state: MeshState, at now: Timestamp
    ) throws(Mistake) -> Result {
        switch expression {
        case .number(let number): return .scalar(number)
        case .rate(let metric, let matchers, let factor):
            let all = samples(of: metric, in: state, at: now).filter { sample in
                matchers.allSatisfy { $0.matches(sample.labels) }
            }
            return .vector(all.map { Sample(labels: $0.labels, value: $0.value * factor, latency: $0.latency) })
        case .aggregate(let kind, let by, let without, let inner):
            guard case .vector(let samples) = try value(of: inner, in: state, at: now) else {
                throw Mistake(message: "\(kind.rawValue) needs a vector")
            }
            return .vector(aggregated(samples, kind, by: by, without: without))
        case .quantile(let quantile, let inner):
            guard case .scalar(let q) = try value(of: quantile, in: state, at: now),
                case .vector(let samples) = try value(of: inner, in: state, at: now)
            else { throw Mistake(message: "histogram_quantile needs a number and a vector") }
            return .vector(
                samples.map { sample in
                    let labels = sample.labels.filter { $0.key != "le" }
                    return Sample(labels: labels, value: sample.latency?.quantile(q) ?? .nan)
                })
        case .binary(let sign, let left, let right):
            return try calculated(sign, value(of: left, in: state, at: now), value(of: right, in: state, at: now))
        }
    }

    /// The series of a metric: one an edge, for requests one an edge and class of status. Customers come from
    /// `unknown`, as they do in Istio.
    private static func samples(of metric: Metric, in state: MeshState, at now: Timestamp) -> [Sample] {
        var sources = state.edges.map { (from: $0.key.from.text, to: $0.key.to.text, scope: $0.value) }
        if let entrance = state.session?.entrance, let scope = state.services[entrance] {
            sources.append((from: "unknown", to: entrance.text, scope: scope))
        }
        return sources.sorted { ($0.from, $0.to) < ($1.from, $1.to) }.flatMap { source -> [Sample] in
            guard let sample = source.scope.sample(until: now), sample.seconds > 0 else { return [] }
            let labels = labels(from: source.from, to: source.to)
            switch metric {
            case .durations: return [Sample(labels: labels, value: 0, latency: sample.latency)]
            case .durationCount: return [Sample(labels: labels, value: Double(sample.completed) / sample.seconds)]
            case .requests:
                let classes = [
                    ("200", sample.answers2xx), ("302", sample.answers3xx), ("404", sample.answers4xx),
                    ("503", sample.answers5xx),
                ]
                return classes.map { code, count in
                    Sample(
                        labels: labels.merging(["response_code": code]) { $1 }, value: Double(count) / sample.seconds)
                }
            }
        }
    }

    private static func labels(from: String, to: String) -> [String: String] {
        [
            "source_workload": from, "source_app": from, "source_canonical_service": from,
            "destination_workload": to, "destination_app": to, "destination_canonical_service": to,
            "destination_service_name": to, "destination_service": "\(to).default.svc.cluster.local",
            "source_workload_namespace": "default", "destination_workload_namespace": "default",
            "destination_service_namespace": "default", "request_protocol": "http",
        ]
    }

    private static func aggregated(
        _ samples: [Sample], _ kind: Aggregation, by: [String]?, without: [String]
    ) -> [Sample] {
        var groups: [(labels: [String: String], samples: [Sample])] = []
        for sample in samples {
            let labels = sample.labels.filter { label, _ in by?.contains(label) ?? !without.contains(label) }
            if let place = groups.firstIndex(where: { $0.labels == labels }) {
                groups[place].samples.append(sample)
            } else {
                groups.append((labels, [sample]))
            }
        }
        return groups.map { group in
            let values = group.samples.map(\.value)
            let value: Double =
                switch kind {
                case .sum: values.reduce(0, +)
                case .avg: values.reduce(0, +) / Double(values.count)
                case .min: values.min() ?? .nan
                case .max: values.max() ?? .nan
                case .count: Double(values.count)
                }
            var whole: LatencyHistogram?
            for case let latency? in group.samples.map(\.latency) {
                whole = whole ?? LatencyHistogram()
                whole?.add(latency)
            }
            return Sample(labels: group.labels, value: value, latency: whole)
        }
    }

    /// Vectors are matched by all their labels, as Prometheus does without `on`.
    private static func calculated(_ sign: Character, _ left: Result, _ right: Result) throws(Mistake) -> Result {
        func apply(_ a: Double, _ b: Double) -> Double {
            switch sign {
            case "+": a + b
            case "-": a - b
            case "*": a * b
            default: a / b
            }
        }
        switch (left, right) {
        case (.scalar(let a), .scalar(let b)): return .scalar(apply(a, b))
        case (.vector(let samples), .scalar(let b)):
            return .vector(samples.map { Sample(labels: $0.labels, value: apply($0.value, b)) })
        case (.scalar(let a), .vector(let samples)):
            return .vector(samples.map { Sample(labels: $0.labels, value: apply(a, $0.value)) })
        case (.vector(let many), .vector(let others)):
            return .vector(
                many.compactMap { sample in
                    others.first { $0.labels == sample.labels }.map {
                        Sample(labels: sample.labels, value: apply(sample.value, $0.value))
                    }
                })
        }
    }
}

extension PromQuery.Matcher {
    /// A reporter is not told apart: each request is observed once.
    func matches(_ labels: [String: String]) -> Bool {
        guard label != "reporter" else { return true }
        let found = labels[label] ?? ""
        let isSame = pattern.map { (try? $0.matches(in: found)) ?? false } ?? (found == value)
        return isSame != isNegated
    }
}
