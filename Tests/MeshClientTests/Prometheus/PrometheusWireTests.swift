import MeshModel
import Testing

@testable import MeshClient

struct PrometheusWireTests {
    private func read(_ text: String, labels: [String] = []) throws -> PrometheusAnswer {
        try PrometheusWire.read(Array(text.utf8), labels: labels)
    }

    @Test func `a vector has the labels that are wanted, in that order`() throws {
        let labels = ["destination_service_name", "nowhere", "response_flags", "source_workload"]
        let answer = try PrometheusWire.read(try PrometheusFixtures.bytes("vector.json"), labels: labels)
        #expect(answer.form == .vector)
        let first = try #require(answer.series.first)
        #expect(first.labels == ["svc00", "", "-", "svc01-v1"])
        #expect(first.points.map(\.value) == [29.581504389465284])
        #expect(first.points.map(\.at) == [1_795_828_762.661])
        #expect(answer.series.count == 24)
        let backwards = try PrometheusWire.read(
            try PrometheusFixtures.bytes("vector.json"), labels: labels.reversed())
        #expect(backwards.series.map { Array($0.labels.reversed()) } == answer.series.map(\.labels))
    }

    @Test func `a matrix, a scalar and a not-a-number are read as they are`() throws {
        let matrix = try PrometheusWire.read(try PrometheusFixtures.bytes("matrix.json"), labels: ["reporter"])
        #expect(matrix.form == .matrix)
        #expect(matrix.series.allSatisfy { $0.points.count > 1 })
        let scalar = try PrometheusWire.read(try PrometheusFixtures.bytes("scalar.json"))
        #expect(scalar.form == .scalar)
        #expect(scalar.series.map { $0.points.map(\.value) } == [[1_795_828_762.67]])
        let nan = try PrometheusWire.read(try PrometheusFixtures.bytes("nan.json"))
        #expect(nan.series.first?.points.first?.value.isNaN == true)
        let infinite = try read(
            #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"+Inf"]}]}}"#)
        #expect(infinite.series.first?.points.first?.value == .infinity)
    }

    @Test func `an empty vector is a good answer`() throws {
        let answer = try read(#"{"status":"success","data":{"resultType":"vector","result":[]}}"#)
        #expect(answer.failure == nil && answer.series.isEmpty)
    }

    @Test func `a native histogram keeps its bounds`() throws {
        let text = """
            {"status":"success","data":{"resultType":"vector","result":[{"metric":{"a":"b"},"histogram":[1.5,\
            {"count":"3.5","sum":"12","buckets":[[0,"1","2","1.5"],[3,"-0.1","0.1","2"]]}]}]}}
            """
        let answer = try read(text, labels: ["a"])
        let histogram = try #require(answer.series.first?.points.first?.histogram)
        #expect(histogram.count == 3.5 && histogram.sum == 12)
        #expect(
            histogram.buckets == [
                .init(lower: 1, upper: 2, count: 1.5), .init(lower: -0.1, upper: 0.1, count: 2),
            ])
        #expect(answer.series.first?.labels == ["b"])
    }

    @Test func `what the server says beside the data is kept`() throws {
        let answer = try read(
            #"{"status":"success","isPartial":true,"warnings":["store away"],"infos":["a \"hint\""],"#
                + #""data":{"resultType":"vector","result":[],"stats":{"x":[1]}}}"#)
        #expect(answer.warnings == ["store away"] && answer.infos == ["a \"hint\""] && answer.isPartial)
    }

    @Test func `an error is told by its word and text`() throws {
        let answer = try PrometheusWire.read(try PrometheusFixtures.bytes("parse_error.json"))
        #expect(answer.failure?.type == "bad_data")
        #expect(answer.failure?.text.contains("unclosed left parenthesis") == true)
    }

    @Test(arguments: ["vector.json", "matrix.json", "scalar.json", "parse_error.json"])
    func `an answer that is cut anywhere is an error`(_ name: String) throws {
        let whole = Array(try PrometheusFixtures.bytes(name).reversed().drop { $0 <= 0x20 }.reversed())
        for length in stride(from: 0, to: whole.count, by: 7) {
            #expect(throws: WireError.self) { try PrometheusWire.read(Array(whole[..<length]), labels: ["reporter"]) }
        }
    }

    @Test(arguments: [
        #"{"status":"success"}"#, #"{"status":"fine","data":{"resultType":"vector","result":[]}}"#,
        #"{"status":"success","data":{"resultType":"cube","result":[]}}"#,
        #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1,"one"]}]}}"#,
        #"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1]}]}}"#,
        #"{"status":"success","data":{"resultType":"vector","result":[]}} x"#, "<html>", "",
    ])
    func `what is no answer is refused`(_ text: String) {
        #expect(throws: WireError.self) { try read(text) }
    }

    @Test func `the interval of the targets that have to do with the mesh is found`() throws {
        let page = try PrometheusFixtures.bytes("targets.json")
        #expect(PrometheusTargets.interval(page, jobs: ["istio"]) == 5)
        #expect(PrometheusTargets.interval(page, jobs: ["slow"]) == 30)
        #expect(PrometheusTargets.interval(page, jobs: ["other"]) == nil)
        #expect(PrometheusTargets.interval(Array("{}".utf8), jobs: []) == nil)
        #expect(PrometheusTargets.interval(seen: 20) == 15)
        #expect(PrometheusTargets.interval(seen: 300) == 1)
        #expect(PrometheusTargets.interval(seen: 1) == nil)
    }

    @Test func `a name with any sign in it stays one name in a pattern`() {
        #expect(PrometheusTargets.alternatives(["a.b", "c\"d"]) == #"a\\.b|c\"d"#)
        #expect(PrometheusTargets.promQL(60) == "60s")
        #expect(PrometheusTargets.promQL(1.5) == "1500ms")
    }
}
