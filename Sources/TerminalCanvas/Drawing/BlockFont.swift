/// The letters of block text, five dots wide and seven high where they are not narrow by nature.
enum BlockFont {
    /// Dots from top to bottom.
    static let height = 7
    /// Dots between two letters.
    static let gap = 1

    /// A letter's dots: of each row the leftmost is the highest bit of its width.
    struct Picture: Sendable {
        var width: Int
        fileprivate var rows: [UInt8]

        func hasInk(_ column: Int, _ row: Int) -> Bool { rows[row] >> (width - 1 - column) & 1 == 1 }
    }

    /// Dots across a letter; one without a picture has the width of most.
    static func width(of letter: Unicode.Scalar) -> Int { pictures[letter]?.width ?? 5 }

    /// Nil where there is no picture of the letter.
    static func picture(of letter: Unicode.Scalar) -> Picture? { pictures[letter] }

    private static let pictures = drawings.mapValues { drawing in
        let rows = drawing.split(separator: "|")
        return Picture(
            width: rows[0].count, rows: rows.map { $0.reduce(0) { $0 << 1 | ($1 == "#" ? 1 : 0) } })
    }

    private static let drawings: [Unicode.Scalar: String] = [
        "A": " ### |#   #|#   #|#####|#   #|#   #|#   #", "B": "#### |#   #|#   #|#### |#   #|#   #|#### ",
        "C": " ### |#   #|#    |#    |#    |#   #| ### ", "D": "#### |#   #|#   #|#   #|#   #|#   #|#### ",
        "E": "#####|#    |#    |#### |#    |#    |#####", "F": "#####|#    |#    |#### |#    |#    |#    ",
        "G": " ### |#   #|#    |# ###|#   #|#   #| ####", "H": "#   #|#   #|#   #|#####|#   #|#   #|#   #",
        "I": "###| # | # | # | # | # |###", "J": "    #|    #|    #|    #|    #|#   #| ### ",
        "K": "#   #|#  # |# #  |##   |# #  |#  # |#   #", "L": "#    |#    |#    |#    |#    |#    |#####",
        "M": "#   #|## ##|# # #|# # #|#   #|#   #|#   #", "N": "#   #|##  #|##  #|# # #|#  ##|#  ##|#   #",
        "O": " ### |#   #|#   #|#   #|#   #|#   #| ### ", "P": "#### |#   #|#   #|#### |#    |#    |#    ",
        "Q": " ### |#   #|#   #|#   #|# # #|#  # | ## #", "R": "#### |#   #|#   #|#### |# #  |#  # |#   #",
        "S": " ####|#    |#    | ### |    #|    #|#### ", "T": "#####|  #  |  #  |  #  |  #  |  #  |  #  ",
        "U": "#   #|#   #|#   #|#   #|#   #|#   #| ### ", "V": "#   #|#   #|#   #|#   #| # # | # # |  #  ",
        "W": "#   #|#   #|#   #|# # #|# # #|## ##|#   #", "X": "#   #|#   #| # # |  #  | # # |#   #|#   #",
        "Y": "#   #|#   #| # # |  #  |  #  |  #  |  #  ", "Z": "#####|    #|   # |  #  | #   |#    |#####",
        "0": " ### |#   #|#  ##|# # #|##  #|#   #| ### ", "1": " # |## | # | # | # | # |###",
        "2": " ### |#   #|    #|  ## | #   |#    |#####", "3": "#### |    #|    #| ### |    #|    #|#### ",
        "4": "#   #|#   #|#   #|#####|    #|    #|    #", "5": "#####|#    |#    |#### |    #|    #|#### ",
        "6": " ### |#    |#    |#### |#   #|#   #| ### ", "7": "#####|    #|   # |   # |  #  |  #  |  #  ",
        "8": " ### |#   #|#   #| ### |#   #|#   #| ### ", "9": " ### |#   #|#   #| ####|    #|    #| ### ",
        " ": "   |   |   |   |   |   |   ", ".": "  |  |  |  |  |##|##", ",": "  |  |  |  |##| #|# ",
        ":": "  |##|##|  |##|##|  ", "-": "    |    |    |####|    |    |    ",
        "+": "     |  #  |  #  |#####|  #  |  #  |     ", "/": "    #|    #|   # |  #  | #   |#    |#    ",
        "%": "##  #|##  #|   # |  #  | #   |#  ##|#  ##", "<": "   #|  # | #  |#   | #  |  # |   #",
        ">": "#   | #  |  # |   #|  # | #  |#   ", "!": "##|##|##|##|  |##|##",
        "?": " ### |#   #|    #|  ## |  #  |     |  #  ",
        "'": "#|#|#| | | | ", "_": "     |     |     |     |     |     |#####",
        "=": "     |     |#####|     |#####|     |     ",
        "(": "  #| # |#  |#  |#  | # |  #", ")": "#  | # |  #|  #|  #| # |#  ",
        "…": "     |     |     |     |     |# # #|# # #",
    ]
}
