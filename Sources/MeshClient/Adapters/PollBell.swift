internal import Synchronization

/// Wakes the loops of a fleet before their time, each for those of its proxies that somebody wants asked at once.
final class PollBell: Sendable {
    private struct Slot {
        var wanted: Set<String> = []
        var waiting: CheckedContinuation<Void, Never>?
    }

    private let slots = Mutex<[Int: Slot]>([:])

    func ring(_ sources: Set<String>) {
        let waiting = slots.withLock { slots in
            slots.keys.compactMap { slot in
                slots[slot]?.wanted.formUnion(sources)
                return slots[slot]?.waiting.take()
            }
        }
        for continuation in waiting { continuation.resume() }
    }

    /// The sources wanted since this was last asked. The first asking makes the slot known to the bell.
    func take(_ slot: Int) -> Set<String> {
        slots.withLock { slots in
            defer { slots[slot, default: Slot()].wanted = [] }
            return slots[slot]?.wanted ?? []
        }
    }

    /// Returns when the bell has rung for this slot, at once if it has already, or when the task is cancelled.
    func wait(_ slot: Int) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustWait = slots.withLock { slots in
                    guard slots[slot]?.wanted.isEmpty ?? true, !Task.isCancelled else { return false }
                    slots[slot, default: Slot()].waiting = continuation
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        } onCancel: {
            slots.withLock { $0[slot]?.waiting.take() }?.resume()
        }
    }

    /// Sleeps until it is time or the bell rings for this slot; false when the task is cancelled.
    func wake<C: Clock>(_ slot: Int, at time: C.Instant, by clock: C) async -> Bool where C.Duration == Duration {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await clock.sleep(until: time, tolerance: nil) }
            group.addTask { await self.wait(slot) }
            await group.next()
            group.cancelAll()
        }
        return !Task.isCancelled
    }
}
