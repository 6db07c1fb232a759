import CNCurses

/// The program's one hold on its signals, with what gives the terminal back when the program crashes or exits.
struct Guard: ~Copyable {
    /// Takes the signals; each rings the bell.
    init(bell: Int32) throws(TerminalError) {
        guard gameday_guard(bell) == 0 else { throw .alreadyOpen }
    }

    /// Keeps what undoes all that was told to the terminal.
    func keep(wayBack: [UInt8], to device: borrowing TerminalDevice) {
        wayBack.withUnsafeBytes { bytes in
            var back = gameday_way_back(
                tty: device.descriptor, bytes: bytes.bindMemory(to: CChar.self).baseAddress, length: bytes.count,
                modes: device.modes)
            gameday_keep_way_back(&back)
        }
    }

    /// The events since the last call.
    func takeEvents() -> UInt32 { gameday_take_events() }

    deinit { gameday_unguard() }
}
