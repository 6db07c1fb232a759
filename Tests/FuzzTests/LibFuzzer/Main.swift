import FoundationEssentials
import Glibc

/// `gameday-fuzz TARGET [options of libFuzzer] [corpora]`, and without anything the names of the targets.
/// `gameday-fuzz TARGET --stretch FOLDER INPUT…` makes long inputs.
@main
enum GamedayFuzz {
    /// No input of these lengths may take a second of the processor.
    private static let mostSeconds = 1.0
    nonisolated(unsafe) private static var target: FuzzTarget = FuzzTarget.all[0]

    /// libFuzzer starts the program again to merge corpora, with its own options alone.
    private static let variable = "GAMEDAY_FUZZ_TARGET"

    static func main() {
        let arguments = CommandLine.arguments
        var words = CommandLine.unsafeArgv
        var count = CommandLine.argc
        if arguments.count > 1, !arguments[1].hasPrefix("-") {
            setenv(variable, arguments[1], 1)
            // The name is ours, the rest is libFuzzer's.
            words[1] = words[0]
            words += 1
            count -= 1
        }
        let name = getenv(variable).map { String(cString: $0) }
        guard let chosen = FuzzTarget.all.first(where: { $0.name == name }) else {
            for target in FuzzTarget.all { print(target.name, target.longest) }
            exit(arguments.count > 1 ? 64 : 0)
        }
        target = chosen
        if arguments.count > 4, arguments[2] == "--stretch" { exit(stretch(arguments[4...], into: arguments[3])) }
        exit(
            runDriver(&count, &words) { bytes, count in
                GamedayFuzz.run(Array(UnsafeBufferPointer(start: bytes, count: count)))
                return 0
            })
    }

    /// Writes long inputs made of these files into a folder, for libFuzzer to run.
    private static func stretch(_ files: ArraySlice<String>, into folder: String) -> CInt {
        do {
            for (number, file) in files.enumerated() {
                let seed = [UInt8](try Data(contentsOf: URL(filePath: file)))
                for (place, input) in Stretching.inputs(from: seed).enumerated() {
                    try Data(input).write(to: URL(filePath: "\(folder)/\(number)-\(place)"))
                }
            }
            return 0
        } catch {
            print(error)
            return 1
        }
    }

    private static func run(_ bytes: [UInt8]) {
        let start = seconds
        do {
            try target.run(bytes)
            let used = seconds - start
            try require(used < mostSeconds, "it took \(used) s of the processor")
        } catch {
            let words = "\n\(target.name): \(error)\n"
            write(STDERR_FILENO, words, words.utf8.count)
            abort()
        }
    }

    /// Of this thread alone, so that a busy machine makes no difference.
    private static var seconds: Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// Of libFuzzer, which came with the toolchain: it makes up inputs and calls `one` with each.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ words: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ one: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt
