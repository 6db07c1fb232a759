import FoundationEssentials
import Glibc
import MeshModel

/// The objects of a stand-in cluster, their versions, and who watches them.
struct StandInStore {
    struct Key: Hashable {
        var resource: StandInResource
        var namespace: String
        var name: String
    }

    struct Change {
        var version: Int
        var resource: StandInResource
        var object: JSON
        var old: JSON?
        var isRemoval = false
    }

    struct Watcher {
        var target: StandInTarget
        var selection: StandInSelection
        var wantsBookmarks: Bool
        var connection: StubConnection
    }

    private(set) var version = 5000
    private(set) var objects: [Key: JSON] = [:]
    private var history: [Change] = []
    /// What happened up to this version is forgotten.
    private(set) var forgotten = 5000
    var watchers: [Int: Watcher] = [:]
    private var nextWatcher = 0
    private var nextID = 1
    /// Watches get nothing any more, and nobody is told.
    var isSilent = false

    subscript(_ key: Key) -> JSON? { objects[key] }

    static func key(of resource: StandInResource, _ object: JSON) -> Key {
        Key(
            resource: resource, namespace: object.at(["metadata", "namespace"])?.string ?? "",
            name: object.at(["metadata", "name"])?.string ?? "")
    }

    static var now: String {
        var seconds = time(nil)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        var buffer = [CChar](repeating: 0, count: 32)
        strftime(&buffer, buffer.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
        return buffer.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    }

    mutating func makeUID() -> String {
        nextID += 1
        let tail = String(nextID, radix: 16)
        return "5a1e0000-0000-4000-8000-" + String(repeating: "0", count: 12 - tail.count) + tail
    }

    /// A few letters, as the server adds them to a `generateName`.
    mutating func makeSuffix() -> String {
        nextID += 1
        let letters = Array("bcdfghjklmnpqrstvwxz2456789")
        return String((0..<5).map { letters[(nextID * (7 + $0) + $0 * 11) % letters.count] })
    }

    /// Keeps an object as it is from now on, and tells those who watch; what comes back has its version.
    mutating func keep(_ object: JSON, as key: Key) -> JSON {
        version += 1
        var kept = object.with(["metadata", "resourceVersion"], .string("\(version)"))
        if key.resource.isCustom { kept = kept.sorted }
        record(Change(version: version, resource: key.resource, object: kept, old: objects[key]))
        objects[key] = kept
        return kept
    }

    mutating func remove(_ key: Key) {
        guard let old = objects[key] else { return }
        version += 1
        let last = old.with(["metadata", "resourceVersion"], .string("\(version)"))
        objects[key] = nil
        record(Change(version: version, resource: key.resource, object: last, old: old, isRemoval: true))
    }

    private mutating func record(_ change: Change) {
        history.append(change)
        guard !isSilent else { return }
        for watcher in watchers.values {
            if let event = watcher.event(of: change) { watcher.connection.writeChunk(event.bytes + [0x0A]) }
        }
    }

    /// Compacts: whoever asks for what was before now is told that it is too old.
    mutating func forget() {
        version += 1
        history = []
        forgotten = version
    }

    /// All objects of a list in its order.
    func list(_ target: StandInTarget, _ selection: StandInSelection) -> [(key: Key, object: JSON)] {
        objects.filter { key, object in
            key.resource == target.resource && (target.namespace ?? key.namespace) == key.namespace
                && selection.takes(object)
        }
        .sorted { ($0.key.namespace, $0.key.name) < ($1.key.namespace, $1.key.name) }
        .map { ($0.key, $0.value) }
    }

    /// Begins to tell a watcher what happens, and first what has happened since `after`.
    mutating func add(_ watcher: Watcher, after: Int) -> Int {
        for change in history where change.version > after {
            if let event = watcher.event(of: change) { watcher.connection.writeChunk(event.bytes + [0x0A]) }
        }
        nextWatcher += 1
        watchers[nextWatcher] = watcher
        return nextWatcher
    }

    /// Tells all who want it which version they have seen.
    func bookmark() {
        for watcher in watchers.values where watcher.wantsBookmarks {
            watcher.connection.writeChunk(watcher.bookmark(version).bytes + [0x0A])
        }
    }
}

extension StandInStore.Watcher {
    func event(of change: StandInStore.Change) -> JSON? {
        let namespace = change.object.at(["metadata", "namespace"])?.string ?? ""
        guard change.resource == target.resource, (target.namespace ?? namespace) == namespace else { return nil }
        let wasThere = change.old.map(selection.takes) ?? false
        let isThere = !change.isRemoval && selection.takes(change.object)
        guard wasThere || isThere else { return nil }
        let type: JSON = !isThere ? "DELETED" : wasThere ? "MODIFIED" : "ADDED"
        return ["type": type, "object": target.shown(change.object)]
    }

