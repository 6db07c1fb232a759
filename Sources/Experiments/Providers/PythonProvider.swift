/// Calls the Python function of an activity through the bridge; its output is what the function returns.
struct PythonProvider: ActivityProvider {
    let bridge: PythonBridge

    func run(_ call: ActivityCall) async throws(ActivityEnd) -> Value {
        let arguments: Value
        do { arguments = try call.arguments() ?? .mapping(Fields()) } catch { throw .crashed(error) }
        let answer = await bridge.ask(
            "call",
            Fields([
                ("provider", call.provider), ("arguments", arguments),
                ("configuration", .mapping(call.substitution.configuration)),
                ("secrets", .mapping(call.substitution.secrets)),
            ]), isForeground: call.isForeground)
        if let value = answer["value"] { return value }
        if Task.isCancelled { throw .interrupted }
        let name = call.activity["name"].map(PythonText.string) ?? "a probe"
        if let stop = PythonStop(answer, of: "'\(name)'") { throw .stopped(stop.interruption) }
        if let failed = answer["failed"]?.text { throw .failed(failed) }
        let crash = answer["crash"]?.list?.compactMap(\.text) ?? []
        throw .crashed(Crash(crash.first ?? "RuntimeError", crash.count > 1 ? crash[1] : "no answer from Python"))
    }
}
