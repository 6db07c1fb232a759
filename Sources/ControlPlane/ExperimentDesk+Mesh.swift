internal import Experiments
internal import MeshClient
internal import MeshModel

extension ExperimentDesk {
    /// The mesh as native modules of a run act on it: its faults are the run's, and it starts none once it is over.
    func mesh(of id: String, by: String, token: String?) -> ExperimentMesh {
        let (desk, log, tokens) = (tools.faults, tools.log, tools.tokens)
        return ExperimentMesh(
            state: { log.read { $0 } },
            start: { request throws(ExperimentMesh.Refusal) in
                guard case .run(id) = tokens.bearer(of: token.map { "Bearer " + $0 }) else {
                    throw ExperimentMesh.Refusal("\(id) has ended")
                }
                var own = request
                own.run = id
                own.by = by
                do throws(Problem) { return try await desk.start(own) } catch { throw ExperimentMesh.Refusal(error) }
            },
            stop: { fault throws(ExperimentMesh.Refusal) in
                do throws(Problem) { return try await desk.stop(fault, by: by) } catch {
                    throw ExperimentMesh.Refusal(error)
                }
            })
    }
}
