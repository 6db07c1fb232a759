import CNCurses
import Glibc
import TerminalCanvas

/// The terminal itself, below ncurses: its modes, its size, and the bytes on their way to it.
///
/// ncurses writes each frame to memory and the bytes go out from here without ever blocking, so a terminal that takes
/// nothing (a slow line, a stopped window) holds up neither keys nor anything else.
struct TerminalDevice: ~Copyable {
    /// Opened anew, so that not blocking is its own affair and not that of the shell which shares the other one.
    let descriptor: Int32
    /// The modes it had before.
    let modes: termios
    private var outgoing: [UInt8] = []
    private var sent = 0
    private(set) var isLost = false

    init() throws(TerminalError) {
        let descriptor = try TerminalDevice.open()
        var modes = termios()
        guard tcgetattr(descriptor, &modes) == 0 else {
            let code = errno
            close(descriptor)
            throw .failed(call: "tcgetattr", code: code)
        }
        self.descriptor = descriptor
        self.modes = modes
    }

    deinit { close(descriptor) }

    var hasOutgoing: Bool { sent < outgoing.count }

    /// What the terminal says its size is; a terminal that does not know is taken as 80x24.
    var size: Size {
        var window = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0, window.ws_row > 0 else {
            return Size(80, 24)
        }
        // Nothing shows more; a terminal that says so must not cost its weight in memory.
        return Size(min(Int(window.ws_col), 1000), min(Int(window.ws_row), 500))
    }

    /// Every key comes at once and as it is, Ctrl-C and Ctrl-Z too, and nothing is echoed.
    func enterRawMode() {
        var raw = modes
        cfmakeraw(&raw)
        tcsetattr(descriptor, TCSADRAIN, &raw)
    }

    func leaveRawMode() {
        var modes = modes
        tcsetattr(descriptor, TCSADRAIN, &modes)
    }

    /// Reads what is there, up to some kilobytes; a terminal that was hung up is lost.
    mutating func read() -> [UInt8] {
        var done = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: 4096) { bytes, count in
            done = Glibc.read(descriptor, bytes.baseAddress, bytes.count)
            count = max(0, done)
        }
        if done == 0 || done < 0 && errno != EAGAIN && errno != EINTR { isLost = true }
        return bytes
    }

    mutating func send(_ bytes: [UInt8]) {
        guard !isLost else { return }
        if sent == outgoing.count {
            outgoing = bytes
            sent = 0
        } else {
            outgoing.append(contentsOf: bytes)
        }
        flush()
    }

    /// Sends what the terminal takes now.
    mutating func flush() {
        while hasOutgoing, !isLost {
            let done = outgoing.withUnsafeBytes { bytes -> Int in
                write(descriptor, bytes.baseAddress.map { $0 + sent }, bytes.count - sent)
            }
            if done > 0 {
                sent += done
            } else if errno == EAGAIN {
                return
            } else if errno != EINTR {
                isLost = true
            }
        }
    }

    /// Sends all that is left, waiting for the terminal up to so long.
    mutating func drain(milliseconds: Int32) {
        flush()
        while hasOutgoing, !isLost {
            var wait = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            guard poll(&wait, 1, milliseconds) > 0 else { break }
            flush()
        }
        outgoing = []
        sent = 0
    }

    mutating func lose() { isLost = true }

    /// Through `/proc`, because in a container the terminal's own name may not exist.
    private static func open() throws(TerminalError) -> Int32 {
        guard isatty(STDOUT_FILENO) == 1 || isatty(STDIN_FILENO) == 1 else { throw .notATerminal }
        let names = [STDOUT_FILENO, STDIN_FILENO].filter { isatty($0) == 1 }.map { "/proc/self/fd/\($0)" }
        for name in names + ["/dev/tty"] {
            let descriptor = Glibc.open(name, O_RDWR | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
            if descriptor >= 0 { return descriptor }
        }
        throw .failed(call: "open", code: errno)
    }
}
