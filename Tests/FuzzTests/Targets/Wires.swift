import MeshModel

@testable import ControlPlane
@testable import MeshClient

extension FuzzTarget {
    /// What programs say to each other in JSON.
    static let wires: [FuzzTarget] = [
        FuzzTarget(name: "json") { bytes in
            guard let value = try? JSON(parsing: bytes) else { return }
            try requireSame(
                try JSON(parsing: value.bytes).text, value.text, "written and read again it is another value")
        },
        FuzzTarget(name: "event") { bytes in
            guard let reading = try? EventWire.read(bytes), case .event(let event) = reading else { return }
            let line = EventWire.line(event)
            try require(line.last == 0x0A && line.dropLast().firstIndex(of: 0x0A) == nil, "an event is one line")
            guard case .event(let again) = try EventWire.read(line) else { throw Broken("its own line is unknown") }
            try requireSame(again.number, event.number, "another number")
            try requireSame(EventWire.line(again).text, line.text, "written twice it is another line")
        },
        FuzzTarget(name: "feed") { bytes in
            // Wherever the stream is cut, the events are the same.
            let (cuts, stream) = bytes.halves
            let whole = try InlineTasks.run { try await events(of: [stream]) }
            var pieces: [[UInt8]] = []
            var rest = stream[...]
            for cut in cuts where !rest.isEmpty {
                pieces.append(Array(rest.prefix(Int(cut))))
                rest = rest.dropFirst(Int(cut))
            }
            let given = pieces + [Array(rest)]
            try requireSame(
                try InlineTasks.run { try await events(of: given) }, whole, "cut otherwise it tells otherwise")
        },
        FuzzTarget(name: "request") { bytes in
            guard let json = try? JSON(parsing: bytes) else { return }
            let fields = WireFields(json, page: "request")
            if let request = try? FaultRequest(fields) {
                try requireSame(try FaultRequest(again(request.json)).json.text, request.json.text, "another wish")
            }
            if let change = try? FaultChange(fields) {
                try requireSame(try FaultChange(again(change.json)).json.text, change.json.text, "another change")
            }
            if let request = try? ExperimentRequest(fields) {
                try requireSame(try ExperimentRequest(again(request.json)), request, "another run")
            }
        },
        FuzzTarget(name: "problem") { bytes in
            guard let json = try? JSON(parsing: bytes), let problem = try? Problem(WireFields(json, page: "problem"))
            else { return }
            try requireSame(try Problem(again(problem.json)), problem, "another problem")
        },
        FuzzTarget(name: "route") { bytes in
            let (target, method) = bytes.halves
            for method in [method.text, "GET", "POST", "DELETE", "PATCH"] {
                guard let route = ControlPlaneRoute(method: method, target: target.text) else { continue }
                try requireSame(route.method, method, "another method")
                try require(
                    route.path.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }, "the path needs escapes: \(route.path)")
            }
        },
        FuzzTarget(name: "http-request", longest: 65536) { bytes in
            // Whole, and byte by byte: what comes out must not depend on how it came in.
            let (whole, cut) = (HTTPOutcome(bytes, piece: bytes.count), HTTPOutcome(bytes, piece: 1))
            try requireSame(cut, whole, "another request")
        },
        FuzzTarget(name: "ledger", longest: 16384) { bytes in
            let contents = LedgerContents(bytes)
            for entry in contents.open {
                let line = LedgerLine.intent(entry)
                try require(line.bytes.dropLast().firstIndex(of: 0x0A) == nil, "an entry is one line")
                guard let again = LedgerLine(parsing: line.bytes.dropLast()) else {
                    throw Broken("its own line is none")
                }
                try requireSame(again.bytes.text, line.bytes.text, "another entry")
            }
            // A ledger that lost its end is one: nothing that is open in it may go unseen in the whole, but for an end.
            let rewritten = contents.open.flatMap { LedgerLine.intent($0).bytes }
            try requireSame(
                LedgerContents(rewritten).open.map(\.fault.id), contents.open.map(\.fault.id), "other faults are open")
        },
        FuzzTarget(name: "run-mark") { bytes in
            guard let mark = RunMark(parsing: bytes) else { return }
            try requireSame(RunMark(parsing: mark.bytes), mark, "another mark")
        },
    ]

    private static func again(_ json: JSON) throws -> WireFields {
        WireFields(try JSON(parsing: json.bytes), page: "again")
    }

    private static func events(of pieces: [[UInt8]]) async throws -> [String] {
        let lines = EventLines(
            AsyncThrowingStream { stream in
                for piece in pieces where !piece.isEmpty { stream.yield(piece) }
                stream.finish()
            })
        var told: [String] = []
        do {
            while let event = try await lines.nextEvent() { told.append(EventWire.line(event).text) }
        } catch let error as WireError {
            told.append(error.summary)
        }
        return told
    }
}

/// What a connection's bytes came to: the requests, and the status with which the rest was refused.
private struct HTTPOutcome: Equatable {
    var heads: [RequestHead] = []
    var bodies: [[UInt8]] = []
    var refusal: Int?

    init(_ bytes: [UInt8], piece: Int) {
        var reader = RequestReader()
        var rest = bytes[...]
        while !rest.isEmpty, refusal == nil {
            reader.take(Array(rest.prefix(piece)))
            rest = rest.dropFirst(piece)
            do throws(Problem) { try read(&reader) } catch { refusal = error.status }
        }
    }

    private mutating func read(_ reader: inout RequestReader) throws(Problem) {
        while true {
            if heads.count == bodies.count {
                guard let head = try reader.nextHead() else { return }
                heads.append(head)
            }
            guard let last = heads.last, let body = reader.nextBody(try last.bodyLength(most: 1000)) else { return }
            bodies.append(body)
        }
    }
}
