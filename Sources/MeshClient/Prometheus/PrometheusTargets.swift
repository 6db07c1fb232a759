internal import MeshModel

/// How often a Prometheus looks at the things that tell of a mesh.
enum PrometheusTargets {
    /// The interval that most of the targets have, in seconds, by `/api/v1/targets`; nil when it tells of none. Jobs that
    /// have nothing to do with the mesh are left out.
    static func interval(_ body: [UInt8], jobs: Set<String>) -> Double? {
        guard let page = try? JSON(parsing: body), let targets = page["data"]?["activeTargets"]?.array else {
            return nil
        }
        var counts: [Double: Int] = [:]
        for target in targets {
            guard let text = target["scrapeInterval"]?.string, let seconds = Quantity.seconds(text), seconds > 0,
                seconds <= 3600
            else { continue }
            let job = target["labels"]?["job"]?.string ?? ""
            if jobs.isEmpty || jobs.contains(job) { counts[seconds, default: 0] += 1 }
        }
        // Of as many the longer one: a window that is too short is an empty answer.
        return counts.max { ($0.value, $0.key) < ($1.value, $1.key) }?.key
    }

    /// The same by how often a series was seen in five minutes; nil when that is too seldom to tell.
    static func interval(seen count: Double) -> Double? {
        guard count.isFinite, count >= 3 else { return nil }
        return max(1, (300 / count).rounded())
    }

    /// `duration` as PromQL spells it: whole milliseconds or seconds.
    static func promQL(_ seconds: Double) -> String {
        let milliseconds = max(1, Int64(clamping: seconds * 1000))
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000)s" : "\(milliseconds)ms"
    }

    /// What a regular expression takes for these texts and nothing else, in the quotes of PromQL.
    static func alternatives(_ texts: some Sequence<String>) -> String {
        texts.map { text in
            text.reduce(into: "") { $0 += "\\.+*?()|[]{}^$".contains($1) ? "\\\($1)" : "\($1)" }
        }.joined(separator: "|").reduce(into: "") { $0 += $1 == "\\" || $1 == "\"" ? "\\\($1)" : "\($1)" }
    }
}
