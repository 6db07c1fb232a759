extension Tour {
    /// The eight fallacies of distributed computing, each believed for a minute: what the mesh does about it, and what
    /// only code can do.
    public static let fallacies = Tour(name: "fallacies", cues: fallacyCues)

    private static let fallacyCues: [Cue] = [
        Cue(
            title: "Eight things that everybody believes",
            say: [
                "Peter Deutsch and his colleagues wrote them down at Sun, thirty years ago: eight fallacies.",
                "We believe each of them for a minute, and watch who is right.",
                "Afterwards there are two columns: what the mesh did about it, and what only code can do.",
            ],
            press: "1, then 8", look: "eight fallacies, and not one of them ticked off", act: .watch, seconds: 40),
        cue(
            1, "The network is reliable",
            [
                "One of three kitchens dies with a meal on the stove."
            ],
            lesson:
                "Mesh: asked another kitchen, and left this one out. Code: a meal that was cooked twice is paid once.",
            look: "bar to kitchen: retries, and one host that is left out"),
        cue(
            2, "Latency is zero",
            [
                "The cellar is 150 ms away, and somebody chose a timeout of 100 ms when it was near."
            ],
            lesson: "Mesh: gave up in time, as it was told. Code: how long a beer may take, and what to say instead.",
            look: "timeouts from bar to taps"),
        cue(
            3, "Bandwidth is infinite",
            [
                "The menu is long, and the way to it is 16 KiB a second wide."
            ],
            lesson:
                "Mesh: carried what it could. Code: a shorter menu, or the one that it remembers.",
            look: "the latency of the door, and no error anywhere"),
        cue(
            4, "The network is secure",
            [
                "The bar's certificate has expired. The kitchen does not open to strangers."
            ],
            lesson:
                "Mesh: refused the handshake, and renews in time if its control plane does. Code: beer without a meal.",
            look: "bar to kitchen: not one connection"),
        cue(
            5, "Topology doesn't change",
            [
                "The cellar is closed. There is another one next door, in another zone."
            ], lesson: "Mesh: failed over by itself. Code: nothing at all, if it never knew an address.",
            look: "taps to cellar goes on"),
        cue(
            6, "There is one administrator",
            [
                "Somebody else pushes a route that no proxy understands."
            ], lesson: "Mesh: refused it, said so, and kept the last one. Code: none; talk to each other.",
            look: "the line of the control plane: one refuses, and nobody notices at the door"),
        cue(
            7, "Transport cost is zero",
            [
                "The till fails, and every payment is tried six times, without a budget."
            ], lesson: "Mesh: sent them all; a budget would have stopped it. Code: when to give up.",
            look: "the rate of the till, six times as high"),
        cue(
            8, "The network is homogeneous",
            [
                "A third of the beers come from the new taps. They look the same."
            ], lesson: "Mesh: sent a share there, and back within a second. Code: which version is right.",
            look: "two versions of the taps, and which of them fails"),
        Cue(
            title: "Two columns",
            say: [
                "The mesh retried, left out, failed over, refused, limited and shifted, and nobody wrote a line for it.",
                "What is idempotent, what is too late, what to say instead and when to give up stayed with the code.",
            ],
            press: "8, and read both columns", look: "eight ticks, and what acted in each", act: .watch,
            seconds: 40),
    ]

    private static func cue(
        _ number: Int, _ title: String, _ say: [String], lesson: String, look: String
    ) -> Cue {
        Cue(
            title: title, say: say + [lesson], press: "7, the arrow keys to it, x; then 1", look: look,
            act: .run(file: BarExperiment.fallacies[number - 1].file), seconds: 60, lesson: lesson)
    }
}
