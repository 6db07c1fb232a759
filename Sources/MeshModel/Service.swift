/// The name of a service, as its proxy or the settings tell it: text from outside, so it may hold anything.
public struct ServiceName: Hashable, Comparable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    public let text: String

    public init(_ text: String) {
        self.text = text
    }

    public init(stringLiteral text: String) {
        self.text = text
    }

    /// The part of the name that groups services: `shop` of `shop/cart`, and of `cart.shop` as Kubernetes spells it.
    public var namespace: String? {
        if let slash = text.firstIndex(of: "/") {
            let head = text[..<slash]
            return head.isEmpty || text.index(after: slash) == text.endIndex ? nil : String(head)
        }
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        // Where figures stand after the first point the name is an address.
        guard parts.count > 1, let second = parts[1].first, !second.isNumber, !parts[0].isEmpty else { return nil }
        return String(parts[1])
    }

    public var description: String { text }
    public static func < (left: ServiceName, right: ServiceName) -> Bool { left.text < right.text }
}

/// A directed pair: who calls whom. Faults of a mesh live on edges, in the sidecar of the caller.
public struct Edge: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var from: ServiceName
    public var to: ServiceName

    public init(from: ServiceName, to: ServiceName) {
        self.from = from
        self.to = to
    }

    public var description: String { "\(from)>\(to)" }
    public static func < (left: Edge, right: Edge) -> Bool { (left.from, left.to) < (right.from, right.to) }
}

/// Where traffic was measured: at the door of a service, or on one of the edges that leave it.
public enum Scope: Hashable, Sendable {
    case service(ServiceName)
    case edge(Edge)
}
