public import MeshModel

extension ControlPlaneClient {
    /// The catalogue, the runs of the session, and which one is on, as `gameday experiments --json` prints it.
    public func experiments() async throws(ControlPlaneError) -> JSON {
        try await ask(.experiments)
    }

    /// Starts a run; the answer is what is known of it so far.
    public func start(_ request: ExperimentRequest) async throws(ControlPlaneError) -> ExperimentReport {
        // A document with Python in it is checked by a Python, which takes its time to start.
        try read(await ask(.startExperiment, request.json, deadline: .seconds(30))) { (fields) throws(WireError) in
            try ExperimentReport(fields)
        }
    }

    /// Stops the run that is on, if it is this one; the answer comes when its faults are proven gone.
    public func abortExperiment(_ id: String?, by: String) async throws(ControlPlaneError) -> ExperimentReport {
        let body: JSON = ["by": .string(by)]
        return try read(await ask(.abortExperiment(id: id), body, deadline: .seconds(15))) {
            (fields) throws(WireError) in try ExperimentReport(fields)
        }
    }

    /// The journal of a run of this session, as its file is now.
    public func journal(of id: String) async throws(ControlPlaneError) -> [UInt8] {
        try await answer(.journal(id: id))
    }
}
