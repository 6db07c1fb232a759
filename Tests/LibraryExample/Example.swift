import MeshClient
import MeshModel

@main struct Example {
    static func main() async throws {
        let mesh = try MeshConnection(yaml: "proxies: [{admin: '\(CommandLine.arguments[1])'}]")
        for await turn in mesh.turns() {
            for case .traffic(let report) in turn.observations {
                guard let outbound = report.outbound.first, let sample = outbound.sample else { continue }
                let edge = Edge(from: report.service, to: outbound.to)
                print("\(edge): \(sample.requestRate ?? 0) requests per second")
                let plan = try mesh.injectors.plan(.delay(milliseconds: 200), share: 0.5, at: .edge(edge))
                print("undo:", plan.undo.json.text)  // Keep it on a disk until the end is proven.
                try await mesh.injectors.apply(plan)
                print("held:", await mesh.injectors.inspect(plan).allSatisfy { $0.state == .held })
                return print("ended:", await mesh.injectors.undo([plan.undo]).allSatisfy(\.isClean))
            }
        }
    }
}
