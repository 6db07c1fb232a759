import MeshModel
import TerminalCanvas

extension DashboardState {
    /// The fault that the dial and the lease mean: the same as the abort means, if it stands and is ours.
    var faultToChange: Fault? {
        guard let fault = faultToAbort, !fault.isOrphan, fault.phase == .accepted || fault.phase == .active else {
            return nil
        }
        return fault
    }

    var orphans: [Fault] { mesh.activeFaults.filter(\.isOrphan) }

    /// A step down is asked for at once; a step up opens a question.
    mutating func turn(_ dial: Dial, _ key: Key) -> [Effect] {
        guard let fault = mesh.faults.last(where: { $0.id == dial.fault }), !fault.phase.isOver else { return [] }
        var dial = dial
        if dial.wished == fault.share { dial.wished = nil }
        let action = options.keymap.action(for: key)
        // Whatever keys were chosen, what could mean both means less.
        let isLess = [.left, .down, .character("-")].contains(key) || action == .left || action == .down
        let isMore = [.right, .up, .character("+")].contains(key) || action == .right || action == .up
        switch key {
        case .escape, .enter: return []
        case _ where action == .quit || action == .dial: return []
        case _ where action == .abort:
            say("Stopping \(fault.id)…", .warn)
            return [.stopFault(id: fault.id)]
        case _ where isLess:
            guard let lower = Dial.step(from: dial.share(of: fault), isUp: false) else {
                layers.append(.dial(dial))
                say("Press \(keys(of: .abort)) to stop it", .muted)
                return []
            }
            dial.wished = lower
            layers.append(.dial(dial))
            return [.changeFault(id: fault.id, FaultChange(share: lower))]
        case _ where isMore:
            layers.append(.dial(dial))
            guard let higher = Dial.step(from: dial.share(of: fault), isUp: true) else { return [] }
            if let why = whyNot(.dial) {
                say(why, .warn)
            } else {
                layers.append(.confirmation(.raise(fault, to: higher, in: mesh, at: now)))
            }
        default: layers.append(.dial(dial))
        }
        return []
    }

    /// More of a fault was agreed to. The day may have changed while the question stood there.
    mutating func agree(_ id: String, _ change: FaultChange) -> [Effect] {
        guard let fault = mesh.faults.last(where: { $0.id == id }), !fault.phase.isOver, !mesh.isHalted else {
            say("\(id) has ended", .warn)
            return []
        }
        if case .dial(var dial)? = layers.last, dial.fault == id {
            dial.wished = change.share
            layers[layers.count - 1] = .dial(dial)
        }
        return [.changeFault(id: fault.id, change)]
    }

    /// A new lease as long as the last one was.
    mutating func askToRenew() {
        guard let fault = faultToChange else { return }
        let seconds = max(1, min(mesh.session?.longestLease ?? Session.usualLongestLease, fault.leaseLength.rounded()))
        layers.append(.confirmation(.renew(fault, seconds: seconds, at: now)))
    }
}
