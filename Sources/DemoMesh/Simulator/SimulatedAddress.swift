/// Where the proxies of a simulated mesh are reached. Real proxies have an address each, and clients are built for that:
/// libcurl looks for a free connection among all that go to the same place. So no more than a few share one here, of those
/// that every Linux has on its loopback device.
public enum SimulatedAddress {
    private static let most = 64

    /// The address of the proxy with this place in the mesh, like `127.0.0.1`.
    public static func host(of place: Int) -> String { text(of: place / most) }

    /// The addresses of a mesh of so many proxies.
    static func all(for count: Int) -> [String] { (0...max(0, count - 1) / most).map(text) }

    private static func text(of number: Int) -> String { "127.0.\(number / 250).\(1 + number % 250)" }
}
