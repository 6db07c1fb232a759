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
            let reservation = listener(on: base)
            guard reservation >= 0 else { continue }
            if ports(base).allSatisfy(isFree) { return PortBlock(base: base, reservation: reservation) }
            close(reservation)
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

    private static func isFree(_ port: Int) -> Bool {
        let socket = listener(on: port)
        guard socket >= 0 else { return false }
        close(socket)
        return true
    }

    /// A listening socket; `SO_REUSEADDR` lets it pass over connections that a former demo left in TIME_WAIT.
    private static func listener(on port: Int) -> Int32 {
        let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0 else { return -1 }
        var yes: Int32 = 1
        setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(truncatingIfNeeded: port)).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let isBound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        if isBound, listen(socket, 1) == 0 { return socket }
        close(socket)
        return -1
    }
}
