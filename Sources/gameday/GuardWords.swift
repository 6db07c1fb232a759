import MeshModel

/// A guard of the status in a line: what it waits for, and how near that is.
enum GuardWords {
    /// `guard faults active in all: 41 s of 900 s`; with `TRIPPED` when it halts.
    static func line(_ item: JSON) -> String {
        let rule = item["guard"]
        let tripped = item["tripped"]?.bool == true ? ", TRIPPED" : ""
        func seconds(_ value: JSON?) -> String { StatusCommand.number(value, unit: " s") }
        func percent(_ value: JSON?) -> String { StatusCommand.number(value, times: 100, unit: "%") }
        let words: String
        if let name = rule?["broken"]?.string {
            words = "\(name) broken: \(seconds(item["value"])) of \(seconds(item["limit"]))"
        } else if let name = rule?["budget"]?.string {
            words = "error budget of \(name): \(percent(item["value"])) left, minimum \(percent(item["limit"]))"
        } else if rule?["duration"] != nil {
            words = "total time of active faults: \(seconds(item["value"])) of \(seconds(item["limit"]))"
        } else if rule?["blastRadius"] != nil {
            words = "requests hit at the entry point: \(percent(item["value"])) of at most \(percent(item["limit"]))"
        } else {
            words = "age of the newest data: \(seconds(item["value"])) of \(seconds(item["limit"]))"
        }
        return "guard \(words)\(tripped)"
    }
}
