internal import Glibc

/// An extension of Chaos Toolkit whose functions gameday does by itself, as data: the same description checks experiments
/// without Python, answers `gameday discover` and asks the questions of `gameday init`.
public struct NativeExtension: Sendable {
    /// One function, as the extension declares it.
    struct Function: Sendable {
        var kind: String
        var module: String
        var name: String
        var parameters: [Parameter]
        /// What it returns, if the extension says so.
        var returns: String?
        var words: String

        /// For checking the arguments of an activity.
        var signature: NativeSignature {
            NativeSignature(
                function: name, required: parameters.filter { $0.fallback == nil }.map(\.name),
                optional: parameters.filter { $0.fallback != nil }.map(\.name))
        }
    }

    struct Parameter: Sendable {
        var name: String
        var type: String
        /// What holds when it is left out; nil when it must be given.
        var fallback: Value?
    }

    /// As it is called on PyPI.
    public let package: String
    /// The version whose functions these are.
    let version: String
    let all: [Function]

    public var functions: [String] { all.map(\.name) }

    public var modules: [String] {
        all.map(\.module).reduce(into: []) { known, module in
            if !known.contains(module) { known.append(module) }
        }
    }

    /// Reads lines like `action a.module name(one: string, two: integer = 5) -> mapping  What it does.`
    init(_ package: String, _ version: String, _ table: String) {
        self.package = package
        self.version = version
        all = table.split(separator: "\n").compactMap(Self.function)
    }

    /// The extension of this package, if it is a native one.
    public init?(package: String) {
        guard let found = Self.all.first(where: { $0.package == package }) else { return nil }
        self = found
    }

    /// The signature of the function that an activity calls, if it is a native one.
    static func signature(of call: ActivityCall) -> NativeSignature? {
        let (module, name) = (call.module, call.function)
        return all.lazy.flatMap(\.all).first { $0.name == name && $0.module == module }?.signature
    }

    private static func function(_ line: Substring) -> Function? {
        // A default may have parentheses of its own.
        let ends = line.indices.filter { place in
            let rest = line[place...].dropFirst()
            return line[place] == ")" && (rest.hasPrefix(" -> ") || rest.hasPrefix("  "))
        }
        guard let open = line.firstIndex(of: "("), let close = ends.first else { return nil }
        let head = line[..<open].split(separator: " ").map(String.init)
        guard head.count == 3 else { return nil }
        let parameters = line[line.index(after: open)..<close].split(separator: ",").compactMap(parameter)
        var rest = line[line.index(after: close)...].drop { $0 == " " }
        var returns: String?
        if rest.hasPrefix("-> ") {
            returns = String(rest.dropFirst(3).prefix { $0 != " " })
            rest = rest.dropFirst(3).drop { $0 != " " }
        }
        return Function(
            kind: head[0], module: head[1], name: head[2], parameters: parameters, returns: returns,
            words: Conversion.trimmed(String(rest)))
    }

    private static func parameter(_ text: Substring) -> Parameter? {
        let parts = text.split(separator: "=", maxSplits: 1).map { Conversion.trimmed(String($0)) }
        let names = parts[0].split(separator: ":").map { Conversion.trimmed(String($0)) }
        guard names.count == 2 else { return nil }
        return Parameter(
            name: names[0], type: names[1], fallback: parts.count > 1 ? ValueText.value(json: parts[1]) ?? .null : nil)
    }
}

extension NativeExtension {
    /// What `chaos discover` would write, without the system.
    public var discovery: Value {
        let names = Journal.machine
        return [
            "chaoslib_version": .text(RunOptions.libraryVersion), "id": .text(Self.identifier()),
            "target": .text(String(package.split(separator: "-").last ?? "")), "date": .text(WallTime.now.text),
            "platform": [
                "system": .text(names.system), "node": .text(names.node), "release": .text(names.release),
                "machine": .text(names.machine),
            ],
            "extension": ["name": .text(package), "version": .text(version)],
            "activities": .list(all.map(\.discovery)), "system": .null,
        ]
    }

    private static func identifier() -> String {
        var bytes = (0..<16).map { _ in UInt8.random(in: 0...255) }
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }.joined(separator: "-")
    }
}

extension NativeExtension.Function {
    fileprivate var discovery: Value {
        var fields = Fields([
            ("type", .text(kind)), ("name", .text(name)), ("mod", .text(module)), ("doc", .text(words)),
            (
                "arguments",
                .list(
                    parameters.map { parameter in
                        var argument = Fields([("name", .text(parameter.name))])
                        if let fallback = parameter.fallback { argument["default"] = fallback }
                        argument["type"] = .text(parameter.type)
                        return .mapping(argument)
                    })
            ),
        ])
        if let returns { fields["return_type"] = .text(returns) }
        return .mapping(fields)
    }
}

