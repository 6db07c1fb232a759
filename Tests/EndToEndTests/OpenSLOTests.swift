import Foundation
import MeshClient
import MeshModel
import Testing

@testable import gameday

@Suite struct OpenSLOTests {
    /// A folder with these files, gone when the test ends.
    private final class Folder {
        let path = FileManager.default.temporaryDirectory.appending(path: "openslo-\(UUID().uuidString)").path()

        init(_ files: [String: String]) throws {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            for (name, text) in files { try text.write(toFile: path + "/" + name, atomically: true, encoding: .utf8) }
        }

        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private let mesh = """
        name: the shop
        proxies: [{admin: "http://127.0.0.1:9901"}]
        slos:
          - openslo: slo.yaml
        """

    private func read(_ slo: String, _ yaml: String? = nil) throws -> [Objective] {
        let folder = try Folder(["gameday.yaml": yaml ?? mesh, "slo.yaml": slo])
        return try Settings.read(file: folder.path + "/gameday.yaml").mesh.objectives
    }

    /// The mistakes, without the folder.
    private func mistakes(_ slo: String) throws -> String {
        let folder = try Folder(["gameday.yaml": mesh, "slo.yaml": slo])
        do {
            _ = try Settings.read(file: folder.path + "/gameday.yaml")
            return ""
        } catch {
            return error.description.replacing(folder.path + "/", with: "")
        }
    }

    private func slo(_ indicator: String, _ objective: String, more: String = "") -> String {
        """
        apiVersion: openslo/v1
        kind: SLO
        metadata: {name: front-slo, displayName: front answers}
        spec:
          service: front
        \(more)
          budgetingMethod: Occurrences
          indicator:
            metadata: {name: sli}
            spec: \(indicator)
          objectives:
            - \(objective)
        """
    }

    private let ratio =
        "{ratioMetric: {counter: true, good: {metricSource: {spec: {query: 'sum(x{code!~\"5..\"})'}}}, total: {metricSource: {spec: {query: 'sum(x)'}}}}}"

    @Test func `a ratio of good requests is a success ratio, with its window`() throws {
        let window = "  timeWindow: [{duration: 4w, isRolling: true}]"
        #expect(
            try read(slo(ratio, "target: 0.995", more: window)) == [
                Objective(
                    name: "front answers", service: "front", indicator: .success(target: 0.995), window: 28 * 86_400)
            ])
        #expect(try read(slo(ratio, "targetPercent: 99")).first?.indicator == .success(target: 0.99))
    }

    @Test func `a ratio of a latency bucket is a quantile with that limit`() throws {
        let bucket =
            "{ratioMetric: {good: {metricSource: {spec: {query: 'rate(http_request_duration_seconds_bucket{job=\"a\",le=\"0.3\"}[5m])'}}}, total: {}}}"
        #expect(try read(slo(bucket, "target: 0.99")).first?.indicator == .latency(quantile: 0.99, limit: 300))
        let envoy =
            "{ratioMetric: {good: {metricSource: {spec: {query: 'downstream_rq_time_bucket{le=\"250\"}'}}}, total: {}}}"
        #expect(try read(slo(envoy, "target: 0.9")).first?.indicator == .latency(quantile: 0.9, limit: 250))
    }

