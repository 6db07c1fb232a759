// swift-tools-version: 6.2
import PackageDescription

/// One list of settings for every target of ours. Warnings are errors.
let house: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .treatAllWarnings(as: .error),
]

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let flyingFox = Target.Dependency.product(name: "FlyingFox", package: "FlyingFox")
let flyingSocks = Target.Dependency.product(name: "FlyingSocks", package: "FlyingFox")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

/// The coverage-guided fuzzers replace the tests and the programs, so that nobody else ever builds them: see `.ci/fuzz`.
let isFuzzing = Context.environment["GAMEDAY_FUZZ"] != nil

/// A library of the house: what it may import is what it lists here, and CI checks that nothing else is imported.
func module(
    _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = [], resources: [Resource] = []
) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, resources: resources, swiftSettings: house)
}

func suite(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies + ["TestKit"], exclude: exclude, swiftSettings: house)
}

/// A program of the house. The fuzzers take it as a library, whose entry must not be theirs.
func program(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource]) -> Target {
    guard isFuzzing else {
        return .executableTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: house)
    }
    // The optimiser of Swift 6.3 finds a circle in it when tests may look inside.
    let entry = ["-Onone", "-Xfrontend", "-entry-point-function-name", "-Xfrontend", "\(name)_main"]
    return .target(
        name: name, dependencies: dependencies, resources: resources,
        swiftSettings: house + [.unsafeFlags(entry)])
}

/// What has a decoder.
let fuzzed: [Target.Dependency] = [
    "gameday", "MeshModel", "TerminalCanvas", "Dashboard", "CursesTerminal", "MeshClient", "Experiments", "Recording",
    "ControlPlane", "DemoMesh", yams,
]

let package = Package(
    name: "gameday",
    products: [
        .library(name: "MeshClient", targets: ["MeshClient", "MeshModel"]),
        .executable(name: "gameday", targets: ["gameday"]),
        .executable(name: "gameday-bench", targets: ["gameday-bench"]),
        // For tests: preloaded, it sets a program's clock.
        .library(name: "clock-step", type: .dynamic, targets: ["ClockStep"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
    ],
    targets: [
        .target(
            name: "CNCurses",
            linkerSettings: [.linkedLibrary("ncursesw"), .linkedLibrary("tinfo")]),
        .target(name: "CLinux"),
        // Not linked: it is loaded when it is needed, see late.c.
        .target(name: "CCurl"),
        .systemLibrary(name: "CBzip3"),

        module("MeshModel"),
        module("TerminalCanvas"),
        module("PinnedThreads"),
        module("ChildPrograms", ["PinnedThreads", "CLinux"]),
        module("FileWriting"),
        module("Dashboard", ["MeshModel", "TerminalCanvas"]),
        module("CursesTerminal", ["TerminalCanvas", "PinnedThreads", "CNCurses"]),
        module("MeshClient", ["MeshModel", "ChildPrograms", "PinnedThreads", "CCurl", yams]),
        module("Experiments", ["MeshModel", "MeshClient", "ChildPrograms", "PinnedThreads", "FileWriting", yams]),
        module("Recording", ["MeshModel", "CBzip3"]),
        module(
            "ControlPlane",
            [
                "MeshModel", "MeshClient", "Experiments", "Recording", "PinnedThreads", "CLinux", logging,
            ]),
        module(
            "DemoMesh", ["MeshModel", "MeshClient", "PinnedThreads", "CLinux", flyingFox, flyingSocks, logging],
            // In the program itself, so that one file is all that is needed.
            resources: [.embedInCode("Experiments")]),

        program(
            "gameday",
            [
                "MeshModel", "TerminalCanvas", "Dashboard", "CursesTerminal", "MeshClient", "Experiments",
                "Recording", "ControlPlane", "DemoMesh", "FileWriting", "ChildPrograms", "CLinux", argumentParser,
                logging,
                yams,
            ],
            resources: [.embedInCode("Topics")]),
        .executableTarget(
            name: "gameday-bench",
            dependencies: [
                "MeshModel", "TerminalCanvas", "Dashboard", "CursesTerminal", "MeshClient", "DemoMesh", "Recording",
                "CCurl", "CPty",
                argumentParser,
            ],
            swiftSettings: house),

        .target(name: "ClockStep", path: "Tests/ClockStep"),
        .target(name: "CPty", path: "Tests/CPty", linkerSettings: [.linkedLibrary("util")]),
        .target(
            name: "TestKit",
            dependencies: ["MeshModel", "TerminalCanvas", "MeshClient", "PinnedThreads", "CPty", flyingFox],
            path: "Tests/TestKit",
            swiftSettings: house),
        // What the manual shows of the library.
        .executableTarget(
            name: "library-example", dependencies: ["MeshClient", "MeshModel"], path: "Tests/LibraryExample",
            swiftSettings: house),
        suite("MeshModelTests", ["MeshModel"]),
        suite("PinnedThreadsTests", ["PinnedThreads"]),
        suite("FileWritingTests", ["FileWriting"]),
        suite("TerminalCanvasTests", ["TerminalCanvas", yams], exclude: ["Pictures"]),
        .executableTarget(
            name: "terminal-probe", dependencies: ["CursesTerminal", "TerminalCanvas"], path: "Tests/TerminalProbe",
            swiftSettings: house),
        suite("CursesTerminalTests", ["CursesTerminal", "CNCurses", "TerminalCanvas", "terminal-probe"]),
        suite("DashboardTests", ["Dashboard", "MeshModel", "TerminalCanvas"], exclude: ["Frames", "Screenplays"]),
        suite("MeshClientTests", ["MeshClient", "ChildPrograms", "MeshModel", flyingFox], exclude: ["Fixtures"]),
        suite(
            "ExperimentsTests", ["Experiments", "ChildPrograms", "MeshClient", "MeshModel", "gameday"],
            exclude: ["Fixtures", "ConformanceSuite"]),
        suite("RecordingTests", ["Recording", "MeshModel"]),
        suite(
            "ControlPlaneTests",
            ["ControlPlane", "Experiments", "MeshClient", "MeshModel", "Recording", logging]),
        suite("DemoMeshTests", ["DemoMesh", "MeshClient", "MeshModel"], exclude: ["Goldens"]),
        suite(
            "EndToEndTests",
            ["gameday", "Dashboard", "MeshModel", "TerminalCanvas", "MeshClient", "Recording", "CPty"],
            exclude: ["Goldens"]),
        suite("FuzzTests", fuzzed, exclude: ["Corpus", "LibFuzzer"]),
        suite(
            "RealComponentTests",
            ["DemoMesh", "ControlPlane", "MeshClient", "MeshModel", logging, "library-example"],
            exclude: ["Fixtures"]),
    ]
)

if isFuzzing {
    package.products = []
    package.targets.removeAll { $0.type == .test || $0.type == .executable || $0.path?.hasPrefix("Tests/") == true }
    package.targets.append(
        .executableTarget(
            name: "gameday-fuzz", dependencies: fuzzed, path: "Tests/FuzzTests",
            exclude: ["Corpus", "CorpusTests.swift"],
            swiftSettings: house, linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])]))
}
