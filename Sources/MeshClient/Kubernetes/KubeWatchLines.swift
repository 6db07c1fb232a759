internal import MeshModel

/// What one line of a watch says.
enum KubeWatchEvent: Equatable, Sendable {
    /// Added or changed.
    case put(KubeObject)
    case removed(KubeObject)
    /// Nothing happened up to this version, and the server is there.
    case bookmark(resourceVersion: String)
    /// The server gives the watch up.
    case failed(KubeRefusal)
    /// A kind of event that is not known; newer servers may have more.
    case other
}

/// Takes the bytes of a watch apart: a line each event, each line bounded.
struct KubeWatchLines {
    /// No object of a cluster is larger: etcd takes a megabyte and a half.
    static let longest = 4 << 20

    /// Why what came is no watch.
    enum Mistake: Error, Equatable {
        case tooLong
        case noEvent(String)

        var words: String {
            switch self {
            case .tooLong: "watch event larger than \(longest >> 20) MiB"
            case .noEvent(let cause): "invalid watch event: \(cause)"
            }
        }
    }

    private var rest: [UInt8] = []

    /// The events that are whole with these bytes.
    mutating func take(_ bytes: [UInt8]) throws(Mistake) -> [KubeWatchEvent] {
        var events: [KubeWatchEvent] = []
        var start = bytes.startIndex
        while let end = bytes[start...].firstIndex(of: 0x0A) {
            guard rest.count + (end - start) <= Self.longest else { throw .tooLong }
            let line = rest + bytes[start..<end]
            rest = []
            start = end + 1
            if line.contains(where: { $0 > 0x20 }) { events.append(try Self.event(line)) }
        }
        guard rest.count + bytes.count - start <= Self.longest else { throw .tooLong }
        rest += bytes[start...]
        return events
    }

    private static func event(_ line: [UInt8]) throws(Mistake) -> KubeWatchEvent {
        let json: JSON
        do { json = try JSON(parsing: line) } catch { throw .noEvent(error.message) }
        guard let type = json["type"]?.string, let body = json["object"], case .object = body else {
            throw .noEvent("type or object missing")
        }
        let object = KubeObject(body)
        switch type {
        case "ADDED", "MODIFIED": return .put(object)
        case "DELETED": return .removed(object)
        case "BOOKMARK": return .bookmark(resourceVersion: object.resourceVersion)
        case "ERROR":
            var refusal = KubeRefusal(
                status: Int(body["code"]?.integer.map { max(0, min($0, 999)) } ?? 500), asked: "a watch")
            refusal.take(status: body)
            return .failed(refusal)
        default: return .other
        }
    }
}
