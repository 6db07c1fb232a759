public import MeshModel

extension SettingsNode {
    /// The `links` of gameday.yaml: a URL for each tool, with gaps for what is looked at.
    public func links() -> [MeshLink] {
        mapping(of: "links").sorted { $0.key < $1.key }.compactMap { name, node in
            guard let url = node.text("the URL of '\(Self.short(name, to: 40))'") else { return nil }
            if let link = MeshLink(name: name, url: url) { return link }
            let name = Self.short(name, to: 40)
            if !URLCredentials.all(in: url).isEmpty {
                node.mistake("the URL of '\(name)' contains credentials", "Remove them; the browser signs in.")
            } else if Self.url(url) == nil {
                node.mistake("invalid URL for '\(name)'", "Use a URL such as http://localhost:16686.")
            } else {
                let gaps = MeshLink.gaps.map { "{\($0)}" }.joined(separator: ", ")
                node.mistake(
                    "'\(name)' is no known tool, and its URL has no placeholder",
                    "Use one of \(gaps), or a known tool: \(MeshLink.knownTools.joined(separator: ", ")).")
            }
            return nil
        }
    }
}
