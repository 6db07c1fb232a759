import MeshClient

/// Asks the other services through the egress listeners of the own sidecar.
struct Errands: Sendable {
    var plan: ServicePlan
    /// The port of the egress listener of each callee.
    var egress: [String: Int]
    var transport: any HTTPTransport

    func ask(_ callee: String, _ request: ServiceRequest) async -> ServiceAnswer {
        guard let port = egress[callee] else {
            return Problem(502, "no-way", "No way", "There is no listener for the \(callee).").answer
        }
        // The sidecar answers 504 at the timeout; this deadline is for a sidecar that is gone or stopped.
        let deadline = (plan.call(to: callee)?.timeout ?? .seconds(1)) + .milliseconds(500)
        let headers = request.baggage.sorted { $0.key < $1.key }.map { HTTPHeader($0.key, $0.value) }
        let outgoing = HTTPRequest(
            request.method, "http://127.0.0.1:\(port)\(request.path)",
            headers: headers + [HTTPHeader("content-type", "text/plain")],
            body: request.method == "POST" ? Array(request.body.utf8) : nil, deadline: deadline, largestBody: 1 << 20)
        do throws(TransportError) {
            let response = try await transport.send(outgoing)
            var kept: [String: String] = [:]
            for name in ServiceAnswer.handedBack { kept[name] = response.header(name) }
            return ServiceAnswer(
                status: response.status, headers: kept, body: String(decoding: response.body, as: UTF8.self))
        } catch {
            let isLate = error == .timedOut
            return Problem(
                isLate ? 504 : 502, "sidecar-silent", "The sidecar does not answer", "On the way to the \(callee)."
            ).answer
        }
    }
}
