import MeshModel

@testable import Dashboard
@testable import DemoMesh
@testable import MeshClient
@testable import TerminalCanvas

extension FuzzTarget {
    /// What people type.
    static let words: [FuzzTarget] = [
        FuzzTarget(name: "filter", longest: 256) { bytes in
            let (words, candidate) = bytes.halves
            let filter = Filter(words.text)
            let text = candidate.text
            let isFound = filter.matches(text) { _ in [text] }
            if filter.isEmpty { try require(isFound, "nothing asked for hides something") }
        },
        FuzzTarget(name: "quantity", longest: 128) { bytes in
            let text = bytes.text
            if let seconds = Quantity.seconds(text) {
                try require(seconds.isFinite && seconds >= 0, "\(seconds) seconds")
            }
            if let share = Quantity.share(percent: text) { try require((0...1).contains(share), "a share of \(share)") }
            if let bytes = Quantity.bytes(text) { try require(bytes >= 0, "\(bytes) bytes") }
            if let share = EnvoyRuntime.share(text) { try require((0...1).contains(share), "a share of \(share)") }
            _ = Quantity.nearest(to: text, among: ["proxies", "entrance", "name"])
        },
        FuzzTarget(name: "key-name", longest: 64) { bytes in
            guard let key = Key(bytes.text) else { return }
            try requireSame(Key("\(key)"), key, "its name is another key's")
        },
        FuzzTarget(name: "text", longest: 512) { bytes in
            let text = bytes.text
            let shown = Text.sanitised(text)
            try require(shown.isPlain && !shown.contains("\n"), "a terminal would obey it")
            try requireSame(Text.sanitised(shown), shown, "made safe twice it is another text")
            for columns in [0, 1, 2, 7, 80] {
                try require(Text.width(Text.clipped(text, to: columns)) <= columns, "clipped to \(columns) it is wider")
                try require(
                    Text.width(Text.clippedInside(text, to: columns)) <= columns, "clipped inside to \(columns)")
                try requireSame(Text.width(Text.fitted(text, to: columns)), columns, "fitted it has another width")
                for line in Text.wrapped(text, to: columns) {
                    try require(Text.width(line) <= columns, "a wrapped line is wider than \(columns)")
                }
            }
        },
        FuzzTarget(name: "order", longest: 128) { bytes in
            guard let order = try? Order(parsing: bytes.text) else { return }
            try require(order.lines.allSatisfy { (1...Order.most).contains($0.count) }, "an order for \(order.lines)")
        },
        FuzzTarget(name: "endpoint", longest: 256) { bytes in
            let endpoint = EnvoyEndpoint(admin: bytes.text)
            try require(bytes.isEmpty || !endpoint.authority.isEmpty, "no name")
            _ = endpoint.shown
        },
        FuzzTarget(name: "page-request", longest: 1024) { bytes in
            let (target, body) = bytes.halves
            let request = PageRequest(method: "POST", target: target[...], body: body)
            _ = PageRequest.fields(of: request.body[...])
        },
    ]
}