    func bookmark(_ version: Int, isEndOfList: Bool = false) -> JSON {
        var metadata: JSON = ["resourceVersion": .string("\(version)")]
        if isEndOfList { metadata = metadata.with("annotations", ["k8s.io/initial-events-end": "true"]) }
        let apiVersion = JSON.string(target.resource.apiVersion(target.version))
        return [
            "type": "BOOKMARK",
            "object": ["kind": .string(target.resource.kind), "apiVersion": apiVersion, "metadata": metadata],
        ]
    }
}

extension StandInTarget {
    /// An object as whoever asked for this version of it sees it.
    func shown(_ object: JSON) -> JSON {
        let rest = object.members.filter { !["kind", "apiVersion"].contains($0.name) }
        let kind = JSON.Member("kind", .string(resource.kind))
        let version = JSON.Member("apiVersion", .string(resource.apiVersion(self.version)))
        return .object((resource.isCustom ? [version, kind] : [kind, version]) + rest)
    }
}

/// Which objects a list or a watch is about, by their labels and a few of their fields.
struct StandInSelection {
    private var demands: [(label: String, wanted: [String]?, isNot: Bool)] = []
    private var fields: [(path: [String], value: String, isNot: Bool)] = []
    /// A field by which nothing can be selected.
    private(set) var unknown: String?

    private static let known = [
        "metadata.name", "metadata.namespace", "status.phase", "spec.nodeName", "involvedObject.kind",
        "involvedObject.name",
    ]

    init(labels: String?, fields: String?) {
        for part in Self.parts(labels ?? "") {
            let words = part.split(separator: " ", maxSplits: 2).map(String.init)
            if words.count == 3, words[1] == "in" || words[1] == "notin" {
                let wanted = words[2].filter { !"() ".contains($0) }.split(separator: ",").map(String.init)
                demands.append((words[0], wanted, words[1] == "notin"))
            } else if let place = part.firstIndex(of: "=") {
                let name = part[..<place].filter { $0 != "!" }
                demands.append((name, [part[place...].filter { $0 != "=" }], part[..<place].hasSuffix("!")))
            } else {
                demands.append((part.filter { $0 != "!" }, nil, part.hasPrefix("!")))
            }
        }
        for part in (fields ?? "").split(separator: ",") {
            guard let place = part.firstIndex(of: "=") else { continue }
            let name = part[..<place].filter { $0 != "!" }
            if !Self.known.contains(name) { unknown = name }
            let path = name.split(separator: ".").map(String.init)
            self.fields.append((path, part[place...].filter { $0 != "=" }, part[..<place].hasSuffix("!")))
        }
    }

    func takes(_ object: JSON) -> Bool {
        let labels = object.at(["metadata", "labels"])
        let hasLabels = demands.allSatisfy { label, wanted, isNot in
            guard let value = labels?[label]?.string else { return isNot }
            return wanted.map { $0.contains(value) != isNot } ?? !isNot
        }
        return hasLabels && fields.allSatisfy { ((object.at($0.path)?.string ?? "") == $0.value) != $0.isNot }
    }

    /// The parts between commas that are in no parentheses.
    private static func parts(_ text: String) -> [String] {
        var parts = [""]
        var depth = 0
        for character in text {
            depth += character == "(" ? 1 : character == ")" ? -1 : 0
            if character == ",", depth == 0 { parts.append("") } else { parts[parts.count - 1].append(character) }
        }
        return parts.filter { !$0.isEmpty }
    }
}

/// Where a list goes on: what `continue` holds.
struct StandInContinuation {
    var version: Int
    var start: String

    init(version: Int, start: String) {
        self.version = version
        self.start = start
    }

    init?(_ token: String) {
        var text = token.replacing("-", with: "+").replacing("_", with: "/")
        text += String(repeating: "=", count: (4 - text.count % 4) % 4)
        guard let data = Data(base64Encoded: text), let json = try? JSON(parsing: Array(data)),
            let version = json["rv"]?.integer, let start = json["start"]?.string
        else { return nil }
        self.init(version: Int(version), start: start.filter { $0 != "\0" })
    }

    var token: String {
        let json: JSON = ["v": "meta.k8s.io/v1", "rv": .integer(Int64(version)), "start": .string(start + "\0")]
        return Data(json.bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }
}
