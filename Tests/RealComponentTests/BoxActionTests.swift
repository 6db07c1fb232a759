import DemoMesh
import Foundation
import MeshModel
import Testing

/// What is done to the bar's mesh and processes, by the program, with a control plane that keeps the ledger.
@Suite(.serialized, .timeLimit(.minutes(5))) struct BoxActionTests {
    private static let actions: [[String]] = [
        ["bar", "taps", "--shift", "--percent", "50"], ["bar", "kitchen", "--kill", "2"],
        ["bar", "kitchen", "--spoil", "3"], ["taps", "cellar", "--freeze", "1"], ["bar", "kitchen", "--drain", "1"],
        ["tab", "till", "--retries", "5"], ["taps", "cellar", "--deadline", "20ms"], ["bar", "menu", "--expire"],
        ["bar", "tab", "--bad-route"], ["bar", "menu", "--restart"],
    ]

    @Test func `each action is seen to hold, a halt takes all back, and nothing outlives a kill`() async throws {
        let bar = try await RunningBar.start()
        for action in Self.actions {
            let words = ["fault", "start", "--from", action[0], "--to", action[1]] + action.dropFirst(2)
            let end = try await bar.run(words + ["--lease", "1m"])
            #expect(end.status == 0, "\(action): \(end.output)")
        }
        let held = try JSON(parsing: try await bar.run(["faults", "--json"]).output).array ?? []
        #expect(held.count == Self.actions.count)
        #expect(held.allSatisfy { $0["phase"] == "active" }, "\(held.map(\.text))")
        let halt = try await bar.run(["halt", "--wait"])
        #expect(halt.status == 0, "\(halt.output)")
        #expect(try await bar.run(["faults", "--json"]).output == "[]\n")
        #expect(try await bar.run(["rearm"]).status == 0)
        // Whatever is broken when the demo dies dies with it.
        for action in Self.actions[1...3] {
            let words = ["fault", "start", "--from", action[0], "--to", action[1]] + action.dropFirst(2)
            #expect(try await bar.run(words + ["--lease", "1m"]).status == 0)
        }
        let children = bar.children
        #expect(children.count >= 29)
        kill(bar.process.processIdentifier, SIGKILL)
        bar.process.waitUntilExit()
        while !children.allSatisfy(RunningBar.isGone) { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test func `a lost control plane is told, changes nothing, and comes back with its plan`() async throws {
        let bar = try await RunningBar.start()
        let words = ["--from", "door", "--to", "bar"]
        #expect(try await bar.run(["fault", "start"] + words + ["--kill-control", "--lease", "1m"]).status == 0)
        while try await !bar.run(["status"]).output.contains(
            "mesh-control unreachable: control plane lost, proxies keep their last configuration")
        {}
        let refused = try await bar.run(
            ["fault", "start", "--from", "bar", "--to", "taps", "--shift", "--percent", "10"])
        #expect(refused.status != 0)
        #expect(try await bar.run(["sli", "success", "--of", "door"]).output.hasPrefix("100"))
        #expect(try await bar.run(["fault", "stop"] + words).status == 0)
        while try await bar.run(["status"]).output.contains("mesh-control unreachable") {}
        bar.end()
        #expect(bar.process.terminationStatus == 0)
    }

    @Test func `a lease ends by itself, and the share is back`() async throws {
        let bar = try await RunningBar.start()
        let shift = ["fault", "start", "--from", "bar", "--to", "taps", "--shift", "--percent", "100", "--lease", "4s"]
        #expect(try await bar.run(shift).status == 0)
        while try await bar.run(["faults", "--json"]).output != "[]\n" {}
        let all = try await bar.run(["faults", "--json", "--all"]).output
        #expect(all.contains("its lease expired") && all.contains("reverted"), "\(all)")
        bar.end()
    }
}
