/// Where a control plane listens, beside the path of its Unix socket.
public enum ControlPlaneSocket {
    public static let haltSuffix = ".halt"

    /// The halt's own socket: only what ends everything is heard there, and nothing else can stand in its way.
    public static func halt(of path: String) -> String { path + haltSuffix }
}
