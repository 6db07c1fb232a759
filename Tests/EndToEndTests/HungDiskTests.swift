import Glibc
import MeshClient
import MeshModel
import Recording
import TestKit
import Testing

/// The disk that a session is recorded to hangs: a debugger holds the recorder's thread in the middle of a write, as
/// such a disk would.
@Suite(.timeLimit(.minutes(2)), .serialized) struct HungDiskTests {
    private let bar: StubEnvoy
    private let home: GamedayHome

    init() throws {
        bar = try StubEnvoy(service: "bar", callees: ["taps"])
        home = try GamedayHome()
        home.write("name: a stub\npoll: 200ms\nproxies:\n  - {service: bar, admin: \"\(bar.url)\"}\n", to: "mesh.yaml")
    }

    /// Starts the program that stands after the folder of its recordings, holds its recorder in a write to one of
    /// them, and lets go when it ends or when there is a file `go`. Whoever starts a program may debug it.
    private static let debugger = """
        import ctypes, os, platform, subprocess, sys, time
        folder, command = sys.argv[1], sys.argv[2:]
        process = subprocess.Popen(command)
        def has_written():
            return os.path.isdir(folder) and any(entry.stat().st_size for entry in os.scandir(folder))
        while not has_written():
            assert process.poll() is None
            time.sleep(0.01)
        tasks = f"/proc/{process.pid}/task"
        def text(path):
            return open(path).read()
        thread = next(int(task) for task in os.listdir(tasks) if text(f"{tasks}/{task}/comm") == "gd-recorder\\n")
        libc = ctypes.CDLL(None, use_errno=True)
        libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        attach, detach, to_next_call, every_thread = 16, 17, 24, 0x40000000
        def ask(what):
            assert libc.ptrace(what, thread, None, None) == 0, os.strerror(ctypes.get_errno())
        write = "64" if platform.machine() == "aarch64" else "1"
        def is_writing():
            call = text(f"{tasks}/{thread}/syscall").split()
            if call[0] != write:
                return False
            return os.readlink(f"/proc/{process.pid}/fd/{int(call[1], 16)}").startswith(folder)
        ask(attach)
        os.waitpid(thread, every_thread)
        while not is_writing():
            ask(to_next_call)
            os.waitpid(thread, every_thread)
        while not os.path.exists(folder + "/go"):
            if os.waitpid(thread, every_thread | os.WNOHANG)[0] == thread:
                sys.exit(process.wait())
            time.sleep(0.01)
        ask(detach)
        sys.exit(process.wait())
        """

    /// Runs a control plane with a recorder that is held, and the body; answers what became of it.
    private func held(_ body: (ControlPlaneClient) async throws -> Void) async throws -> GamedayHome.Outcome {
        async let outcome = home.run(
            program: "/usr/bin/python3",
            [
                "-c", Self.debugger, home.folder + "/data/gameday/recordings", GamedayHome.program, "up",
                "--foreground",
                "-f", home.folder + "/mesh.yaml", "--socket", home.socket,
            ])
        let client = ControlPlaneClient(socket: home.socket, transport: try CurlTransport())
        // Until the socket is there, the feed tries again.
        try await home.wait(client) { $0.edges.count == 1 && $0.recording?.phase == .stopped }
        try await body(client)
        return try await outcome
    }

    private func recording() throws -> RecordingReader {
        let files = RecordingFolder(path: home.folder + "/data/gameday/recordings").items()
        try #require(files.count == 1)
        return try RecordingReader(path: files[0].path)
    }

    @Test func `it is told on the screen, holds back no undo, and no end for long`() async throws {
        let outcome = try await held { client in
            var told = MeshState()
            try await home.wait(client) {
                told = $0
                return $0.recording?.phase == .stopped
            }
            #expect(told.recording?.explanation == "the disk does not respond")
            let started = try await home.succeed(
                "fault", "start", "--from", "bar", "--to", "taps", "--abort", "503", "--percent", "50")
            try #require(started.code == 0, "\(started.output)")
            #expect(!bar.keys.isEmpty)
            kill(try #require(home.controlPlane), SIGTERM)
        }
        #expect(bar.keys.isEmpty && outcome.code == 0, "\(outcome.output)")
        #expect(outcome.output.contains("the end of the recording is missing"), "\(outcome.output)")
        #expect(home.controlPlane == nil && home.guardProcess == nil)
        // What was written before is a recording, and is told to be no whole one.
        let reader = try recording()
        #expect(!reader.isComplete && reader.header.session?.name == "a stub")
    }

    @Test func `once the disk answers again, the recording goes on, and is whole`() async throws {
        let outcome = try await held { client in
            home.write("", to: "data/gameday/recordings/go")
            try await home.wait(client) { $0.recording?.phase == .on }
            kill(try #require(home.controlPlane), SIGTERM)
        }
        #expect(outcome.code == 0 && !outcome.output.contains("is missing"), "\(outcome.output)")
        let reader = try recording()
        #expect(reader.isComplete && reader.verified().isSound)
        let told = reader.story().timeline.map(\.text)
        #expect(told.contains("NOT RECORDING: the disk does not respond") && told.contains("recording again"))
    }
}
