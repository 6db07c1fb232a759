/// How each meaning looks on each tier of terminals. It is complete: there is a look for every role and ground.
public struct Theme: Hashable, Sendable {
    public let name: String
    public let background: ThemeDocument.Background
    private let roles: [Look]
    private let grounds: [Look]

    /// What a terminal is told for one style.
    public struct Paint: Hashable, Sendable {
        public var foreground: Ink
        public var background: Ink
        public var emphasis: Emphasis
    }

    /// Completes a document with the theme it inherits from; without one it must name every role and ground.
    public init(_ document: ThemeDocument, inheritingFrom parent: Theme? = nil) throws(ThemeError) {
        var problems: [String] = []
        for name in document.roles.keys.sorted() where StyleRole(name: name) == nil {
            let known = StyleRole.allCases.map(\.name).joined(separator: ", ")
            problems.append("roles: “\(Text.sanitised(name))” is none of \(known)")
        }
        for name in document.grounds.keys.sorted() where Ground(name: name) == nil {
            let known = Ground.allCases.map(\.name).joined(separator: ", ")
            problems.append("grounds: “\(Text.sanitised(name))” is none of \(known)")
        }
        func look(_ name: String, _ own: Look?, _ inherited: Look?) -> Look {
            if own == nil, inherited == nil {
                problems.append("“\(name)” has no look, and there is no theme to inherit from")
            }
            return inherited.map { (own ?? Look()).filled(from: $0) } ?? own ?? Look()
        }
        let looks = StyleRole.allCases.map { role in
            look(role.name, document.roles[role.name], parent.map { $0.look(role) })
        }
        let behind = Ground.allCases.map { ground in
            look(ground.name, document.grounds[ground.name], parent.map { $0.look(ground) })
        }
        guard problems.isEmpty else { throw ThemeError(theme: document.name, problems: problems) }
        name = document.name
        background = document.background ?? parent?.background ?? .dark
        roles = looks
        grounds = behind
    }

    init(name: String, background: ThemeDocument.Background, roles: [Look], grounds: [Look]) {
        self.name = name
        self.background = background
        self.roles = roles
        self.grounds = grounds
    }

    /// The look of a meaning.
    public func look(_ role: StyleRole) -> Look { roles[Int(role.rawValue)] }

    /// The look of a ground.
    public func look(_ ground: Ground) -> Look { grounds[Int(ground.rawValue)] }

    /// What to tell a terminal of that tier.
    ///
    /// A role with a background of its own covers the ground. A ground with a foreground of its own wins over the
    /// role's: that is how few colours stay legible on a selected row.
    public func paint(_ style: Style, _ tier: ColorTier) -> Paint {
        let (look, ground, base) = (look(style.role), look(style.ground), look(Ground.base))
        let emphasis = style.emphasis.union(look.emphasis(tier))
        guard tier > .mono else {
            return Paint(foreground: .standard, background: .standard, emphasis: emphasis.union(ground.emphasis(tier)))
        }
        let foreground = look.foreground(tier) ?? self.look(.text).foreground(tier) ?? .standard
        if let background = look.background(tier) {
            return Paint(foreground: foreground, background: background, emphasis: emphasis)
        }
        return Paint(
            foreground: ground.foreground(tier) ?? foreground,
            background: ground.background(tier) ?? base.background(tier) ?? .standard,
            emphasis: emphasis.union(ground.emphasis(tier)))
    }

    /// The mark of a state: the theme's own where the glyph set can draw it, else the set's.
    public func mark(_ role: StyleRole, _ glyphs: Glyphs) -> String? {
        if let own = look(role).glyph, glyphs == .full || own.utf8.allSatisfy({ $0 < 0x80 }) { return own }
        return glyphs.mark(role)
    }
}

/// Why a theme can't be used: everything that is wrong with it at once.
public struct ThemeError: Error, Hashable, Sendable, CustomStringConvertible {
    public var theme: String
    public var problems: [String]

    public init(theme: String, problems: [String]) {
        self.theme = theme
        self.problems = problems
    }

    public var description: String {
        let words = problems.map { $0.split(separator: "\n").map { Text.sanitised($0) }.joined(separator: " ") }
        return "The theme “\(Text.sanitised(theme))” cannot be used: \(words.joined(separator: "; "))"
    }
}
