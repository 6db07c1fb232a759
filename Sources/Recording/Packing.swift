internal import CBzip3
import MeshModel

/// Recordings packed as bzip3 does it: a day that is over needs a sixth of its room. It was the best of a dozen ways
/// tried on recordings of the bar, where most of the bytes are latencies that no two polls share.
///
/// A file is `BZ3v1`, the size of its blocks, and the blocks, each behind its packed and its plain size (four bytes,
/// the lowest first); a block has a checksum of its own, so that damage costs the lines of a block and no others.
enum Packing {
    /// How many bytes of lines a block has: larger ones pack better, smaller ones lose less.
    static let piece = 320 << 10
    /// Other programs pack larger blocks, but not beyond this.
    private static let largestBlock = 64 << 20

    private static let magic = Array("BZ3v1".utf8)
    private static let start = magic.count + 4

    static func isPacked(_ head: some Collection<UInt8>) -> Bool { head.starts(with: magic) }

    /// The head of a packed file.
    static var head: [UInt8] { magic + number(Packer.limit(for: piece)) }

    /// Is it a packed file that has not even its head?
    static func isBegun(_ file: FileBytes) -> Bool {
        file.count < start && head.starts(with: file.read(0..<file.count))
    }

    /// A packed file; nil when there is no memory for it, or when `isWanted` says no, which it is asked before each
    /// piece.
    static func pack(_ bytes: [UInt8], piece: Int = piece, while isWanted: () -> Bool = { true }) -> [UInt8]? {
        let limit = number(Packer.limit(for: piece))
        return blocks(of: bytes, piece: piece, isTried: true, while: isWanted).map { magic + limit + $0 }
    }

    /// The same without its head: what is added to a packed file. With `isTried` each block is unpacked again, for there
    /// are bytes that the library packs and can't unpack (1.2.2; among them a hundred times the same byte between
    /// zeros): in two blocks it can.
    static func blocks(
        of bytes: [UInt8], piece: Int = piece, isTried: Bool = false, while isWanted: () -> Bool = { true }
    ) -> [UInt8]? {
        guard let packer = Packer(upTo: piece) else { return nil }
        var unpacker = Unpacker()
        var packed: [UInt8] = []
        // What is left to pack, the first part last.
        var parts = stride(from: 0, to: bytes.count, by: piece).reversed().map { $0..<min($0 + piece, bytes.count) }
        while let part = parts.popLast() {
            guard isWanted(), let more = packer.pack(bytes[part]) else { return nil }
            if isTried, part.count > 1, unpacker.unpack(more, to: part.count) != Array(bytes[part]) {
                let middle = part.lowerBound + part.count / 2
                parts += [middle..<part.upperBound, part.lowerBound..<middle]
                continue
            }
            packed += number(more.count) + number(part.count) + more
        }
        return packed
    }

    private static func number(_ value: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt32(clamping: value).littleEndian) { Array($0) }
    }

    private static func number(in bytes: [UInt8], at place: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
    }

    /// A block in a packed file.
    struct Block: Equatable {
        /// Where it begins, after its sizes.
        var at: Int
        var size: Int
        /// How many bytes of lines it has.
        var plain: Int
    }

    /// The blocks of a packed file, and where the last whole one ends. None is larger than the file's head says: to find
    /// a lie takes as long as to unpack so much, some 8 MB a second.
    static func index(of file: FileBytes) -> (blocks: [Block], end: Int) {
        var blocks: [Block] = []
        var at = start
        let head = file.read(0..<start)
        guard head.count == start else { return ([], file.count) }
        let largest = min(number(in: head, at: magic.count), largestBlock)
        while case let sizes = file.read(at..<at + 8), sizes.count == 8 {
            let (size, plain) = (number(in: sizes, at: 0), number(in: sizes, at: 4))
            guard size > 0, plain > 0, plain <= largest, size <= bz3_bound(plain), at + 8 + size <= file.count
            else { break }
            blocks.append(Block(at: at + 8, size: size, plain: plain))
            at += 8 + size
        }
        return (blocks, min(at, file.count))
    }

    /// Unpacks one block after the other.
    struct Unpacker {
        private var packer: Packer?

        /// The lines of a block; nil when it is damaged.
        mutating func unpack(_ block: [UInt8], to plain: Int) -> [UInt8]? {
            // The stages between packed and plain may be a little larger than either.
            let room = bz3_bound(plain)
            if room > packer?.limit ?? 0 { packer = Packer(upTo: room) }
            guard let packer, stages(of: block).allSatisfy({ $0 <= packer.limit }) else { return nil }
            return packer.unpack(block[...], to: plain)
        }
    }

    /// Do these unpack to those bytes?
    static func holds(_ packed: [UInt8], _ bytes: [UInt8]) -> Bool {
        guard isPacked(packed) else { return false }
        let blocks = PackedBytes(FileBytes(packed))
        return !blocks.isCutOff && blocks.count == bytes.count && blocks.damaged() == 0
            && blocks.read(0..<blocks.count) == bytes
    }

    /// The sizes that a block says to have on its way from packed to plain. The library checks them against more than
    /// it has room for (1.2.2), so they are to be no larger than the blocks it was made for. A block begins with its
    /// checksum, an index, a byte of flags, and for each of two of these such a size (bzip3's format, 1.2).
    private static func stages(of block: [UInt8]) -> [Int] {
        let literal = 0xFFFF_FFFF
        guard block.count >= 8, number(in: block, at: 4) != literal else { return [] }
        guard block.count > 16 else { return [.max] }
        return (0..<(block[8] & 6).nonzeroBitCount).map { number(in: block, at: 9 + 4 * $0) }
    }
}

/// What libbzip3 needs to work on one block after the other.
private final class Packer {
    /// The largest block it can have.
    let limit: Int
    private let state: OpaquePointer

    /// Nil when there is no memory for blocks of that size.
    init?(upTo size: Int) {
        limit = Self.limit(for: size)
        guard let state = bz3_new(Int32(clamping: limit)) else { return nil }
        self.state = state
    }

    deinit { bz3_free(state) }

    /// The library has no smaller blocks than this.
    static func limit(for size: Int) -> Int { max(size, 65 << 10) }

    func pack(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        work(on: bytes) { buffer, _ in bz3_encode_block(state, buffer, Int32(clamping: bytes.count)) }
    }

    func unpack(_ bytes: ArraySlice<UInt8>, to size: Int) -> [UInt8]? {
        let plain = work(on: bytes) { buffer, room in
            gameday_bz3_decode(state, buffer, room, Int32(clamping: bytes.count), Int32(clamping: size))
        }
        return plain?.count == size ? plain : nil
    }

    /// The library works in place, in a room for the worst case of the largest block: a damaged one may say that it is
    /// as large as that, whatever its size.
    private func work(
        on bytes: ArraySlice<UInt8>, _ body: (UnsafeMutablePointer<UInt8>?, Int) -> Int32
    ) -> [UInt8]? {
        let room = max(bz3_bound(limit), bytes.count)
        let result = [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
            _ = buffer.initialize(from: bytes)
            count = max(0, Int(body(buffer.baseAddress, room)))
        }
        return result.isEmpty ? nil : result
    }
}
