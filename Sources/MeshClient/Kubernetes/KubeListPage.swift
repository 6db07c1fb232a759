internal import MeshModel

/// A page of a list, taken apart item by item: the tree of a whole page of pods would weigh a hundred megabytes.
struct KubeListPage {
    var resourceVersion: String
    /// Where the list goes on; nil at its end.
    var continuation: String?

    /// Reads a page and shows each of its objects once.
    init(_ bytes: [UInt8], each: (KubeObject) -> Void) throws(JSONError) {
        var rest: [UInt8] = []
        var taken = 0
        if let list = Self.items(in: bytes) {
            for range in Self.elements(of: bytes[list]) { each(KubeObject(try JSON(parsing: Array(bytes[range])))) }
            rest = Array(bytes[..<list.lowerBound])
            taken = list.upperBound
        }
        let json = try JSON(parsing: rest + bytes[taken...])
        let metadata = json["metadata"]
        guard json["kind"]?.string?.hasSuffix("List") == true, let version = metadata?["resourceVersion"]?.string else {
            throw JSONError(message: "not a list", offset: 0)
        }
        resourceVersion = version
        continuation = metadata?["continue"]?.string.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// What stands between the brackets of the outermost `items`; nil when there is no such list.
    private static func items(in bytes: [UInt8]) -> Range<Int>? {
        var scan = Scan(bytes[...])
        var isKey = false
        while let token = scan.next() {
            switch token.kind {
            case .string where scan.depth == 1:
                isKey = bytes[token.range].elementsEqual("\"items\"".utf8)
            case .open where isKey && scan.depth == 2 && bytes[token.range.lowerBound] == UInt8(ascii: "["):
                let start = token.range.upperBound
                while let token = scan.next() {
                    if token.kind == .close, scan.depth == 1 { return start..<token.range.lowerBound }
                }
                return nil
            case .other where bytes[token.range.lowerBound] == UInt8(ascii: ":"): break
            default: isKey = false
            }
        }
        return nil
    }

    /// The elements of what stands in a list's brackets.
    private static func elements(of bytes: ArraySlice<UInt8>) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var scan = Scan(bytes)
        var start: Int?
        while let token = scan.next() {
            let isComma = token.kind == .other && bytes[token.range.lowerBound] == UInt8(ascii: ",")
            if isComma, scan.depth == 0 {
                // An empty place is the reader's to refuse.
                found.append((start ?? token.range.lowerBound)..<token.range.lowerBound)
                start = nil
            } else if start == nil {
                start = token.range.lowerBound
            }
        }
        if let start { found.append(start..<bytes.endIndex) }
        return found
    }

    /// Walks over JSON and keeps count of the brackets; what is wrong with it is left to its reader.
    private struct Scan {
        enum Kind {
            case string, open, close, other
        }

        private let bytes: ArraySlice<UInt8>
        private var at: Int
        private(set) var depth = 0

        init(_ bytes: ArraySlice<UInt8>) {
            self.bytes = bytes
            at = bytes.startIndex
        }

        mutating func next() -> (kind: Kind, range: Range<Int>)? {
            while at < bytes.endIndex, bytes[at] <= 0x20 { at += 1 }
            guard at < bytes.endIndex else { return nil }
            let start = at
            at += 1
            switch bytes[start] {
            case UInt8(ascii: "\""):
                while at < bytes.endIndex, bytes[at] != UInt8(ascii: "\"") {
                    at += bytes[at] == UInt8(ascii: "\\") ? 2 : 1
                }
                at = min(at + 1, bytes.endIndex)
                return (.string, start..<at)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                return (.open, start..<at)
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                return (.close, start..<at)
            default: return (.other, start..<at)
            }
        }
    }
}
