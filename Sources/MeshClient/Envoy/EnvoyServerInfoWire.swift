internal import MeshModel

/// Reads who an Envoy is from `GET /server_info`, as Envoy 1.40 writes it.
enum EnvoyServerInfoWire {
    static func node(_ bytes: [UInt8]) throws(WireError) -> EnvoyOutline.Node {
        do { return EnvoyOutline.Node(serverInfo: try JSON(parsing: bytes)) } catch {
            throw WireError(page: "/server_info", path: "", found: error.message)
        }
    }
}
