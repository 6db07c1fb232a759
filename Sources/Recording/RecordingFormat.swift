public import MeshModel

/// The file format, for those who read recordings with a program of their own.
///
/// A recording is UTF-8 text, one JSON value a line, only ever appended to. The first line is an object, the header:
/// `{"gameday":3,"program":"…","created":<ms>,"session":{…}}`, where `gameday` is the version of the format, `created`
/// is in milliseconds since 1970 and `session` is as in an event of kind `session` (or null). Every other line is a
/// list that begins with `dt`, the milliseconds since the line before (since `created` for the first):
///
///     [dt, "kind", data]                      an event, its data as on the control plane's feed (fault, note, halt, …)
///     [dt, shape, late, in, out…, true?]      a poll of a proxy (kind `traffic`), see `shape`; true: it had restarted
///     [dt, "#rest", late, [shape, …]]         polls of these one after the other, all at rest; -n: of the next n shapes
///     [dt, "#word", …]                        a line about the file; no event
///
/// Events are numbered: each is one more than the event before. Words about the file:
///
///     [dt, "#number", n]          the next event is number n
///     [dt, "#shape", id, {"source","service","to":[…],"every":ms,"rest":[[active,hosts],…]}]
///     [dt, "#series", {…}]        all that is kept of one scope, for scopes with few samples in a while
///     [dt, "#checkpoint", {…}]    `t` and `n` (time and number so far), what the story told since the one before, and
///                                 `prev`, the place of that one in the file; the catalogue is told by
///                                 the place of the event that told it;
///                                 with `"full":true` it tells all again, as if there had been none
///     [dt, "#state", {…}]         follows a checkpoint: the rest of what is known, so that a reader can begin here
///     [dt, "#lost", n]            the disk was full, n events are missing; a checkpoint follows
///     [dt, "#end"]                the recording was closed in order
///     [dt, "#seal", "sha-256"]    over the seal before it (64 characters; none for the first) and the bytes since
///     [dt, "#segment", place]     a part begins that is packed by itself; this line stands at that place of the whole
///
/// A poll's `shape` tells whose it is. `in` is the traffic into the service, then one `out` for each of `to`; each is
/// null (no sample), 0 (at rest: an empty histogram, and all values at rest) or `[uncounted, bins, place, value, place,
/// value, …]`; those that are left out at the end are at rest. Its interval is `every` + `late` milliseconds.
/// `bins` is null (no histogram), a text, or a list of `[lower, width, count]` when a bin is not on the scale. In the
/// text a to z are the bins from 1 to 26 milliseconds, A to Z those from 27 to 52, and `~` with two letters (a to z are
/// 0 to 25, A to Z 26 to 51) the bin at the step of 52 times the first and the second; each counts one request, or as
/// many as the digits after it say. `uncounted` and all that a text counts are the requests completed. Step 1 of the
/// scale is zero milliseconds, step 2 + 90k + m is the bin from (10 + m) × 10^(k - 2) of width 10^(k - 2), m being 0…89
/// (Envoy's own bins). Values at rest are left out: counts are 0, 2xx is what was completed less the other classes,
/// active requests and hosts (all healthy) are as in the shape's `rest`, null being unknown. Others follow by place: 0
/// interval, 2 2xx, 3 3xx, 4 4xx, 5 5xx, 6 resets, 7 active, 8 retries, 9 timeouts, 10 overflows, 11 connect failures,
/// 12 aborts, 13 delays and 14 rate limits injected, 15 healthy hosts, 16 hosts.
///
/// Format 2 had no zeros and no `#rest`. Format 1 had no texts: in its lists a positive number goes so many steps up and
/// a negative one after it says how many requests were there.
///
/// The file of a day that is over is packed: the same lines, packed by bzip3 (`bzip3 -d`), 320 KiB a block. While the
/// day goes on the parts that are full are packed so, and the open one stands as lines in the file beside it, which
/// begins with a `#segment` from the second on. Should both hold the same bytes, the writer died between the two.
///
/// A reader skips words and kinds it does not know (an unknown kind still counts as an event), and a last line without
/// its newline: the writer died in the middle of it.
public enum RecordingFormat {
    /// The version that is written. A reader shows what it can of later ones.
    public static let version = 3
    /// What the name of a file ends with while it is written.
    public static let suffix = ".jsonl"
    /// What names of recordings end with, packed or not.
    public static let suffixes = [suffix + packedSuffix, suffix]
    /// What is added to the name of a packed one.
    public static let packedSuffix = ".bz3"

    /// A file's name without what such names end with.
    public static func stem(of name: String) -> String {
        suffixes.first(where: name.hasSuffix).map { String(name.dropLast($0.count)) } ?? name
    }

    static let number = "#number"
    static let shape = "#shape"
    static let series = "#series"
    static let checkpoint = "#checkpoint"
    static let state = "#state"
    static let lost = "#lost"
    static let end = "#end"
    static let seal = "#seal"
    static let segment = "#segment"
    static let rest = "#rest"
}

/// The first line of a recording: what it is of, and what wrote it.
public struct RecordingHeader: Equatable, Sendable {
    public var version: Int
    /// The name and version of the writing program.
    public var program: String
    public var created: Timestamp
    /// The session as it was known when the recording began: the mesh's name and its objectives among others.
    public var session: Session?

    public init(program: String, created: Timestamp, session: Session?) {
        version = RecordingFormat.version
        self.program = program
        self.created = created
        self.session = session
    }

    func write(to writer: inout JSONWriter) {
        writer.object {
            $0.name("gameday")
            $0.write(version)
            $0.name("program")
            $0.write(program)
            $0.name("created")
            $0.write(created.milliseconds)
            $0.name("session")
            $0.write(session?.json ?? .null)
        }
        writer.newline()
    }

    init(line: [UInt8]) throws(WireError) {
        let json: JSON
        do { json = try JSON(parsing: line) } catch {
            throw WireError(page: "recording", path: "", found: error.message)
        }
        let fields = WireFields(json, page: "recording")
        version = try fields.integer("gameday")
        program = fields.value("program")?.string ?? "an unknown program"
        created = try fields.timestamp("created")
        session = fields.value("session").flatMap { try? Session(WireFields($0, page: "recording", path: "session")) }
    }
}
