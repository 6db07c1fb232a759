/// One step of the cue sheet: what a speaker says, presses and looks at.
public struct Cue: Equatable, Sendable {
    public var title: String
    /// Sentences to say, one a line.
    public var say: [String]
    public var press: String
    public var look: String
    public var act: Act
    /// How long it takes in all.
    public var seconds: Int
    /// What is to be remembered of it, and stands on the timeline when it is over.
    public var lesson: String?
    /// What of all that a mesh does can be seen in it, in the words of the talk's list.
    public var shows: [String] = []

    /// It in a few words, so that a narrow timeline has room for them.
    public var showing: String? { shows.isEmpty ? nil : "shows: \(shows.joined(separator: ", "))" }

    /// What is done in it, for a tour that plays by itself.
    public enum Act: Equatable, Sendable {
        case watch
        /// Runs the experiment in this file.
        case run(file: String)
        /// Starts a fault and halts it.
        case halt
    }
}

/// A cue sheet: what is shown one after the other.
public struct Tour: Sendable {
    /// The word that asks for it.
    public var name: String
    public var cues: [Cue]

    /// The bar: about ten minutes from the first customer to the flames.
    public static let bar = Tour(name: "bar", cues: barCues)

    /// Every tour there is; the first is meant where nobody says which.
    public static let all = [bar, fallacies]

    private static let barCues: [Cue] = [
        Cue(
            title: "The bar is open",
            say: [
                "This is a bar: ten services, each behind its own Envoy, and forty customers a second.",
                "Everything on this screen was measured by these Envoys within the last second or two.",
                "The bar promises two things: 99.5% of orders answered, and 99 of 100 within 300 ms.",
            ],
            press: "1, then 2, arrow keys along the edges", look: "rates on the edges; both objectives MET",
            act: .watch, seconds: 50, shows: ["service discovery", "identity", "metrics"]),
        cue(
            1, "A tester walks into the bar",
            [
                "Orders a beer. Orders 0 beers. Orders 99999999999 beers. Orders a lizard. Orders -1 beers.",
                "Our first hypothesis: nonsense is refused, and beer is still served.",
                "Nothing is broken here. A refusal is an answer; a test like this costs nothing and belongs first.",
            ], look: "the door's success rate; t on an edge lists each refused request, with its trace", seconds: 50,
            shows: ["logging", "tracing"]),
        cue(
            2, "One tap is slow",
            [
                "Half of all beers take 300 ms longer. Who believes that the median customer notices?",
                "The hypothesis holds: everybody is answered, and the one in the middle is as quick as before.",
                "Now read the 99th percentile. An average would have told you that all is well.",
            ], look: "the edge from bar to taps, and `orders quick`; enter tells its versions and its timeout",
            seconds: 65, shows: ["fault injection", "canary releases"]),
        cue(
            3, "The menu is gone",
            [
                "Every look at the menu fails, all of them: 100%.",
                "And the customers? The bar remembers yesterday's menu. Nobody is refused.",
                "A fallback that nobody has ever tried is a rumour. Now it is a fact.",
            ], look: "a red edge to the menu, and nothing to the left of it", seconds: 60),
        cue(
            4, "The kitchen is closed",
            [
                "Two beers and a meal become two beers and an apology. Degraded is not down.",
                "The door shows nothing at all. Which of your alerts would have told you?",
            ], look: "the kitchen alone turns bad", seconds: 60),
        cue(
            5, "The cellar stairs are narrow",
            [
                "Nobody touches taps, kitchen or bathroom. Only the way up from the cellar is narrow.",
                "All three are slow at once, because all three share what nobody thinks of.",
                "Their timeouts leave just enough room. How long did you choose yours, and who remembers why?",
            ],
            look: "the latency of three services that have one thing in common; enter on taps>cellar tells its zones",
            seconds: 65, shows: ["traffic policies", "failover"]),
        cue(
            6, "The till jams",
            [
                "Three of ten payments fail. The hypothesis is about those who drink: it will hold.",
                "And the objective burns. An experiment answers the question that you asked, only that one.",
            ],
            look:
                "the hypothesis that holds, beside an objective that does not; enter on tab>till: who tries again, and when not",
            seconds: 65, shows: ["retries", "circuit breaking"]),
        cue(
            7, "Friday night",
            [
                "No menu, no kitchen and a slow tap, all at once. Each was harmless alone.",
                "Predict first. Then look: nobody is refused, because none of them waits for another.",
                "By now we are confident. That is the most dangerous moment of a game day.",
            ], look: "three faults at once, and the door", seconds: 70),
        cue(
            8, "Where is the bathroom?",
            [
                "The tester is done. The first real customer walks in and asks where the bathroom is.",
                "There is no water in it. One customer in ten needs it; who orders a beer does not. Agreed?",
                "The bar bursts into flames. There is no line from the bathroom to the door, and it burns.",
                "The bouncer looks in on the bathroom, past every sidecar: fire regulations. Nobody drew that.",
                "It was in the numbers: the bathroom drew more water than its visitors. Nobody had asked why.",
            ], look: "door to bouncer: nobody comes in, and no edge says why", seconds: 95),
        Cue(
            title: "One key",
            say: [
                "The experiment cleaned up after itself. Had it died, its leases would have expired. Had I panicked: one key.",
                "The halt is not a hope. Each proxy is read back, and its counters are watched until they stop rising.",
            ],
            press: "f on any edge, then !; R when the proof is read", look: "the halt proof, proxy by proxy",
            act: .halt, seconds: 45),
    ]

    /// What moves from code into the mesh, as the talk lists it.
    public static let meshWords = [
        "service discovery", "canary releases", "traffic policies", "circuit breaking", "retries", "failover",
        "identity", "tracing", "logging", "metrics", "fault injection",
    ]

    private static func cue(
        _ number: Int, _ title: String, _ say: [String], look: String, seconds: Int, shows: [String] = []
    ) -> Cue {
        var cue = Cue(
            title: title, say: say, press: "7, the arrow keys to it, x; then 1", look: look,
            act: .run(file: BarExperiment.bar[number - 1].file), seconds: seconds)
        cue.shows = shows
        return cue
    }

    /// The whole sheet for a person; `folder` is where the experiments are.
    public func sheet(folder: String) -> [String] {
        var start = 0
        return cues.enumerated().flatMap { number, cue in
            defer { start += cue.seconds }
            return Self.lines(of: cue, number: number + 1, at: start, folder: folder)
        }
    }

    /// One step for a person.
    public static func lines(of cue: Cue, number: Int, at start: Int, folder: String) -> [String] {
        var lines = ["\(clock(start))  \(number). \(cue.title)  (\(cue.seconds) s)"]
        lines += cue.say.map { "      say    \($0)" }
        lines.append("      press  \(cue.press)")
        if case .run(let file) = cue.act { lines.append("      or     gameday run \(folder)/\(file)") }
        if !cue.shows.isEmpty { lines.append("      shows  \(cue.shows.joined(separator: ", "))") }
        return lines + ["      look   \(cue.look)", ""]
    }

    private static func clock(_ seconds: Int) -> String {
        let rest = seconds % 60
        return "\(seconds / 60):\(rest < 10 ? "0" : "")\(rest)"
    }
}
