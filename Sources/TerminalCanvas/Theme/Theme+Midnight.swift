extension Theme {
    /// The built-in default, the same as `themes/midnight.yaml`: dark, and safe for every kind of colour vision.
    public static let midnight = Theme(
        name: "midnight", background: .dark, roles: StyleRole.allCases.map(midnight),
        grounds: Ground.allCases.map(midnight))

    private static func midnight(_ role: StyleRole) -> Look {
        switch role {
        case .text: Look(fg: mixed(0xFFFFFF), fg256: .indexed(231), fg16: .indexed(15))
        case .muted: Look(fg: mixed(0xB8B8B8), fg256: .indexed(250), fg16: .indexed(7))
        case .accent: Look(fg: mixed(0xB9C6FF), attr: .bold, fg256: .indexed(153), fg16: .indexed(15))
        case .title: Look(fg: mixed(0xFFFFFF), attr: .bold, fg256: .indexed(231), fg16: .indexed(15))
        case .key:
            Look(fg: mixed(0xFFC466), attr: .bold, fg256: .indexed(222), fg16: .indexed(15), mono: [.bold, .underline])
        case .border: Look(fg: mixed(0x7C8798), fg256: .indexed(245), fg16: .indexed(7))
        case .focusBorder: Look(fg: mixed(0xFFC466), attr: .bold, fg256: .indexed(222), fg16: .indexed(15))
        case .ok: Look(fg: mixed(0x56B4E9), fg256: .indexed(74), fg16: .indexed(6))
        case .warn: Look(fg: mixed(0xF0E442), fg256: .indexed(221), fg16: .indexed(11), mono: .bold)
        case .bad:
            Look(
                fg: mixed(0x000000), bg: mixed(0xD55E00), attr: .bold, fg256: .indexed(16), bg256: .indexed(166),
                fg16: .indexed(0), bg16: .indexed(9), mono: [.reverse, .bold])
        case .fault: Look(fg: mixed(0xD988B4), attr: .bold, fg256: .indexed(211), fg16: .indexed(13), mono: .underline)
        case .stale: Look(fg: mixed(0x949494), fg256: .indexed(246), fg16: .indexed(7), mono: .dim)
        case .banner:
            Look(
                fg: mixed(0x000000), bg: mixed(0xF0E442), attr: .bold, fg256: .indexed(16), bg256: .indexed(221),
                fg16: .indexed(0), bg16: .indexed(11), mono: [.reverse, .bold])
        case .lease: Look(fg: mixed(0xFFC466), fg256: .indexed(222), fg16: .indexed(11))
        case .input:
            Look(
                fg: mixed(0xFFFFFF), bg: mixed(0x303A4A), fg256: .indexed(231), bg256: .indexed(237),
                fg16: .indexed(15), bg16: .indexed(4), mono: .underline)
        case .fresh:
            Look(
                fg: mixed(0x000000), bg: mixed(0xB9C6FF), fg256: .indexed(16), bg256: .indexed(153), fg16: .indexed(0),
                bg16: .indexed(7), mono: [.bold, .underline])
        case .chart1: Look(fg: mixed(0x56B4E9), fg256: .indexed(74), fg16: .indexed(6))
        case .chart2: Look(fg: mixed(0xE69F00), fg256: .indexed(178), fg16: .indexed(11))
        case .chart3: Look(fg: mixed(0xB9C6FF), fg256: .indexed(153), fg16: .indexed(15))
        case .chart4: Look(fg: mixed(0xCC79A7), fg256: .indexed(175), fg16: .indexed(13))
        case .band: Look(fg: mixed(0x6F8398), fg256: .indexed(66), fg16: .indexed(7), mono: .dim)
        case .limit: Look(fg: mixed(0xF0E442), fg256: .indexed(221), fg16: .indexed(11), mono: .bold)
        }
    }

    private static func midnight(_ ground: Ground) -> Look {
        switch ground {
        case .base: Look(bg: mixed(0x000000), bg256: .indexed(16), bg16: .indexed(0))
        case .raised: Look(bg: mixed(0x161B24), bg256: .indexed(234), bg16: .indexed(0))
        case .selected:
            Look(
                bg: mixed(0x172D47), attr: .bold, bg256: .indexed(17), fg16: .indexed(0), bg16: .indexed(7),
                mono: .reverse)
        case .shaded: Look(bg: mixed(0x2A1622), bg256: .indexed(235), bg16: .indexed(0))
        }
    }

    private static func mixed(_ rgb: UInt32) -> Ink { .mixed(Color(rgb: rgb)) }
}
