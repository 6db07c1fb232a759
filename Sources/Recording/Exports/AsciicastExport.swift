import MeshModel

/// The screen as a film for asciinema and its players, with a mark for each fault and note: drawn from the data, so it
/// has the size and theme that are wanted now. Format 3, or 2 on request.
struct AsciicastExport: Export {
    private var options = ExportOptions()
    private var start = Timestamp(milliseconds: 0)
    private var name = "gameday"
    private var nextFrame: Timestamp?
    private var lastTime: Int64 = 0
    private var shown: ScreenImage?
    private var told = 0

    mutating func begin(_ day: ExportedDay) -> [UInt8] {
        options = day.options
        start = day.start
        nextFrame = day.start
        name = day.header.session?.name ?? name
        return []
    }

    mutating func event(_ event: Event, state: MeshState) -> [UInt8] {
        guard let screen = options.screen else { return [] }
        var bytes: [UInt8] = []
        if let due = nextFrame, event.at >= due {
            if shown == nil {
                bytes += header(screen(state, event.at))
            }
            bytes += frame(screen(state, event.at), at: event.at)
            // After a long silence the frames do not catch up.
            let step = max(0.05, options.frameInterval)
            nextFrame = max(due.advanced(bySeconds: step), event.at)
        }
        for entry in state.timeline.suffix(min(state.timeline.count, max(0, state.told &- told))) {
            guard entry.kind.isSaid || [.fault, .halt, .experiment].contains(entry.kind) else { continue }
            bytes += line("m", entry.text, at: event.at)
        }
        told = state.told
        return bytes
    }

    mutating func end(_ state: MeshState) -> [UInt8] {
        guard let screen = options.screen, let at = state.lastAt else { return [] }
        var bytes: [UInt8] = shown == nil ? header(screen(state, at)) : []
        bytes += frame(screen(state, at), at: at)
        if !options.prefersOldCast { bytes += line("x", "0", at: at) }
        return bytes
    }

    private func header(_ image: ScreenImage) -> [UInt8] {
        var header: JSON
        if options.prefersOldCast {
            header = [
                "version": 2, "width": .integer(Int64(image.columns)), "height": .integer(Int64(image.rows.count)),
                "timestamp": .integer(start.milliseconds / 1000), "title": .string(name), "theme": Self.theme(image),
            ]
        } else {
            header = [
                "version": 3,
                "term": [
                    "cols": .integer(Int64(image.columns)), "rows": .integer(Int64(image.rows.count)),
                    "type": "xterm-256color", "theme": Self.theme(image),
                ],
                "timestamp": .integer(start.milliseconds / 1000), "title": .string(name),
            ]
        }
        return header.bytes + [0x0A]
    }

    /// The screen's own colours, for what a player paints around it. The palette is xterm's: a theme without one is
    /// none, and no cell asks for a colour of it.
    private static func theme(_ image: ScreenImage) -> JSON {
        let palette: [UInt32] = [
            0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5,
        ]
        return [
            "fg": .string(Markup.colour(image.foreground)), "bg": .string(Markup.colour(image.background)),
            "palette": .string(palette.map(Markup.colour).joined(separator: ":")),
        ]
    }

    /// Writes what is different from the frame before; a frame with nothing new is none.
    private mutating func frame(_ image: ScreenImage, at: Timestamp) -> [UInt8] {
        var output = shown == nil ? "\u{1B}[?25l\u{1B}[2J" : ""
        for (row, runs) in image.rows.enumerated() {
            let old = shown.flatMap { row < $0.rows.count ? $0.rows[row] : nil } ?? []
            output += Self.difference(runs, old, row: row, image)
        }
        shown = image
        return output.isEmpty ? [] : line("o", output + "\u{1B}[0m", at: at)
    }

    /// The runs between those at both ends that are as before.
    private static func difference(
        _ runs: [ScreenImage.Run], _ old: [ScreenImage.Run], row: Int, _ image: ScreenImage
    ) -> String {
        guard runs != old else { return "" }
        let first = zip(runs, old).prefix { $0 == $1 }.count
        let shared = min(runs.count, old.count) - first
        // Runs at the right end are in the same place only when the rows are equally wide, which they are on one screen.
        let isSameWidth = runs.reduce(0) { $0 + $1.columns } == old.reduce(0) { $0 + $1.columns }
        let last = isSameWidth ? zip(runs.reversed(), old.reversed()).prefix(shared).prefix { $0 == $1 }.count : 0
        let column = runs.prefix(first).reduce(1) { $0 + $1.columns }
        let changed = runs[first..<(runs.count - last)]
        return "\u{1B}[\(row + 1);\(column)H" + changed.map { $0.sequence(image) }.joined()
    }

    /// Format 3 tells the time since the line before. Whole milliseconds are told, so nothing adds up.
    private mutating func line(_ code: String, _ data: String, at: Timestamp) -> [UInt8] {
        let now = max(lastTime, at.milliseconds &- start.milliseconds)
        let told = options.prefersOldCast ? now : now - lastTime
        lastTime = now
        let text = JSON.string(data).text
        let fraction = String("00\(told % 1000)".suffix(3))
        return Array("[\(told / 1000).\(fraction),\"\(code)\",\(text)]\n".utf8)
    }
}

extension ScreenImage.Run {
    /// The run as a terminal takes it, every attribute told anew.
    fileprivate func sequence(_ image: ScreenImage) -> String {
        func colour(_ kind: Int, _ value: UInt32) -> String {
            ";\(kind);2;\(value >> 16 & 255);\(value >> 8 & 255);\(value & 255)"
        }
        var codes = "0"
        if isBold { codes += ";1" }
        if isDim { codes += ";2" }
        if isUnderlined { codes += ";4" }
        codes += colour(38, foreground ?? image.foreground) + colour(48, background ?? image.background)
        return "\u{1B}[\(codes)m"
            + text.unicodeScalars.filter { $0.properties.generalCategory != .control }.map(String.init).joined()
    }
}