    @Test func `a threshold on a quantile is one`() throws {
        let metric =
            "{thresholdMetric: {metricSource: {spec: {query: 'histogram_quantile(0.95, sum(rate(x_seconds_bucket[5m])))'}}}}"
        #expect(
            try read(slo(metric, "{op: lte, value: 0.5, target: 0.95}")).first?.indicator
                == .latency(quantile: 0.95, limit: 500))
        let named = "{thresholdMetric: {metricSource: {spec: {metric: front_p99_ms}}}}"
        #expect(
            try read(slo(named, "{op: lt, value: 500}")).first?.indicator == .latency(quantile: 0.99, limit: 500))
    }

    @Test func `an indicator may stand in another document, and the service may be renamed`() throws {
        let text = """
            apiVersion: openslo/v1
            kind: SLI
            metadata: {name: answered}
            spec: \(ratio)
            ---
            apiVersion: openslo/v1
            kind: DataSource
            metadata: {name: prom}
            ---
            apiVersion: openslo/v1
            kind: SLO
            metadata: {name: a}
            spec:
              service: Front Of House
              budgetingMethod: Occurrences
              indicatorRef: answered
              objectives: [{displayName: most, target: 0.9}, {displayName: nearly all, target: 0.99}]
            """
        let renamed = mesh.replacing("- openslo: slo.yaml", with: "- {openslo: [slo.yaml], service: front}")
        let found = try read(text, renamed)
        #expect(found.map(\.name) == ["most", "nearly all"] && found.allSatisfy { $0.service == "front" })
    }

    @Test func `what can't be taken is told with its file, its line and a remedy`() throws {
        let latency = "{ratioMetric: {good: {metricSource: {spec: {query: 'http_latency_ok'}}}, total: {}}}"
        #expect(
            try mistakes(slo(latency, "target: 0.9")).contains("slo.yaml:10: 'front answers' counts requests by their"))
        #expect(try mistakes(slo(ratio, "target: 90")).contains("slo.yaml:12: 'front answers' needs either target"))
        #expect(try mistakes(slo(ratio, "{target: 0.9, targetPercent: 90}")).contains("needs either target"))
        let sliced = slo(ratio, "target: 0.9").replacing("Occurrences", with: "Timeslices")
        #expect(
            try mistakes(sliced).contains("budgetingMethod Timeslices; gameday counts requests\n    Use Occurrences."))
        let old = slo(ratio, "target: 0.9").replacing("openslo/v1", with: "openslo/v1alpha")
        #expect(try mistakes(old).contains("slo.yaml:1: unsupported apiVersion openslo/v1alpha"))
        #expect(try mistakes("kind: [").contains("slo.yaml:"))
        #expect(try mistakes("kind: Service").contains("gameday.yaml:4: slo.yaml has no document of kind SLO"))
        let folder = try Folder(["gameday.yaml": mesh])
        do {
            _ = try Settings.read(file: folder.path + "/gameday.yaml")
            Issue.record("a file that is not there was read")
        } catch { #expect(error.description.contains("slo.yaml cannot be read")) }
    }

    private let queried = """
        name: the shop
        prometheus: {url: "http://127.0.0.1:9090"}
        slos:
          - openslo: slo.yaml
        """

    @Test func `with a Prometheus, queries that gameday has no counts for are run as they are`() throws {
        let objective = try read(
            slo(ratio("good", "sum(rate(a{path=\"/pay\"}[5m]))", total: "sum(rate(b[5m]))"), "target: 0.9"), queried)
        #expect(objective.first?.indicator == .success(target: 0.9))
        #expect(objective.first?.query?.text == "(sum(rate(a{path=\"/pay\"}[5m]))) / (sum(rate(b[5m])))")
        let bad = try read(slo(ratio("bad", "rate(a{path=\"/x\"}[1m])", total: "rate(b[1m])"), "target: 0.9"), queried)
        #expect(bad.first?.query?.text == "1 - (rate(a{path=\"/x\"}[1m])) / (rate(b[1m]))")
        let counter = ratio("good", "a{path=\"/x\"}", total: "b").replacing(
            "{ratioMetric: {", with: "{ratioMetric: {counter: true, ")
        #expect(
            try read(slo(counter, "target: 0.9"), queried).first?.query?.text
                == "(sum(rate((a{path=\"/x\"})[5m:15s]))) / (sum(rate((b)[5m:15s])))")
        let threshold = "{thresholdMetric: {metricSource: {spec: {query: 'max(job_duration_seconds)'}}}}"
        let time = try read(slo(threshold, "{op: lte, value: 0.5, target: 0.95}"), queried).first
        #expect(time?.indicator == .latency(quantile: 0.95, limit: 500) && time?.query?.factor == 1000)
        // What gameday counts itself needs nobody else.
        #expect(try read(slo(ratio, "target: 0.995"), queried).first?.query == nil)
    }

    @Test func `without one they are refused, and it is said what would run them`() throws {
        let told = try mistakes(slo(ratio("bad", "x{path=\"/pay\"}"), "target: 0.9"))
        #expect(told.contains("by the label 'path'") && told.contains("Or name a Prometheus under prometheus"))
        let other = "{ratioMetric: {good: {metricSource: {type: Datadog, spec: {query: 'x'}}}, total: {}}}"
        #expect(try !mistakes(slo(other, "target: 0.9")).contains("Or name a Prometheus"))
    }

    @Test func `with a Prometheus, what it can't run is refused all the same`() throws {
        for indicator in [
            "{ratioMetric: {good: {metricSource: {type: Datadog, spec: {query: 'x'}}}, total: {}}}",
            "{ratioMetric: {good: {metricSource: {spec: {query: 'http_latency_ok'}}}, total: {}}}",
            ratio("good", "sum(rate(a[{{.window}}]))"),
        ] {
            #expect(throws: Settings.Invalid.self) { try read(slo(indicator, "target: 0.9"), queried) }
        }
    }

    private func ratio(_ key: String, _ query: String, total: String = "sum(x)") -> String {
        "{ratioMetric: {\(key): {metricSource: {spec: {query: '\(query)'}}}, total: {metricSource: {spec: {query: '\(total)'}}}}}"
    }

    @Test(arguments: [
        ("good", "sum(rate(x{code!~\"5..\"}[5m]))"), ("good", "sum by (job) (x{status!=\"5xx\"})"),
        ("good", "x{code=~\"[234].*\"}"), ("bad", "x{envoy_response_code_class=\"5\"}"),
        ("bad", "x{code=~\"5[0-9]{2}\"}"),
    ])
    func `what means the answers that gameday calls bad is taken, however it is written`(
        key: String, query: String
    ) throws {
        #expect(try read(slo(ratio(key, query), "target: 0.9")).first?.indicator == .success(target: 0.9))
    }

    @Test(arguments: [
        ("bad", "sum(x{code=~\"4..|5..\"})", "calls code=~\"4..|5..\" bad"), ("bad", "x{code=\"429\"}", "code=\"429\""),
        ("bad", "x{code=~\"5..\",path=\"/pay\"}", "by the label 'path'"), ("good", "x{code=~\"2..\"}", "good"),
        ("bad", "x{grpc_code!=\"OK\"}", "by the label 'grpc_code'"),
        ("good", "sum(ok)", "does not define which responses"),
        ("good", "x{code!~\"5..\"} offset 5m", "uses 'offset', which gameday does not support"),
        ("good", "x{code!~\"5..\"", "is not closed"),
        ("good", "sum(a) - sum(b)", "uses 2 metrics"), ("bad", "x_bucket{le=\"0.3\"}", "has no latency limit"),
        ("good", "x_bucket{le=\"0.3\",code=~\"2..\"}", "by the label 'code'"),
        ("good", "x{job=\"a\",code!~\"5..\"}", "counts other requests than its"),
    ])
    func `a query that means anything else is refused with its line`(key: String, query: String, words: String) throws {
        let told = try mistakes(slo(ratio(key, query), "target: 0.9"))
        #expect(told.contains("slo.yaml:10: ") && told.contains(words), "\(told)")
    }

    @Test(arguments: [
        ("  timeWindow: [{duration: 1M, isRolling: false}]", "has a calendar window"),
        ("  timeWindow: [{duration: 1M, calendar: {startTime: x}}]", "has a calendar window"),
        ("  timeWindow: [{duration: 1d}, {duration: 2d}]", "has 2 time windows"),
        ("  budget: 5", "unknown key 'budget'"),
    ])
    func `a window and a key that would be lost are refused`(more: String, words: String) throws {
        let told = try mistakes(slo(ratio, "target: 0.9", more: more))
        #expect(told.contains("slo.yaml:6: ") && told.contains(words), "\(told)")
    }

    @Test func `objectives and sources of other kinds are refused`() throws {
        for key in ["timeSliceTarget: 0.9", "compositeWeight: 2", "indicatorRef: other"] {
            #expect(try mistakes(slo(ratio, "{target: 0.9, \(key)}")).contains("which gameday does not support"))
        }
        let other = ratio.replacing("good: {metricSource: {", with: "good: {metricSource: {type: Datadog, ")
        #expect(try mistakes(slo(other, "target: 0.9")).contains("a query for Datadog"))
        let share = "{thresholdMetric: {metricSource: {spec: {metric: front_p99_ms}}}}"
        #expect(
            try mistakes(slo(share, "{op: lte, value: 5, target: 0.9}")).contains("for the time within the threshold"))
        #expect(try mistakes("kind: SLOO").contains("unsupported kind SLOO"))
    }

    @Test func `windows, budgets and their guards stand in gameday.yaml too`() throws {
        let text = """
            proxies: [{admin: "http://127.0.0.1:9901"}]
            slos: [{name: a, service: s, success: 99%, window: 7d, budget-left: 40%}]
            guards: [{budget: a, below: 25%}, {broken: a, for: 2m}]
            """
        let found = try Settings.parse(text, file: "f").mesh
        #expect(found.objectives.first?.window == 7 * 86_400 && found.objectives.first?.budgetAtStart == 0.4)
        #expect(found.guards == [.budget(objective: "a", floor: 0.25), .broken(objective: "a", seconds: 120)])
        for (wrong, words) in [
            ("{budget: b, below: 25%}", "unknown SLO 'b'"), ("{budget: a}", "'budget' needs 'below'"),
            ("{budget: a, below: 25}", "invalid percentage"),
        ] {
            let yaml = text.replacing("{budget: a, below: 25%}", with: wrong)
            do {
                _ = try Settings.parse(yaml, file: "f")
                Issue.record("\(wrong) was taken")
            } catch { #expect(error.description.hasPrefix("f:3: ") && error.description.contains(words), "\(error)") }
        }
    }
}
