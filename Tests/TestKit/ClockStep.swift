import Glibc

/// Sets the clock on the wall of programs that a test starts, and no other of their clocks.
public struct ClockStep: Sendable {
    private let file: String

    public init(in folder: String) {
        file = folder + "/clock-step"
        set(seconds: 0)
    }

    /// What a program is started with so that its clock can be set.
    public var environment: [String] {
        ["LD_PRELOAD=\(BuiltProgram.path("libclock-step.so"))", "CLOCK_STEP=\(file)"]
    }

    /// The programs' clocks are so far from the machine's from now on.
    public func set(seconds: Int64) {
        let descriptor = open(file, O_WRONLY | O_CREAT, 0o600)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var seconds = seconds
        _ = write(descriptor, &seconds, 8)
    }
}
