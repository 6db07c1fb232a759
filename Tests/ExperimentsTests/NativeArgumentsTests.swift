import MeshModel
import Testing

@testable import Experiments

/// How much a fault hits is taken as it is written or not at all.
@Suite struct NativeArgumentsTests {
    private func share(_ function: String, _ arguments: Value) throws(ActivityEnd) -> [Double] {
        try IstioFaultBlock(function: function, arguments: arguments).faults().map(\.share)
    }

    @Test(
        arguments: [
            (100, 1.0), (50, 0.5), (.number(0.5), 0.005), (.number(12.5), 0.125), (0, 0), (.number(100.0), 1),
        ] as [(Value, Double)])
    func `a number is a percentage in both forms of Istio's faults`(percentage: Value, expected: Double) throws {
        #expect(try share("add_abort_fault", ["http_status": 503, "percentage": percentage]) == [expected])
        #expect(try share("add_delay_fault", ["fixed_delay": "5s", "percentage": percentage]) == [expected])
        let block: Value = ["abort": ["httpStatus": 503, "percentage": ["value": percentage]]]
        #expect(try share("set_fault", ["fault": block]) == [expected])
    }

    @Test(
        arguments: [
            ["value": .number(5)], "5", "", "5%", true, false, -1, .number(-0.1), 101, .number(100.1), .number(.nan),
            .number(.infinity), .number(-.infinity), [], [5], [:], ["value": ["value": 5]],
            .bigInteger("99999999999999999999"),
            "NaN", "${pct}",
        ] as [Value])
    func `what Istio would refuse as a percentage is refused, and never becomes another`(percentage: Value) {
        #expect(throws: ActivityEnd.self) {
            try share("add_abort_fault", ["http_status": 503, "percentage": percentage])
        }
        #expect(throws: ActivityEnd.self) {
            try share("set_fault", ["fault": ["delay": ["fixedDelay": "5s", "percentage": ["value": percentage]]]])
        }
    }

    @Test(
        arguments: [
            ["abort": ["httpStatus": 500, "percentage": 7]], ["abort": ["httpStatus": 500, "percentage": ["val": 7]]],
            ["abort": ["httpStatus": 500, "percentage": ["value": 7, "more": 1]]], ["abort": ["httpStatus": 500]],
            ["delay": ["fixedDelay": "5s", "percentage": .null]], ["abort": ["httpStatus": 500, "percent": "7"]],
            ["abort": ["httpStatus": 500, "percent": .number(7.5)]], ["abort": ["httpStatus": 500, "percentages": 7]],
            ["abort": ["httpStatus": "500", "percent": 7]],
            ["abort": ["httpStatus": .number(.infinity), "percent": 7]],
            ["abort": ["httpStatus": 99, "percent": 7]], ["abort": ["grpcStatus": "UNAVAILABLE", "percent": 7]],
            ["delay": ["fixedDelay": 5, "percent": 7]], ["delay": ["exponentialDelay": "5s", "percent": 7]],
            ["delay": ["fixedDelay": "5s", "percent": 7], "abrot": ["httpStatus": 500, "percent": 7]], ["delay": "5s"],
            [:],
            [], "abort", .null,
        ] as [Value])
    func `a block that is not understood as a whole is refused as a whole`(block: Value) {
        #expect(throws: ActivityEnd.self) { try share("set_fault", ["fault": block]) }
    }

    @Test func `older versions' whole percents are understood`() throws {
        #expect(try share("set_fault", ["fault": ["abort": ["httpStatus": 500, "percent": 7]]]) == [0.07])
    }

    @Test(
        arguments: [
            ["latency": 100, "toxicity": "1"], ["latency": 100, "toxicity": true], ["latency": 100, "toxicity": 2],
            ["latency": 100, "toxicity": -1], ["latency": "100"], ["latency": .number(1.5)], ["latency": 0],
            ["latency": -5], [:],
            ["latency": .number(.infinity)], ["latency": true],
        ] as [Value])
    func `a toxic that Toxiproxy would not take as a number is refused`(attributes: Value) {
        var fields = attributes.fields ?? Fields()
        let toxicity = fields["toxicity"]
        fields["toxicity"] = nil
        var arguments = Fields([
            ("for_proxy", "bar>taps"), ("toxic_name", "t"), ("toxic_type", "latency"), ("attributes", .mapping(fields)),
        ])
        if let toxicity { arguments["toxicity"] = toxicity }
        let call = ActivityCall(
            ["provider": ["type": "python", "module": "chaostoxi.toxic.actions", "func": "create_toxic"]],
            Substitution())
        let mesh = ExperimentMesh(
            state: { nil }, start: { _ throws(ExperimentMesh.Refusal) in throw ExperimentMesh.Refusal("no mesh") },
            stop: { _ throws(ExperimentMesh.Refusal) in throw ExperimentMesh.Refusal("no mesh") })
        #expect(Toxics(mesh: mesh).mistake(in: call, .mapping(arguments)) != nil)
        arguments["attributes"] = ["latency": 100]
        arguments["toxicity"] = .number(0.25)
        #expect(Toxics(mesh: mesh).mistake(in: call, .mapping(arguments)) == nil)
    }
}
