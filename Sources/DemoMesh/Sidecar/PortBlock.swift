import Glibc

/// A thousand ports that belong to one demo while this lives: a listener on the first one keeps other demos away.
///
/// The ports are below the kernel's ephemeral range, so that no outgoing connection of anybody takes one meanwhile.
final class PortBlock: Sendable {
    let base: Int
    private let reservation: Int32

    private init(base: Int, reservation: Int32) {
        self.base = base
        self.reservation = reservation
    }

    deinit {
        close(reservation)
    }

    /// The first block, in the order of `bases`, in which every port that is needed can be bound.
    static func claim(
        from bases: [Int] = candidates(), needing ports: (_ base: Int) -> [Int]
    ) throws(DemoFailure) -> PortBlock {
        for base in bases {
            let reservation = LoopbackSocket.listening(on: base, backlog: 1)
            guard reservation >= 0 else {
                if hasNoDescriptors { throw .noDescriptors }
                continue
            }
            let taken = ports(base).first { !isFree($0) }
            if taken == nil { return PortBlock(base: base, reservation: reservation) }
            let isOut = hasNoDescriptors
            close(reservation)
            if isOut { throw .noDescriptors }
        }
        throw .noPorts
    }

    /// Bases that suit this kernel: 21000 first, since a known port is easier to type.
    static func candidates(ephemeralStart: Int = ephemeralStart()) -> [Int] {
        let highest = min(max(ephemeralStart, 12_000), 65_000) - 1_000
        let bases = Array(stride(from: 10_000, through: highest, by: 1_000))
        return bases.filter { $0 >= 21_000 } + bases.filter { $0 < 21_000 }.reversed()
    }

    private static func ephemeralStart() -> Int {
        guard let file = fopen("/proc/sys/net/ipv4/ip_local_port_range", "re") else { return 32_768 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 64)
        guard fgets(&line, Int32(line.count), file) != nil else { return 32_768 }
        return strtol(line, nil, 10)
    }

    /// Whether the last call of the system that failed did so for want of descriptors: then no port is the reason.
    private static var hasNoDescriptors: Bool { errno == EMFILE || errno == ENFILE }

    private static func isFree(_ port: Int) -> Bool {
        let socket = LoopbackSocket.listening(on: port, backlog: 1)
        guard socket >= 0 else { return false }
        close(socket)
        return true
    }
}
