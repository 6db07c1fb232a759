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
    /// More than this is not held in memory to be shown: it is to be unpacked on the disk first.
    static let largest = 1 << 29
    /// Other programs pack larger blocks, but not beyond this.
    private static let largestBlock = 64 << 20

    private static let magic = Array("BZ3v1".utf8)
    private static let start = magic.count + 4

    static func isPacked(_ head: some Collection<UInt8>) -> Bool { head.starts(with: magic) }

    /// Nil when there is no memory for it, or when `isWanted` says no, which it is asked before each piece.
    static func pack(_ bytes: [UInt8], piece: Int = piece, while isWanted: () -> Bool = { true }) -> [UInt8]? {
        guard let packer = Packer(upTo: piece) else { return nil }
        var packed = magic + number(packer.limit)
        var start = 0
        while start < bytes.count {
            let block = bytes[start..<min(start + piece, bytes.count)]
            guard isWanted(), let more = packer.pack(block) else { return nil }
            packed += number(more.count) + number(block.count) + more
            start += block.count
        }
        return packed
    }

    private static func number(_ value: Int) -> [UInt8] {
        withUnsafeBytes(of: UInt32(clamping: value).littleEndian) { Array($0) }
    }

    private static func number(in bytes: [UInt8], at place: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
    }

    /// What could be unpacked, and what is wrong with it in words for a person.
    struct Unpacked {
        var bytes: [UInt8] = []
        var findings: [String] = []
    }

    /// Nil when there is more than is held in memory.
    static func unpack(_ packed: [UInt8]) -> Unpacked? {
        var result = Unpacked()
        var spoiled = 0
        var isTooLarge = false
        let isWhole = eachBlock(of: packed) { size, block in
            isTooLarge = result.bytes.count + size > largest
            guard !isTooLarge else { return false }
            if let block {
                result.bytes += block
            } else {
                spoiled += 1
                // Empty lines in the place of what is lost, so that the places which lines name stay true.
                result.bytes += [UInt8](repeating: 0x0A, count: size)
            }
            return true
        }
        if isTooLarge { return nil }
        if spoiled > 0 { result.findings.append("parts of it are damaged and left out: \(spoiled)") }
        if !isWhole {
            result.findings.append(
                result.bytes.isEmpty
                    ? "it is cut off in its first part, and nothing of it can be shown"
                    : "it is cut off or damaged; what was before is shown")
        }
        return result
    }

    /// Do these unpack to those bytes? Answers without holding them a second time.
    static func holds(_ packed: [UInt8], _ bytes: [UInt8]) -> Bool {
        var place = 0
        let isWhole =
            isPacked(packed)
            && eachBlock(of: packed) { _, block in
                guard let block, bytes[place...].starts(with: block) else { return false }
                place += block.count
                return true
            }
        return isWhole && place == bytes.count
    }

    /// Shows each block and its size until told to stop; a damaged one is nil. False when there was something after
    /// the last one that is no block.
    private static func eachBlock(of packed: [UInt8], _ body: (Int, [UInt8]?) -> Bool) -> Bool {
        var at = start
        var unpacker: Packer?
        while at + 8 <= packed.count {
            let (size, plain) = (number(in: packed, at: at), number(in: packed, at: at + 4))
            guard size > 0, plain > 0, plain <= largestBlock, size <= bz3_bound(plain), at + 8 + size <= packed.count
            else { return false }
            // The stages between packed and plain may be a little larger than either.
            let room = bz3_bound(plain)
            if room > unpacker?.limit ?? 0 { unpacker = Packer(upTo: room) }
            at += 8 + size
            let block = packed[at - size..<at]
            let isPlausible = stages(of: block, in: packed).allSatisfy { $0 <= unpacker?.limit ?? 0 }
            guard body(plain, isPlausible ? unpacker?.unpack(block, to: plain) : nil) else { return false }
        }
        return at == packed.count
    }

    /// The sizes that a block says to have on its way from packed to plain. The library checks them against more than
    /// it has room for (1.2.2), so they are to be no larger than the blocks it was made for. A block begins with its
    /// checksum, an index, a byte of flags, and for each of two of these such a size (bzip3's format, 1.2).
    private static func stages(of block: ArraySlice<UInt8>, in packed: [UInt8]) -> [Int] {
        let start = block.startIndex
        let literal = 0xFFFF_FFFF
        guard block.count >= 8, number(in: packed, at: start + 4) != literal else { return [] }
        guard block.count > 16 else { return [.max] }
        let flags = packed[start + 8]
        return (0..<(flags & 6).nonzeroBitCount).map { number(in: packed, at: start + 9 + 4 * $0) }
    }
}

/// What libbzip3 needs to work on one block after the other.
private final class Packer {
    /// The largest block it can have.
    let limit: Int
    private let state: OpaquePointer

    /// Nil when there is no memory for blocks of that size.
    init?(upTo size: Int) {
        // The library has no smaller blocks than these.
        limit = max(size, 65 << 10)
        guard let state = bz3_new(Int32(clamping: limit)) else { return nil }
        self.state = state
    }

    deinit { bz3_free(state) }

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
