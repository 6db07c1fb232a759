internal import MeshModel

extension EnvoyFaultInjector {
    public func identified(_ plan: FaultPlan) async -> FaultPlan {
        var plan = plan
        plan.undo.parts = await each(plan.undo.parts) { part in
            var part = part
            part.process = try? await process(of: part)
            return part
        }
        return plan
    }

    public func look(at undo: FaultUndo) async -> [ProxySight] {
        await each(undo.parts) { part in
            func sight(_ state: ProxySight.State, _ words: String) -> ProxySight {
                ProxySight(source: part.source, state: state, explanation: "\(part.source): \(words)")
            }
            do throws(InjectionError) {
                let now = try await process(of: part)
                if let earlier = part.process, let difference = now.difference(from: earlier) {
                    return sight(.replaced, difference)
                }
                let left = try await left(of: part)
                return left.isEmpty
                    ? sight(.clean, "verified clean") : sight(.holds, "still shows \(left.joined(separator: ", "))")
            } catch {
                if case .unreachable(_, let cause) = error, cause.isAbsence { return sight(.absent, cause.summary) }
                return sight(.silent, error.reason)
            }
        }
    }

    /// The keys of a part that the proxy still has. What its configuration says of a key is no fault, and can't be taken
    /// away; so where there is anything, it is asked which layer is the one that we write.
    func left(of part: FaultUndo.Part) async throws(InjectionError) -> [String] {
        let runtime = try await runtime(part)
        let left = runtime.keys(part.keys, heldBy: nil)
        return left.isEmpty ? [] : runtime.keys(left, heldBy: await adminLayers(of: part))
    }

    /// The names of the layers that the admin page writes; nil when the proxy does not tell.
    func adminLayers(of part: FaultUndo.Part) async -> Set<String>? {
        let path = "/config_dump?mask=bootstrap.layered_runtime"
        guard let answer = try? await send("GET", path, to: part), answer.status == 200,
            let configs = (try? JSON(parsing: answer.body))?["configs"]?.array,
            let layers = configs.lazy.compactMap({ $0["bootstrap"]?["layered_runtime"]?["layers"]?.array }).first
        else { return nil }
        return Set(layers.filter { $0["admin_layer"] != nil }.compactMap { $0["name"]?.string })
    }

    private func process(of part: FaultUndo.Part) async throws(InjectionError) -> ProxyProcess {
        let response = try await send("GET", "/server_info", to: part)
        guard response.status == 200 else { throw .rejected(source: part.source, answer: "status \(response.status)") }
        do { return try EnvoyServerInfoWire.process(response.body) } catch {
            throw .rejected(source: part.source, answer: error.summary)
        }
    }
}

extension EnvoyServerInfoWire {
    /// What tells this process from another; what the page leaves out is taken for empty.
    static func process(_ bytes: [UInt8]) throws(WireError) -> ProxyProcess {
        let json: JSON
        do { json = try JSON(parsing: bytes) } catch {
            throw WireError(page: "/server_info", path: "", found: error.message)
        }
        guard case .object = json else { throw WireError(page: "/server_info", path: "", found: "expected an object") }
        let node = [json["node"]?["cluster"]?.string, json["node"]?["id"]?.string].compactMap(\.self)
        let options = json["command_line_options"]
        let uptime = json["uptime_current_epoch"]?.string.flatMap { Int($0.prefix { $0.isNumber }) }
        return ProxyProcess(
            node: node.joined(separator: "/"), commandLine: options?["config_path"]?.string ?? "",
            epoch: Int(clamping: options?["restart_epoch"]?.integer ?? 0), uptime: uptime ?? 0)
    }
}

extension InjectionError {
    /// True when the proxy itself said it; false when nobody knows what it did.
    var isAnswer: Bool {
        if case .rejected = self { true } else { false }
    }

    /// The cause alone, for a sentence that names the proxy.
    fileprivate var reason: String {
        switch self {
        case .rejected(_, let answer): "the admin page responds: \(answer)"
        case .unreachable(_, let error): error.summary
        case .impossible, .unprepared, .unknownService: summary
        }
    }
}
