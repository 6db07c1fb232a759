import CPty
import Dispatch
import Glibc
import PinnedThreads
public import TerminalCanvas

/// A program on a terminal of its own, and the person before it: types, looks, changes the size, hangs up.
public actor PtySession {
    /// What a test waited for and did not see, with what there was instead.
    public struct NotSeen: Error, CustomStringConvertible {
        public let description: String
    }

    /// C wants its address, so it is a variable.
    private var pty: cpty
    private var status: Int?
    /// Its waits would hold up other tests if they blocked a thread that these run on.
    private let thread: PinnedThread
    /// What the program has drawn.
    public private(set) var screen: VirtualScreen
    /// All that it sent.
    public private(set) var output: [UInt8] = []

    public nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
    /// The program's process.
    public nonisolated let process: Int32

    /// Starts a program; of the environment only what is given reaches it.
    public init(
        _ path: String, _ arguments: [String] = [], environment: [String: String], size: Size = Size(80, 24)
    ) throws {
        var pty = cpty()
        let words = ([path] + arguments).map { strdup($0) }
        let settings = environment.map { strdup("\($0.key)=\($0.value)") }
        defer { for pointer in words + settings { free(pointer) } }
        let result = cpty_start(&pty, path, words + [nil], settings + [nil], Int32(size.columns), Int32(size.rows))
        guard result == 0 else { throw NotSeen(description: "\(path) can't be started (error \(errno))") }
        self.pty = pty
        process = pty.process
        screen = VirtualScreen(size)
        let bell = DispatchSemaphore(value: 0)
        thread = PinnedThread(name: "pty") { bell.signal() }
        thread.start { if $0 == .mayBlock { bell.wait() } }
    }

    isolated deinit {
        if !hasEnded {
            kill(process, SIGKILL)
            _ = cpty_wait(&pty, 1)
        }
        for file in [pty.master, pty.terminal] where file >= 0 { close(file) }
        thread.stop()
    }

    /// Types text, or sends whatever bytes a terminal would.
    public func type(_ text: String) { type(bytes: Array(text.utf8)) }

    /// Sends bytes that need be no text.
    public func type(bytes: [UInt8]) {
        var bytes = bytes[...]
        while !bytes.isEmpty {
            let done = bytes.withUnsafeBytes { write(pty.master, $0.baseAddress, $0.count) }
            guard done > 0 else { return }
            bytes = bytes.dropFirst(done)
        }
    }

    /// Changes the size of the terminal.
    public func resize(_ size: Size) {
        screen.resize(size)
        cpty_resize(&pty, Int32(size.columns), Int32(size.rows))
    }

    public func signal(_ number: Int32) { kill(pty.process, number) }

    /// Closes the person's side, as when a line breaks.
    public func hangUp() {
        close(pty.terminal)
        close(pty.master)
        pty.terminal = -1
        pty.master = -1
    }

    /// Reads until the screen shows what is waited for. The patience only bounds how long a failing test takes.
    public func wait(
        for what: String, seconds: Int = 60, _ isThere: @Sendable (VirtualScreen) -> Bool
    ) throws {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while !isThere(screen) {
            let isOver = hasEnded
            if read(milliseconds: isOver ? 0 : 100) {
                // Looking costs more than reading, so what has come is read first, unless it never ends.
                for _ in 0..<100 where read(milliseconds: 0) {}
                continue
            }
            guard !isOver, ContinuousClock.now < deadline else {
                let why = isOver ? "before the program ended" : "in \(seconds) s"
                throw NotSeen(description: "Not seen \(why): \(what). The screen:\n\(screen.text)")
            }
        }
    }

    /// Reads until a text stands on the screen.
    public func wait(for text: String, seconds: Int = 60) throws {
        try wait(for: "“\(text)”", seconds: seconds) { $0.text.contains(text) }
    }

    /// Reads until the screen shows this canvas in this theme, cell by cell.
    public func wait(
        toShow canvas: Canvas, _ theme: Theme, _ tier: ColorTier, seconds: Int = 60,
        adapted: @Sendable (VirtualScreen.Cell) -> VirtualScreen.Cell = { $0 }
    ) throws {
        do {
            try wait(for: "the canvas", seconds: seconds) {
                $0.differences(from: canvas, theme, tier, adapted: adapted).isEmpty
            }
        } catch let error as NotSeen {
            let differences = screen.differences(from: canvas, theme, tier, adapted: adapted)
            let first = differences.prefix(10).joined(separator: "\n")
            throw NotSeen(description: "\(differences.count) cells differ:\n\(first)\n\(error)")
        }
    }

    /// Reads what the program sends until it rests for so long, and none of its threads works or waits for a processor.
    /// True while it runs.
    public func settle(milliseconds: Int32) -> Bool {
        while read(milliseconds: milliseconds) || isBusy {}
        return !hasEnded
    }

    /// Reads what the program sends for so long; a program that never rests can be waited for by that alone.
    public func linger(milliseconds: Int) {
        let end = ContinuousClock.now + .milliseconds(milliseconds)
        while !hasEnded, ContinuousClock.now < end { _ = read(milliseconds: 20) }
    }

    /// Whether a thread of the program could go on, by `/proc`: see proc(5), the third field of stat.
    private var isBusy: Bool {
        guard !hasEnded, let folder = opendir("/proc/\(process)/task") else { return false }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard name.first?.isNumber == true, let file = fopen("/proc/\(process)/task/\(name)/stat", "r") else {
                continue
            }
            defer { fclose(file) }
            var line = [CChar](repeating: 0, count: 512)
            guard fgets(&line, Int32(line.count), file) != nil else { continue }
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            // The name of a thread may hold anything but ends with the last bracket.
            let state = text.lastIndex(of: ")").map { text[$0...].dropFirst(2).first } ?? nil
            if state == "R" || state == "D" { return true }
        }
        return false
    }

    /// Waits for the program to end, reading what it still sends. Its exit code, or minus the signal that ended it.
    public func waitForEnd(seconds: Int = 60) throws -> Int {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while !hasEnded {
            guard ContinuousClock.now < deadline else {
                throw NotSeen(description: "The program did not end in \(seconds) s. The screen:\n\(screen.text)")
            }
            _ = read(milliseconds: 20)
        }
        while read(milliseconds: 0) {}
        return status ?? -1000
    }

    /// Whether the terminal's modes are those from before the program.
    public var hasFirstModes: Bool {
        var modes = termios()
        guard tcgetattr(pty.master, &modes) == 0 else { return false }
        let before = pty.modes
        return modes.c_iflag == before.c_iflag && modes.c_oflag == before.c_oflag && modes.c_cflag == before.c_cflag
            && modes.c_lflag == before.c_lflag
    }

    private var hasEnded: Bool {
        if status == nil {
            let status = Int(cpty_wait(&pty, 0))
            if status != -2000 { self.status = status }
        }
        return status != nil
    }

    /// Reads what comes within that time; false when nothing did.
    private func read(milliseconds: Int32) -> Bool {
        // Poll passes over a negative descriptor, and so waits its time after a hang-up too.
        var wait = pollfd(fd: pty.master, events: Int16(POLLIN), revents: 0)
        guard poll(&wait, 1, milliseconds) > 0 else { return false }
        var buffer = [UInt8](repeating: 0, count: 65536)
        let count = Glibc.read(pty.master, &buffer, buffer.count)
        guard count > 0 else { return false }
        output += buffer[..<count]
        screen.feed(buffer[..<count])
        return true
    }
}
