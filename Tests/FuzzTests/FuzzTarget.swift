/// A decoder under fire: what is done with bytes that may be anything.
struct FuzzTarget: Sendable {
    /// The word on the command line, and the folder of its corpus.
    var name: String
    /// Longer inputs teach nothing new and take longer.
    var longest = 4096
    /// Throws `Broken` where a promise of the decoder's is not kept. Refusing the bytes is no breach.
    var run: @Sendable (_ bytes: [UInt8]) throws -> Void

    static let all: [FuzzTarget] =
        wires + pages + istio + logs + servers + clusters + documents + values + patterns + recordings + screens + words
}

/// A promise that was not kept.
struct Broken: Error, CustomStringConvertible {
    var description: String

    init(_ description: String) { self.description = description }
}

func require(_ holds: Bool, _ promise: @autoclosure () -> String) throws(Broken) {
    guard holds else { throw Broken(promise()) }
}

func requireSame<T: Equatable>(_ first: T, _ second: T, _ promise: String) throws(Broken) {
    guard first == second else { throw Broken("\(promise):\n\(first)\n\(second)") }
}

extension [UInt8] {
    var text: String { String(decoding: self, as: UTF8.self) }

    /// The part before the first zero byte, and what is after it.
    var halves: (first: [UInt8], second: [UInt8]) {
        guard let zero = firstIndex(of: 0) else { return (self, []) }
        return (Array(self[..<zero]), Array(self[(zero + 1)...]))
    }
}

extension String {
    /// Would a terminal obey any of it? Line ends apart.
    var isPlain: Bool {
        unicodeScalars.allSatisfy { $0 == "\n" || !($0.value < 0x20 || (0x7F..<0xA0).contains($0.value)) }
    }
}
