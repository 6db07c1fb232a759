import Glibc
import MeshModel

/// What a sidecar asks for, as Envoy 1.40 writes it: who it is, which version it has, and what it wants.
///
/// Every request carries a list of all that its Envoy was built with, some 77 KB, so only the ends are read.
struct DiscoveryRequest: Equatable, Sendable {
    var node: String
    /// Empty before the first answer.
    var version: String
    /// Empty for all there are.
    var names: [String]

    private static let mostHead = 4_096
    private static let mostTail = 16_384

    /// Nil when it says nothing of a node.
    init?(_ body: [UInt8]) {
        let head = String(decoding: body.prefix(Self.mostHead), as: UTF8.self)
        guard let place = head.firstRange(of: "\"node\""), let node = Self.text("\"id\"", in: head[place.upperBound...])
        else { return nil }
        self.node = node
        version = Self.text("\"version_info\"", in: head[..<place.lowerBound]) ?? ""
        let tail = String(decoding: body.suffix(Self.mostTail), as: UTF8.self)
        names = Self.list("\"resource_names\"", in: tail)
    }

    private static func text(_ name: String, in text: Substring) -> String? {
        guard let place = text.firstRange(of: name) else { return nil }
        let parts = text[place.upperBound...].split(
            separator: "\"", maxSplits: 2, omittingEmptySubsequences: false)
        return parts.count == 3 ? String(parts[1]) : nil
    }

    private static func list(_ name: String, in text: String) -> [String] {
        guard let place = text.ranges(of: name).last else { return [] }
        let rest = text[place.upperBound...]
        guard let open = rest.firstIndex(of: "["), let close = rest[open...].firstIndex(of: "]") else { return [] }
        return (try? JSON(parsing: String(rest[open...close])))?.array?.compactMap(\.string) ?? []
    }
}