extension NativeExtension {
    /// The list of them. A test compares each line with the extension of that version.
    public static let all = [
        NativeExtension(
            "chaostoolkit-istio", "0.4.1",
            """
            action chaosistio.fault.actions add_abort_fault(virtual_service_name: string, http_status: integer, \
            routes: list, percentage: number = null, ns: string = "default", \
            version: string = "networking.istio.io/v1alpha3", configuration: mapping = null, secrets: mapping = null) \
            -> mapping  Answers a share of the requests to a service with an HTTP status.
            action chaosistio.fault.actions add_delay_fault(virtual_service_name: string, fixed_delay: string, \
            routes: list, percentage: number = null, ns: string = "default", \
            version: string = "networking.istio.io/v1alpha3", configuration: mapping = null, secrets: mapping = null) \
            -> mapping  Delays a share of the requests to a service.
            action chaosistio.fault.actions remove_abort_fault(virtual_service_name: string, routes: list, \
            ns: string = "default", version: string = "networking.istio.io/v1alpha3", configuration: mapping = null, \
            secrets: mapping = null) -> mapping  Removes the aborts of a service.
            action chaosistio.fault.actions remove_delay_fault(virtual_service_name: string, routes: list, \
            ns: string = "default", version: string = "networking.istio.io/v1alpha3", configuration: mapping = null, \
            secrets: mapping = null) -> mapping  Removes the delays of a service.
            action chaosistio.fault.actions set_fault(virtual_service_name: string, routes: list, fault: mapping, \
            ns: string = "default", version: string = "networking.istio.io/v1alpha3", configuration: mapping = null, \
            secrets: mapping = null) -> mapping  Sets the faults of a service as Istio writes them.
            action chaosistio.fault.actions unset_fault(virtual_service_name: string, routes: list, \
            ns: string = "default", version: string = "networking.istio.io/v1alpha3", configuration: mapping = null, \
            secrets: mapping = null) -> mapping  Removes all faults of a service.
            probe chaosistio.fault.probes get_virtual_service(virtual_service_name: string, ns: string = "default", \
            version: string = "networking.istio.io/v1alpha3", configuration: mapping = null, secrets: mapping = null) \
            -> mapping  Reads a virtual service.
            """),
        NativeExtension(
            "chaostoolkit-toxiproxy", "0.3.1",
            """
            action chaostoxi.toxic.actions create_bandwith_degradation_toxic(for_proxy: string, toxic_name: string, \
            rate: integer, configuration: mapping = null) -> mapping  Limits the bandwidth, in KB per second.
            action chaostoxi.toxic.actions create_latency_toxic(for_proxy: string, toxic_name: string, \
            latency: integer, jitter: integer = 0, configuration: mapping = null) -> mapping  Delays, in milliseconds.
            action chaostoxi.toxic.actions create_limiter_toxic(for_proxy: string, toxic_name: string, \
            bytes_limit: integer, configuration: mapping = null) -> mapping  Closes connections after so many bytes.
            action chaostoxi.toxic.actions create_slicer_toxic(for_proxy: string, toxic_name: string, \
            average_size: integer, size_variation: integer, delay: integer, configuration: mapping = null) \
            -> mapping  Slices data into small parts.
            action chaostoxi.toxic.actions create_slow_connection_close_toxic(for_proxy: string, toxic_name: string, \
            delay: integer, configuration: mapping = null) -> mapping  Delays the close of connections.
            action chaostoxi.toxic.actions create_timeout_toxic(for_proxy: string, toxic_name: string, \
            timeout: integer, configuration: mapping = null) -> mapping  Stops all data, then closes the connection.
            action chaostoxi.toxic.actions create_toxic(for_proxy: string, toxic_name: string, toxic_type: string, \
            stream: string = "downstream", toxicity: number = 1.0, attributes: mapping = null, \
            configuration: mapping = null) -> boolean  Creates a toxic of any type.
            action chaostoxi.toxic.actions delete_toxic(for_proxy: string, toxic_name: string, \
            configuration: mapping = null)  Deletes a toxic.
            action chaostoxi.proxy.actions disable_proxy(proxy_name: string, configuration: mapping = null)  \
            Switches a proxy off.
            action chaostoxi.proxy.actions enable_proxy(proxy_name: string, configuration: mapping = null)  \
            Switches a proxy on.
            action chaostoxi.proxy.actions reset(configuration: mapping = null)  Enables all proxies, removes all toxics.
            probe chaostoxi.proxy.probes proxy_exist(proxy_name: string, configuration: mapping = null)  \
            Whether a proxy exists.
            """),
        NativeExtension(
            "chaostoolkit-prometheus", "0.6.0",
            """
            probe chaosprometheus.probes query(query: string, when: string = null, timeout: number = null, \
            verify_tls: boolean = true, configuration: mapping = null, secrets: mapping = null) -> mapping  \
            Runs an instant query.
            probe chaosprometheus.probes query_interval(query: string, start: string, end: string, step: integer = 1, \
            timeout: number = null, verify_tls: boolean = true, configuration: mapping = null, \
            secrets: mapping = null) -> mapping  Runs a range query.
            """),
        kubernetes,
    ]
}
