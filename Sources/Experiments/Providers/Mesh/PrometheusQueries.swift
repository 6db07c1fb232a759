internal import MeshClient
internal import MeshModel

/// `chaosprometheus.probes`: answered from what gameday observes when the query asks for Istio's metrics and no
/// Prometheus is configured; else asked of the Prometheus in the configuration.
struct PrometheusQueries: NativeModule {
    let mesh: ExperimentMesh
    let network: HTTPDoor
    let surroundings: RequestSurroundings

    func signature(of call: ActivityCall) -> NativeSignature? {
        call.module.hasPrefix("chaosprometheus.") ? NativeExtension.signature(of: call) : nil
    }

    /// Moments in words of a language are left to Python, which has a library for them.
    func acts(for call: ActivityCall, isChecking: Bool) async -> Bool {
        guard signature(of: call) != nil, await mesh.state() != nil else { return false }
        if isChecking || call.substitution.configuration.has("prometheus_base_url") { return true }
        guard let arguments = try? call.arguments(), let text = arguments["query"]?.text else { return false }
        return call.function == "query" && !(arguments["when"]?.isTruthy ?? false) && (try? PromQuery(text)) != nil
    }

    func run(_ call: ActivityCall) async throws(ActivityEnd) -> Value {
        let arguments: Value
        do { arguments = try call.arguments() ?? .null } catch { throw .crashed(error) }
        if let base = call.substitution.configuration["prometheus_base_url"] {
            return try await ask(PythonText.string(base), call, arguments)
        }
        guard let state = await mesh.state(), let now = state.lastAt else { throw .failed("no control plane answers") }
        let text = arguments["query"]?.text ?? ""
        do throws(PromQuery.Mistake) {
            return Self.answer(try PromQuery(text).value(in: state, at: now), at: now)
        } catch {
            throw .failed("Prometheus query \(text) failed: \(error.message)")
        }
    }

    /// As the extension asks, with the moments as they are given: RFC 3339, or seconds since 1970.
    private func ask(_ base: String, _ call: ActivityCall, _ arguments: Value) async throws(ActivityEnd) -> Value {
        let isRange = call.function == "query_interval"
        let names = isRange ? ["query", "timeout", "step", "start", "end"] : ["query", "timeout", "when"]
        let pairs = names.compactMap { name -> (String, Value)? in
            guard let value = arguments[name] ?? (name == "step" ? 1 : nil), !value.isNull else { return nil }
            return (name == "when" ? "time" : name, value)
        }
        let transport: any HTTPTransport
        let query: String
        do {
            transport = try network.open()
            query = try HTTPCall.encoded(.mapping(Fields(pairs))) ?? ""
        } catch {
            throw .failed("cannot query Prometheus: \(error)")
        }
        var request = HTTPRequest(
            "GET", "\(base)/api/v1/\(isRange ? "query_range" : "query")?\(query)",
            headers: [HTTPHeader("Accept", "application/json")], deadline: .seconds(30))
        request.tls.verifies = arguments["verify_tls"]?.isTruthy ?? true
        do { try surroundings.apply(to: &request) } catch { throw .failed(error.message) }
        let response: HTTPResponse
        do { response = try await transport.send(request) } catch {
            throw .failed("cannot query Prometheus at \(base): \(error)")
        }
        let body = String(decoding: response.body, as: UTF8.self)
        guard response.status == 200, let value = try? JSONReader.value(of: body) else {
            throw .failed("Prometheus query \(arguments["query"]?.text ?? "") failed: \(body.prefix(500))")
        }
        return value
    }

    /// An answer as Prometheus writes it.
    private static func answer(_ value: PromQuery.Result, at now: Timestamp) -> Value {
        let time = Value.number(Double(now.milliseconds) / 1_000)
        let data: Value
        switch value {
        case .scalar(let number):
            data = ["resultType": "scalar", "result": [time, .text(PromQuery.text(of: number))]]
        case .vector(let samples):
            let result = samples.map { sample -> Value in
                let labels = sample.labels.sorted { $0.key < $1.key }.map { ($0.key, Value.text($0.value)) }
                return [
                    "metric": .mapping(Fields(labels)), "value": [time, .text(PromQuery.text(of: sample.value))],
                ]
            }
            data = ["resultType": "vector", "result": .list(result)]
        }
        return ["status": "success", "data": data]
    }
}
