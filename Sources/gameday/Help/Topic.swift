/// What `gameday help` explains besides commands. Its text is a Markdown file in `Topics`, and in the program itself.
struct Topic {
    /// As it is typed.
    let name: String
    let summary: String
    /// Of the manual page that it has; nil for a part of gameday(1).
    let section: Int?
    private let bytes: [UInt8]

    private init(_ name: String, _ summary: String, section: Int? = nil, _ bytes: [UInt8]) {
        self.name = name
        self.summary = summary
        self.section = section
        self.bytes = bytes
    }

    var page: MarkdownPage { MarkdownPage(String(decoding: bytes, as: UTF8.self)) }

    static let all = [
        Topic("safety", "what removes every fault, whichever process dies", PackageResources.safety_md),
        Topic("screens", "keys, dialogs, the graph, lists, themes", PackageResources.screens_md),
        Topic("slos", "SLIs, SLOs, error budgets, burn rates", PackageResources.slos_md),
        Topic("yaml", "gameday.yaml: the description of a mesh", section: 5, PackageResources.yaml_md),
        Topic("experiments", "Chaos Toolkit experiments", section: 7, PackageResources.experiments_md),
        Topic("recording", "recordings, replays, reports, the file format", section: 5, PackageResources.recording_md),
        Topic("api", "the control plane's API, and the library", section: 7, PackageResources.api_md),
        Topic("glossary", "the words of gameday", PackageResources.glossary_md),
        Topic("house", "how gameday is built, tested and measured", PackageResources.house_md),
    ]

    static func named(_ name: String) -> Topic? { all.first { $0.name == name } }
}
