import MeshModel

/// The screen of one moment as a picture that scales.
struct SVGExport: Export {
    private var options = ExportOptions()
    private var moment: Timestamp?
    private var state = MeshState()

    mutating func begin(_ day: ExportedDay) -> [UInt8] {
        options = day.options
        moment = day.options.moment
        return []
    }

    mutating func event(_ event: Event, state: MeshState) -> [UInt8] {
        if moment.map({ event.at <= $0 }) ?? true { self.state = state }
        return []
    }

    func end(_ state: MeshState) -> [UInt8] {
        guard let screen = options.screen, let at = moment ?? state.lastAt else { return [] }
        return Array(ScreenPicture(image: screen(self.state, at)).svg.utf8)
    }
}

extension ScreenImage {
    /// The picture as an SVG document.
    public var svg: String { ScreenPicture(image: self).svg }
}

/// A screen as SVG: one rectangle and one text for each run, placed by cells so that no font can shift them.
struct ScreenPicture {
    let image: ScreenImage

    private static let cell = (width: 8.4, height: 17.0)

    var svg: String {
        let width = Markup.number(Double(image.columns) * Self.cell.width)
        let height = Markup.number(Double(image.rows.count) * Self.cell.height)
        var svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(width)\" height=\"\(height)\" "
        svg += "viewBox=\"0 0 \(width) \(height)\" font-family=\"'DejaVu Sans Mono','Menlo','Consolas',monospace\" "
        svg +=
            "font-size=\"14\">\n<rect width=\"100%\" height=\"100%\" fill=\"\(Markup.colour(image.background))\"/>\n"
        for (row, runs) in image.rows.enumerated() {
            var column = 0
            for run in runs {
                svg += self.run(run, column: column, row: row)
                column += run.columns
            }
        }
        return svg + "</svg>\n"
    }

    private func run(_ run: ScreenImage.Run, column: Int, row: Int) -> String {
        let x = Markup.number(Double(column) * Self.cell.width)
        let width = Markup.number(Double(run.columns) * Self.cell.width)
        var svg = ""
        if let background = run.background, background != image.background {
            svg += "<rect x=\"\(x)\" y=\"\(Markup.number(Double(row) * Self.cell.height))\" width=\"\(width)\" "
            svg += "height=\"\(Self.cell.height)\" fill=\"\(Markup.colour(background))\"/>"
        }
        // Players of SVG drop spaces at the ends and join those inside, and would stretch what is left.
        let leading = run.text.prefix { $0 == " " }.count
        let trailing = run.text.reversed().prefix { $0 == " " }.count
        let columns = run.columns - leading - trailing
        guard columns > 0 else { return svg + (svg.isEmpty ? "" : "\n") }
        let text = String(run.text.dropFirst(leading).dropLast(trailing).map { $0 == " " ? "\u{A0}" : $0 })
        let start = Markup.number(Double(column + leading) * Self.cell.width)
        var attributes = "x=\"\(start)\" y=\"\(Markup.number(Double(row) * Self.cell.height + 13))\" "
        attributes += "textLength=\"\(Markup.number(Double(columns) * Self.cell.width))\" "
        attributes += "lengthAdjust=\"spacingAndGlyphs\" fill=\"\(Markup.colour(run.foreground ?? image.foreground))\""
        if run.isBold { attributes += " font-weight=\"bold\"" }
        if run.isDim { attributes += " opacity=\"0.6\"" }
        if run.isUnderlined { attributes += " text-decoration=\"underline\"" }
        return svg + Markup.element("text", attributes, text) + "\n"
    }
}
