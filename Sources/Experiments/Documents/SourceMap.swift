/// A place in a text, counted from 1.
public struct SourcePosition: Hashable, Sendable {
    public var line: Int
    public var column: Int

    public init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}

/// Where the lines of a text begin, to find the line of a byte quickly.
struct LineIndex {
    private var starts = [0]

    init(_ bytes: [UInt8]) {
        for (place, byte) in bytes.enumerated() where byte == 0x0A { starts.append(place + 1) }
    }

    /// The place of a byte; columns count bytes.
    func position(of offset: Int) -> SourcePosition {
        var (low, high) = (0, starts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle } else { high = middle }
        }
        return SourcePosition(line: low + 1, column: offset - starts[low] + 1)
    }
}

/// The way from the top of a document to a value in it, as `method[2].provider.url`.
public struct DocumentPath: Hashable, Sendable, CustomStringConvertible {
    public private(set) var description = ""
    private var parents: [String] = []

    public init() {}

    public func field(_ name: String) -> DocumentPath {
        step(to: description.isEmpty ? name : description + "." + name)
    }

    public func item(_ index: Int) -> DocumentPath {
        step(to: "\(description)[\(index)]")
    }

    /// The paths from this one up to the top.
    var upwards: [String] { [description] + parents.reversed() }

    private func step(to text: String) -> DocumentPath {
        var next = self
        next.parents.append(description)
        next.description = text
        return next
    }
}

/// Where each value of a document begins.
public struct SourceMap: Sendable {
    private var positions: [String: SourcePosition] = [:]

    public init() {}

    mutating func note(_ position: SourcePosition, at path: DocumentPath) {
        positions[path.description] = position
    }

    /// The place of the value, or of the nearest one around it when it is missing.
    public func position(of path: DocumentPath) -> SourcePosition? {
        path.upwards.lazy.compactMap { positions[$0] }.first
    }
}
