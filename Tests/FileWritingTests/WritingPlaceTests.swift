import FileWriting
import Foundation
import Glibc
import Synchronization
import Testing

/// What stands at a path decides how it is written to.
@Suite struct WritingPlaceTests {
    private let folder = Folder()
    private let text = Array("whole\n".utf8)

    @Test func `a new file is its owner's alone`() throws {
        try WritingPlace(folder.path("new")).write(text)
        #expect(try folder.text("new") == "whole\n")
        #expect(folder.status("new")?.st_mode == S_IFREG | 0o600)
        #expect(folder.names == ["new"])
    }

    @Test func `a file that is replaced keeps its mode`() throws {
        try folder.make("old", mode: 0o640)
        let before = folder.status("old")
        try WritingPlace(folder.path("old")).write(text)
        #expect(folder.status("old")?.st_mode == S_IFREG | 0o640)
        #expect(folder.status("old")?.st_ino != before?.st_ino)
        #expect(folder.names == ["old"])
    }

    @Test(.enabled(if: geteuid() == 0)) func `a file of somebody else stays theirs`() throws {
        try folder.make("theirs", mode: 0o644)
        #expect(chown(folder.path("theirs"), 1234, 4321) == 0)
        try WritingPlace(folder.path("theirs")).write(text)
        #expect(folder.status("theirs")?.st_uid == 1234)
        #expect(folder.status("theirs")?.st_gid == 4321)
        #expect(try folder.text("theirs") == "whole\n")
    }

    @Test func `a link stays, and what it leads to is replaced`() throws {
        try folder.make("real", mode: 0o600)
        try folder.link("link", to: "real")
        try folder.link("chain", to: folder.path("link"))
        try WritingPlace(folder.path("chain")).write(text)
        #expect(try folder.text("real") == "whole\n")
        #expect(folder.status("link").map { $0.st_mode & S_IFMT } == S_IFLNK)
        #expect(folder.status("chain").map { $0.st_mode & S_IFMT } == S_IFLNK)
    }

    @Test func `a link to nothing stays, and what it leads to is made`() throws {
        try folder.link("link", to: "later")
        try WritingPlace(folder.path("link")).write(text)
        #expect(try folder.text("later") == "whole\n")
        #expect(folder.status("link").map { $0.st_mode & S_IFMT } == S_IFLNK)
    }

    @Test func `links in a circle are refused`() throws {
        try folder.link("a", to: "b")
        try folder.link("b", to: "a")
        #expect(throws: FileTrouble(path: folder.path("a"), code: ELOOP)) { try WritingPlace(folder.path("a")) }
    }

    @Test func `a device stays what it is`() throws {
        let null = try WritingPlace("/dev/null")
        try null.check()
        try null.write(text)
        #expect(!null.isReplaced)
        var status = stat()
        #expect(stat("/dev/null", &status) == 0 && status.st_mode & S_IFMT == S_IFCHR)
        #expect(throws: FileTrouble(path: "/dev/full", code: ENOSPC)) { try WritingPlace("/dev/full").write(text) }
    }

    @Test func `a pipe that nobody reads is refused at once`() throws {
        #expect(mkfifo(folder.path("pipe"), 0o600) == 0)
        #expect(throws: FileTrouble(path: folder.path("pipe"), code: ENXIO)) { try WritingPlace(folder.path("pipe")) }
        #expect(folder.status("pipe").map { $0.st_mode & S_IFMT } == S_IFIFO)
    }

    @Test func `a pipe is held open from the look at it until it is written`() throws {
        #expect(mkfifo(folder.path("pipe"), 0o600) == 0)
        let reader = open(folder.path("pipe"), O_RDONLY | O_NONBLOCK)
        defer { close(reader) }
        let place = try WritingPlace(folder.path("pipe"))
        try place.check()
        try place.write(text)
        var bytes = [UInt8](repeating: 0, count: 100)
        #expect(read(reader, &bytes, 100) == text.count)
        #expect(folder.status("pipe").map { $0.st_mode & S_IFMT } == S_IFIFO)
    }

    @Test func `a folder, a missing folder and a socket are told apart`() throws {
        #expect(throws: FileTrouble(path: folder.path, code: EISDIR)) { try WritingPlace(folder.path) }
        let missing = folder.path("none/file")
        #expect(throws: FileTrouble(path: missing, code: ENOENT)) { try WritingPlace(missing).check() }
        #expect(FileTrouble(path: missing, code: ENOENT).remedy != nil)
    }

    @Test func `a check leaves nothing behind`() throws {
        try WritingPlace(folder.path("new")).check()
        try folder.make("old", mode: 0o600)
        try WritingPlace(folder.path("old")).check()
        #expect(folder.names == ["old"])
        #expect(try folder.text("old") == "old\n")
    }

    @Test func `what is not finished is not there`() throws {
        do {
            let writing = try FileInWriting(WritingPlace(folder.path("new")))
            try writing.write(text)
        }
        #expect(folder.names == [])
    }
}

/// A folder for a test, gone with it.
private final class Folder: Sendable {
    let path: String

    init() {
        path = FileManager.default.temporaryDirectory.appending(path: "writing-\(UUID().uuidString)").path()
        mkdir(path, 0o700)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func path(_ name: String) -> String { path + "/" + name }
    var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path).sorted()) ?? [] }
    func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }

    func make(_ name: String, mode: mode_t) throws {
        try "old\n".write(toFile: path(name), atomically: false, encoding: .utf8)
        #expect(chmod(path(name), mode) == 0)
    }

    func link(_ name: String, to target: String) throws {
        #expect(symlink(target, path(name)) == 0)
    }

    func status(_ name: String) -> stat? {
        var status = stat()
        return lstat(path(name), &status) == 0 ? status : nil
    }
}
