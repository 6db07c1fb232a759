import Foundation
import Testing

@testable import CursesTerminal

/// What goes to the terminal's clipboard.
struct Base64Tests {
    @Test func `bytes are written as everybody writes them`() {
        for length in 0..<40 {
            let bytes = (0..<length).map { UInt8(truncatingIfNeeded: $0 * 37 + length) }
            #expect(Base64.text(of: bytes) == Data(bytes).base64EncodedString())
        }
    }
}
