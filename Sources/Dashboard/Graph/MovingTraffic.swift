import MeshModel
import TerminalCanvas

/// Requests as dots that travel along an edge, from its caller to its callee.
///
/// Where they stand is a function of the day's own clock and of what was observed, so that a replay which goes to the
/// same moment shows the same picture. All move at one pace; how near they follow each other tells the rate.
struct MovingTraffic {
    /// One dot: how far along the way it is, and whether it is one of those that failed.
    struct Dot: Equatable {
        var place: Int
        var hasFailed: Bool
    }

    /// Seconds from step to step. A dot goes one cell with each: slower than this the eye sees no movement, faster it
    /// sees nothing else.
    static let step = 0.25

    /// The dots on a way of so many cells. None where nothing was counted: no traffic, or nothing heard of it.
    static func dots(_ reading: Reading, cells: Int, on edge: Edge, at now: Timestamp) -> [Dot] {
        guard cells > 0, reading.health != .stale, let rate = reading.rate, rate > 0, reading.requests > 0 else {
            return []
        }
        let gap = Int64(gap(rate))
        let failing = failingOfTwenty(reading.errors ?? 0)
        // Edges that begin at one box would pulse together otherwise.
        let shift = Int64("\(edge)".utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF })
        let steps = now.milliseconds / Int64(step * 1000) + shift
        return (0..<Int64(cells)).compactMap { place in
            let sinceStart = steps - place
            guard sinceStart % gap == 0 else { return nil }
            let number = sinceStart / gap
            // Spread evenly among the others, and each stays what it is on its whole way.
            let hasFailed =
                ((number + 1) * failing).flooredQuotient(by: 20) > (number * failing).flooredQuotient(by: 20)
            return Dot(place: Int(place), hasFailed: hasFailed)
        }
    }

    /// Cells from dot to dot: a step for each fourfold of the rate, so that they do not jump with each poll.
    private static func gap(_ rate: Double) -> Int {
        switch rate {
        case ..<1: 16
        case ..<4: 11
        case ..<16: 8
        case ..<64: 6
        case ..<256: 4
        default: 3
        }
    }

    /// What is not zero never looks like zero.
    private static func failingOfTwenty(_ share: Double) -> Int64 {
        share > 0 ? max(1, min(20, Int64(clamping: share * 20))) : 0
    }
}

extension Int64 {
    fileprivate func flooredQuotient(by divisor: Int64) -> Int64 {
        self / divisor - (self % divisor < 0 ? 1 : 0)
    }
}

extension GraphPlan.Route {
    /// The cells of the line between the caller's border and the arrow's head, in the order of the requests.
    var cells: [Point] {
        guard let first = corners.first else { return [] }
        var cells = [first]
        for (from, to) in zip(corners, corners.dropFirst()) {
            let (columns, rows) = ((to.column - from.column).signum(), (to.row - from.row).signum())
            var place = from
            while place != to {
                // A segment has one direction; whatever else would never arrive.
                guard columns == 0 || rows == 0 else { break }
                place = place.moved(columns: columns, rows: rows)
                cells.append(place)
            }
        }
        if cells.last == head { cells.removeLast() }
        return cells
    }
}

extension DashboardState {
    /// True while dots travel on the screen, so that the loop ticks more often. Nothing moves that is old or at rest.
    public var isAnimated: Bool {
        guard isTrafficMoving, !isProjecting, !isTooSmall, !isBlind, frozen == nil || isPlayingPast,
            case .boxes(let plan) = picture, regions.area(of: .graph) != nil
        else { return false }
        let readings = shownReadings
        return plan.routes.keys.contains { edge in
            let reading = readings[edge]
            return reading.health != .stale && reading.requests > 0
        }
    }

    mutating func moveTraffic() {
        isTrafficMoving.toggle()
        guard isTrafficMoving else { return say("Traffic animation off") }
        if case .boxes = picture {
            say("Traffic animation on: denser dots, more requests")
        } else {
            say("Traffic is animated in the boxes view: press \(keys(of: .view))", .warn)
        }
    }
}
