import MeshModel
import TerminalCanvas
import TestKit
import Testing

@testable import Dashboard

/// Parts of the mesh: neighbourhoods, folded namespaces, what is new, and what a fault would touch.
struct LensTests {
    @Test func `namespaces are told as meshes spell them`() {
        let spellings: [(ServiceName, String?)] = [
            ("shop/cart", "shop"), ("cart.shop", "shop"), ("cart.shop.svc.cluster.local", "shop"), ("cart", nil),
            ("10.0.0.1", nil), ("/cart", nil), ("shop/", nil), (".shop", nil), ("cart.", nil),
        ]
        for (name, space) in spellings { #expect(name.namespace == space, "\(name)") }
    }

    @Test func `a neighbourhood is who calls and who is called, one call further at each press, then all again`() {
        var day = BarDay(Size(120, 40))
        day.run(seconds: 10)
        day.state.select(.service("taps"))
        day.press("o")
        #expect(day.state.visible.names == ["bar", "cellar", "taps"])
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("SERVICES around taps, 1 call"))
        day.press("o")
        #expect(day.state.visible.names == ["bar", "cellar", "door", "taps"])
        day.press("esc")
        #expect(day.state.visible.names.count == 10)
    }

    @Test(arguments: SeededGenerator.seeds(20))
    func `folded boxes hold the requests of their services, and unfolding brings all back`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var day = BarDay(Size(160, 50))
        for number in 0..<6 {
            let space = generator.int(in: 0...2)
            day.extra.append((Edge(from: "bar", to: ServiceName("s\(number).space\(space)")), 7))
        }
        day.run(seconds: 8)
        let before = day.state.visible
        day.press("C")
        let spaces = Set(day.extra.compactMap(\.0.to.namespace))
        #expect(day.state.visible.names.count == 10 + spaces.count)
        for space in spaces {
            let members = day.extra.map(\.0.to).filter { $0.namespace == space }
            let sum = members.reduce(0) { $0 + (day.state.readings[$1].rate ?? 0) }
            let box = ServiceName("\(space)/*")
            #expect(abs((day.state.readings[box].rate ?? -1) - sum) < 0.01)
            #expect(abs((day.state.readings[Edge(from: "bar", to: box)].rate ?? -1) - sum) < 3)
        }
        day.press("C")
        #expect(day.state.visible == before)
    }

    @Test func `one namespace is folded by its service and unfolded by its box`() {
        var day = BarDay(Size(160, 50))
        day.extra = [(Edge(from: "bar", to: "shop/cart"), 7), (Edge(from: "shop/cart", to: "shop/db"), 7)]
        day.run(seconds: 8)
        day.state.select(.service("shop/db"))
        day.press("c")
        #expect(day.state.selection == .service("shop/*"))
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("shop/*"))
        let fault = BarDay.fault("F1", .abort(status: 503), Edge(from: "bar", to: "shop/cart"), share: 0.5, at: day.now)
        day.begin(fault)
        #expect(day.state.fault(on: Edge(from: "bar", to: "shop/*")) != nil)
        day.press("c")
        #expect(day.state.selection == .service("shop/cart"))
        day.state.select(.service("door"))
        day.press("c")
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("This name has no namespace"))
    }

    @Test func `what is new is found again, the newest first`() {
        var day = BarDay(Size(120, 40))
        day.run(seconds: 10)
        day.press("n")
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("No change to jump to"))
        day.extra.append((Edge(from: "tab", to: "bank"), 3))
        day.run(seconds: 7)
        day.failing[Edge(from: "door", to: "bouncer")] = 0.9
        day.run(seconds: 6)
        day.press("n")
        #expect(day.state.selection == .service("door"))
        day.press("n")
        #expect(day.state.selection == .edge(Edge(from: "tab", to: "bank")))
        day.press("n")
        #expect(day.state.selection == .service("bank"))
    }

    @Test func `the blast radius is drawn on the graph and said in numbers before anything is fired`() {
        var day = BarDay(Size(120, 40))
        day.run(seconds: 10)
        day.state.select(.edge(Edge(from: "bar", to: "taps")))
        day.press("b")
        let picture = CanvasText.glyphs(Screen.draw(day.state))
        #expect(picture.contains("BLAST RADIUS"))
        #expect(picture.contains("hit") && picture.contains("/s (100%)"))
        #expect(day.state.blastMap?.part(of: Edge(from: "door", to: "bar")) == .felt)
        #expect(day.state.blastMap?.part(of: Edge(from: "taps", to: "cellar")) == .behind)
        #expect(day.state.blastMap?.part(of: Edge(from: "door", to: "bouncer")) == nil)
        day.press("esc f")
        #expect(day.state.blastMap?.target == Edge(from: "bar", to: "taps"))
        day.press("esc")
        #expect(day.state.blastMap == nil)
    }

    @Test func `a large mesh opens as a table of the worst, and a row as the picture around it`() {
        var day = BarDay(Size(120, 40))
        for number in 0..<150 { day.extra.append((Edge(from: "menu", to: ServiceName("s\(number)")), 1)) }
        for number in 0..<150 {
            day.extra.append((Edge(from: ServiceName("s\(number)"), to: ServiceName("t\(number / 50)")), 1))
        }
        day.run(seconds: 8)
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("163 services"))
        day.state.select(.service("s7"))
        day.press("enter")
        #expect(day.state.visible.names == ["menu", "s7", "t0"])
        let picture = CanvasText.glyphs(Screen.draw(day.state))
        #expect(picture.contains("3 of 163 services"))
        #expect(!picture.contains("DETAILS"))
        day.press("enter")
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("DETAILS"))
        day.press("esc esc")
        #expect(day.state.visible.names.count == 163)
    }

    @Test func `an edge that had requests and has none says for how long`() {
        var day = BarDay(Size(120, 40))
        day.extra.append((Edge(from: "tab", to: "bank"), 9))
        day.run(seconds: 10)
        day.extra[0].1 = 0
        day.run(seconds: 14)
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("idle 14s"))
    }
}

/// What is told of a picture that can't be.
struct PictureTests {
    @Test func `boxes for more services than anybody could read are refused in words, and the table stays`() {
        var day = BarDay(Size(120, 40))
        day.extra = (0..<260).map { (Edge(from: "bar", to: ServiceName("s\($0)")), 1) }
        day.run(seconds: 3)
        #expect(day.state.picture == .table)
        day.press("v")
        #expect(day.state.picture == .table)
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("Boxes show at most 240 services: o shows"))
        day.press("v")
        #expect(CanvasText.glyphs(Screen.draw(day.state)).contains("Graph view: tree"))
    }
}
