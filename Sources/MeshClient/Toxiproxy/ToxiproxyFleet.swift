internal import MeshModel

/// One server as the settings name it.
struct ToxiproxyTarget: Equatable, Sendable {
    /// The base URL, without a slash at the end.
    var url: String
    var naming = ToxiproxyNaming()
}

/// Polls any number of Toxiproxy servers at an interval, each by itself: the list of its proxies, and while that hangs
/// each proxy by its name.
struct ToxiproxyFleet<C: Clock>: Sendable where C.Duration == Duration {
    /// Each request for a list that hangs stays in the server for ever, so it is rarely asked.
    private static var rest: Duration { .seconds(30) }

    private let targets: [ToxiproxyTarget]
    private let transport: any HTTPTransport
    private let interval: Duration
    /// A proxy that hangs has had its time then, and none waits for it.
    private let deadline: Duration
    private let directory: ToxiproxyDirectory
    private let clock: C
    private let bell = PollBell()
    let meter = PollMeter()

    init(
        _ targets: [ToxiproxyTarget], transport: any HTTPTransport, interval: Duration,
        deadline: Duration = .seconds(2), directory: ToxiproxyDirectory, clock: C = ContinuousClock()
    ) {
        self.targets = targets
        self.transport = transport
        self.interval = interval
        self.deadline = deadline
        self.directory = directory
        self.clock = clock
    }

    func run(telling turns: @escaping @Sendable (AdapterTurn) -> Void) async {
        await withDiscardingTaskGroup { group in
            for (place, target) in targets.enumerated() {
                group.addTask { await poll(target, place, turns) }
            }
        }
    }

    func pollSoon(_ sources: Set<String>) {
        bell.ring(sources)
    }

    private func poll(_ target: ToxiproxyTarget, _ slot: Int, _ turns: @Sendable (AdapterTurn) -> Void) async {
        let reader = ToxiproxyReader(url: target.url, naming: target.naming, directory: directory)
        let server = ToxiproxyServer(url: target.url, transport: transport, deadline: deadline)
        var next = clock.now
        var listFrom = next
        while await bell.wake(slot, at: next, by: clock) {
            let wanted = bell.take(slot)
            if clock.now < next {
                turns(AdapterTurn(await ask(reader.proxies(of: wanted), server, reader)))
                continue
            }
            meter.turn(isLate: next.duration(to: clock.now) > interval / 2)
            let isListed = clock.now >= listFrom
            var observations: [Observation] = []
            if isListed {
                let hangs: Bool
                (observations, hangs) = await list(server, reader)
                listFrom = hangs ? clock.now.advanced(by: Self.rest) : next
            }
            if clock.now < listFrom { observations += await ask(reader.names, server, reader) }
            if !observations.isEmpty { turns(AdapterTurn(observations)) }
            let pause = interval * meter.slowdown
            repeat { next = next.advanced(by: pause) } while next < clock.now
        }
    }

    /// The list, and whether it hangs.
    private func list(_ server: ToxiproxyServer, _ reader: ToxiproxyReader) async -> ([Observation], Bool) {
        do throws(ToxiproxyError) {
            if reader.needsVersion { reader.take(version: try await server.version()) }
            let proxies = try await server.proxies()
            meter.count(isGood: true)
            return (reader.receive(proxies), false)
        } catch {
            if error == .silent(.cancelled) { return ([], false) }
            meter.count(isGood: false)
            return (reader.fail(error), error.isHang)
        }
    }

    /// Proxies by their names, all at once.
    private func ask(
        _ names: [String], _ server: ToxiproxyServer, _ reader: ToxiproxyReader
    ) async -> [Observation] {
        let answers = await each(names) { name -> Result<ToxiproxyProxy?, ToxiproxyError> in
            do throws(ToxiproxyError) { return .success(try await server.proxy(name)) } catch { return .failure(error) }
        }
        return zip(names, answers).flatMap { name, answer -> [Observation] in
            switch answer {
            case .success(let proxy):
                meter.count(isGood: true)
                return proxy.map { reader.receive($0) } ?? reader.fail(name, nil)
            case .failure(.silent(.cancelled)): return []
            case .failure(let error):
                meter.count(isGood: false)
                return reader.fail(name, error)
            }
        }
    }
}
