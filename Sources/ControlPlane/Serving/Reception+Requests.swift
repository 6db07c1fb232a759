internal import CLinux
internal import Glibc
internal import MeshClient
internal import MeshModel

extension Reception {
    /// Takes the visitor's requests as far as they have come.
    func advance(_ visit: Visit) {
        do throws(Problem) {
            while true {
                switch visit.stage {
                case .head:
                    guard let head = try visit.reader.nextHead() else { return }
                    try expectBody(of: head, visit)
                case .body(let errand, let length):
                    guard let body = visit.reader.nextBody(length) else { return }
                    return perform(errand, body, for: visit)
                case .performing, .answering, .feeding, .leaving: return
                }
            }
        } catch {
            refuse(visit, error)
        }
    }

    /// Asks who it is before anything more is read.
    private func expectBody(of head: RequestHead, _ visit: Visit) throws(Problem) {
        let caller = try server.caller(of: head, at: door)
        let length = try head.bodyLength(most: Server.largestBody)
        var errand = Visit.Errand(head: head, caller: caller, route: server.route(of: head, for: caller, at: door))
        if case .success(let route) = errand.route, !hasRoom(for: route) { errand.route = .failure(.busy()) }
        visit.stage = .body(errand, length: length)
        visit.deadline = SuspendingClock.now + limits.bodyTime
        if head.waitsForLeave, length > 0 {
            visit.write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
            _ = visit.send()
        }
    }

    private func hasRoom(for route: ControlPlaneRoute) -> Bool {
        if route.endsEverything { return true }
        guard visits.values.reduce(0, { $0 + $1.unsentCount }) < limits.unsent else { return false }
        if case .events = route { return visits.values.count { $0.isFeeding } < limits.feeds }
        return !route.mayWait || acting < limits.acting
    }

    private func perform(_ errand: Visit.Errand, _ body: [UInt8], for visit: Visit) {
        visit.stage = .performing
        visit.deadline = nil
        watch(visit, 0)
        acting += errand.mayWait ? 1 : 0
        let (socket, number) = (visit.socket, visit.number)
        Task(executorPreference: tasks) { [self] in
            await finish(socket, number, errand, await server.answer(errand, body: body))
        }
    }

    private func finish(_ socket: Int32, _ number: UInt64, _ errand: Visit.Errand, _ answer: Answer) {
        acting -= errand.mayWait ? 1 : 0
        // Whoever asked may be gone, and somebody else have the descriptor.
        guard let visit = visits[socket], visit.number == number else { return }
        give(answer, to: errand.head, visit)
    }

    private func give(_ answer: Answer, to head: RequestHead, _ visit: Visit) {
        visit.isKnown = true
        visit.since = SuspendingClock.now
        visit.keepsConnection = head.keepsConnection && !isStopping
        if case .feed = answer.body, head.isOld { visit.keepsConnection = false }
        visit.write(answer.head(keepsConnection: visit.keepsConnection, isOld: head.isOld))
        switch answer.body {
        case .bytes(let bytes):
            visit.write(bytes)
            visit.stage = .answering
        case .feed(let feed):
            visit.hasChunks = !head.isOld
            visit.stage = .feeding(feed)
            follow()
        }
        flush(visit)
    }

    /// Says why not, and hangs up: of somebody unknown nothing more is read.
    func refuse(_ visit: Visit, _ problem: Problem) {
        let answer = Answer.problem(problem)
        visit.keepsConnection = false
        visit.write(answer.head(keepsConnection: false, isOld: false))
        if case .bytes(let bytes) = answer.body { visit.write(bytes) }
        visit.stage = .answering
        flush(visit)
    }

    /// Sends what there is room for, and goes on when all is sent.
    func flush(_ visit: Visit) {
        switch visit.send() {
        case .lost: end(visit)
        case .blocked(let hasMoved):
            if hasMoved || visit.watched != EPOLLOUT.rawValue {
                visit.deadline = SuspendingClock.now + (visit.isFeeding ? limits.feedStallTime : limits.stallTime)
            }
            watch(visit, EPOLLOUT.rawValue)
        case .done:
            switch visit.stage {
            case .feeding: feed(visit)
            case .answering where visit.keepsConnection: awaitNext(visit)
            case .answering: seeOff(visit)
            case .head, .body, .performing, .leaving: return
            }
        }
    }

    private func awaitNext(_ visit: Visit) {
        visit.stage = .head
        visit.since = SuspendingClock.now
        visit.deadline = visit.since + (visit.reader.isEmpty ? limits.idleTime : limits.headTime)
        watch(visit, EPOLLIN.rawValue)
        advance(visit)
    }

    /// Hanging up on what was not read yet would reset the connection, and the answer could be lost with it.
    private func seeOff(_ visit: Visit) {
        shutdown(visit.socket, Int32(SHUT_WR))
        visit.stage = .leaving
        visit.since = SuspendingClock.now
        visit.deadline = visit.since + limits.farewellTime
        watch(visit, EPOLLIN.rawValue)
    }

    /// Sends a reader what is new, as long as there is room.
    private func feed(_ visit: Visit) {
        guard case .feeding(var feed) = visit.stage else { return }
        let next = feed.next()
        visit.stage = .feeding(feed)
        switch next {
        case .bytes(let bytes):
            visit.write(visit.hasChunks ? Answer.chunk(bytes) : bytes)
            flush(visit)
        case .nothing:
            visit.deadline = nil
            watch(visit, 0)
        case .over:
            if visit.hasChunks { visit.write(Answer.chunk([])) }
            visit.keepsConnection = false
            visit.stage = .answering
            flush(visit)
        }
    }

    /// Wakes the readers when there are events, until there are no readers.
    private func follow() {
        guard following == nil else { return }
        following = Task(executorPreference: tasks) { [self] in
            while let last = await feedAll() { await server.log.wait(after: last) }
        }
    }

    /// Nil when nobody is left to be fed, else the number of the event from which on there may be more to tell.
    private func feedAll() -> UInt64? {
        let (last, isOver) = (server.log.read { $0.lastNumber }, server.log.isClosed)
        let readers = visits.values.filter(\.isFeeding)
        for visit in readers where visit.unsentCount == 0 { feed(visit) }
        guard !isOver, !readers.isEmpty, !Task.isCancelled else {
            following = nil
            return nil
        }
        return last
    }
}

extension Visit {
    var isFeeding: Bool {
        if case .feeding = stage { true } else { false }
    }
}

extension Visit.Errand {
    /// Whether the answer may be a while in coming.
    var mayWait: Bool { (try? route.get())?.mayWait ?? false }
}

extension ControlPlaneRoute {
    /// True when the answer needs no proxy, no disk and no desk.
    var mayWait: Bool {
        switch self {
        case .health, .status, .events, .faults, .objective, .service, .edge, .note, .leave, .metrics: false
        case .startFault, .stopFault, .forgetFault, .changeFault, .stopFaults, .abilities, .protection,
            .log, .experiments, .startExperiment, .abortExperiment, .journal, .halt, .rearm, .shutdown:
            true
        }
    }

    /// What no load may keep from being done.
    var endsEverything: Bool { self == .halt || self == .shutdown }
}
